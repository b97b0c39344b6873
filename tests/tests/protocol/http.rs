//! What HTTP asks of every path alike: HEAD, older versions, headers for browsers.

use std::collections::BTreeMap;
use tests::{Answer, Engine, Method, Person, Server, Value, json, on_both, raw_http};

on_both!(
    head_is_get_without_a_body,
    http_1_0_is_answered_without_chunks,
    what_browsers_may_not_do_is_said,
    a_default_port_is_no_other_origin,
    forms_of_other_pages_change_nothing,
    only_pages_that_may_call_are_told_so,
);

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// The headers of an answer, but those that differ each time.
fn headers(answer: &reqwest::Response) -> BTreeMap<String, String> {
    let all = answer.headers().iter();
    let all = all.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    let changing = ["date", "x-request-id", "access-control-expose-headers"];
    all.filter(|(name, _)| !changing.contains(&name.as_str())).collect()
}

async fn head_is_get_without_a_body(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    assert_eq!((ada.id, chat), (1, 1), "the addresses name them");
    let operations = ada.api.openapi().operations();
    let of_api = operations.into_iter().filter(|(method, _)| *method == Method::GET);
    let mut paths: Vec<_> = of_api.map(|(_, path)| path).collect();
    assert!(paths.len() > 20, "{paths:?}");
    paths.extend(
        ["/", "/healthz", "/readyz", "/api/v1/openapi.json", "/api/docs/", "/confab.js"]
            .map(str::to_owned),
    );
    paths.extend(["/api/chats/", "/api/auth/me", "/api/chat/", "/nowhere"].map(str::to_owned));
    let client = client();
    for path in paths {
        let filled = path.split('/').map(|s| if s.starts_with('{') { "1" } else { s });
        let url = server.url(&filled.collect::<Vec<_>>().join("/"));
        let ask = async |method: Method| {
            let asked = client.request(method, &url).bearer_auth(&ada.access).send().await;
            asked.unwrap_or_else(|error| panic!("{path}: {error}"))
        };
        let (got, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!((got.status(), headers(&got)), (head.status(), headers(&head)), "{path}");
        assert_ne!(head.status(), 405, "{path}");
        let (got, head) = (got.bytes().await, head.bytes().await);
        assert!(head.expect("an end").is_empty() && !got.expect("a body").is_empty(), "{path}");
    }
    let refused = client.head(server.url("/api/v1/auth/login")).send().await.expect("an answer");
    assert_eq!(refused.status(), 405);
    let refused = client.put(server.url("/healthz")).send().await.expect("an answer");
    assert_eq!(
        refused.headers().get("allow").map(reqwest::header::HeaderValue::as_bytes),
        Some(&b"GET, HEAD"[..])
    );
    let refused = client.put(server.url("/api/chats")).send().await.expect("an answer");
    assert_eq!(
        refused.headers().get("allow").map(reqwest::header::HeaderValue::as_bytes),
        Some(&b"GET, HEAD, POST"[..])
    );
}

async fn http_1_0_is_answered_without_chunks(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for connection in ["", "Connection: keep-alive\r\n"] {
        let request = format!(
            "GET /api/v1/users/me/export HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             {connection}\r\n",
            ada.access
        );
        let answer = raw_http(server.address(), &request).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.0 200"), "{head}");
        assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
        assert!(!head.to_lowercase().contains("keep-alive"), "{head}");
        let lines: Vec<Value> = body
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
            .collect();
        assert_eq!(lines.last().expect("lines")["type"], "end");
    }
}

/// The headers of every answer, and of one with tokens in it.
async fn what_browsers_may_not_do_is_said(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_TRUSTED_PROXIES", "1")]).await;
    let ada = Person::register(&server, "Ada").await;
    let client = client();
    let text = |answer: &reqwest::Response, name: &str| {
        answer.headers().get(name).map(|value| value.to_str().expect("a text").to_owned())
    };
    for path in ["/", "/api/v1/users/me", "/api/v1/users/1/avatar", "/nowhere", "/api/auth/me"] {
        let answer = client.get(server.url(path)).bearer_auth(&ada.access).send().await;
        let answer = answer.expect("an answer");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(text(&answer, name).as_deref(), Some(value), "{path}");
        }
        let permissions = text(&answer, "permissions-policy").unwrap_or_default();
        assert!(permissions.contains("camera=()"), "{path}: {permissions}");
        assert_eq!(text(&answer, "strict-transport-security"), None, "{path}, in plain");
    }
    for (said, expected) in [("https", Some("max-age=31536000")), ("http", None)] {
        let answer = client.get(server.url("/")).header("x-forwarded-proto", said).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(text(&answer, "strict-transport-security").as_deref(), expected, "{said}");
    }
    let known = json!({"username": "Ada", "password": tests::PASSWORD});
    for path in ["/api/v1/auth/login", "/api/auth/login", "/api/login"] {
        let answer = client.post(server.url(path)).json(&known).send().await.expect("an answer");
        assert_eq!(
            (answer.status().as_u16(), text(&answer, "cache-control").as_deref()),
            (200, Some("no-store")),
            "{path}"
        );
    }
    for path in ["/api/v1/media-key", "/api/v1/users/me"] {
        let answer = client.get(server.url(path)).bearer_auth(&ada.access).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(text(&answer, "cache-control").as_deref(), Some("no-store"), "{path}");
    }
    let avatar = client.get(server.url("/api/v1/users/1/avatar")).send().await.expect("an answer");
    assert_eq!(text(&avatar, "cache-control").as_deref(), Some("public, max-age=300"));
}

async fn a_default_port_is_no_other_origin(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let open = async |path: &str, host: &str, origin: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {}\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            ada.access
        );
        // A frame that is none ends a socket that was opened.
        let answer = raw_http(server.address(), &(request + "\u{3}\u{3}")).await;
        answer.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok())
    };
    for path in ["/api/v1/ws", "/ws/chats/"] {
        for (host, origin) in [
            ("chat.example.org:443", "https://chat.example.org"),
            ("chat.example.org:80", "http://chat.example.org"),
            ("chat.example.org", "https://chat.example.org"),
        ] {
            assert_eq!(open(path, host, origin).await, Some(101), "{path} {host} {origin}");
        }
        for (host, origin) in [
            ("127.0.0.1:8080", "https://chat.example.org"),
            ("chat.example.org:8443", "https://chat.example.org"),
            ("chat.example.org:80", "https://chat.example.org"),
        ] {
            assert_eq!(open(path, host, origin).await, Some(403), "{path} {host} {origin}");
        }
    }
    let log = server.log();
    let told = log.lines().find(|line| line.contains("another origin")).expect("a line");
    assert!(told.contains("https://chat.example.org") && told.contains("127.0.0.1:8080"), "{told}");
}

async fn forms_of_other_pages_change_nothing(engine: Engine) {
    let front = "https://front.example";
    let server = Server::start_with(engine, &[("CONFAB_ALLOWED_ORIGINS", front)]).await;
    let ada = Person::register(&server, "Ada").await;
    let own = server.url("");
    let client = client();
    let post = async |path: &str, headers: &[(&'static str, &str)], body: String| {
        let request = client.post(server.url(path));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = headers.iter().fold(request, |r, (name, value)| r.header(*name, *value));
        request.body(body).send().await.expect("an answer").status().as_u16()
    };
    let known = format!("username=Ada&password={}", tests::PASSWORD);
    for headers in [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
    ] {
        for path in ["/api/login", "/api/login/", "/api/auth/login"] {
            assert_eq!(post(path, headers, known.clone()).await, 403, "{path} {headers:?}");
        }
        let made = format!("username=eve&password={0}&password_confirm={0}", tests::PASSWORD);
        for path in ["/api/users", "/api/auth/register"] {
            assert_eq!(post(path, headers, made.clone()).await, 403, "{path} {headers:?}");
        }
    }
    let found: Answer = ada.get("/users?q=eve").await;
    assert_eq!(found.expect(200)["items"], json!([]));
    for headers in [
        &[][..],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
        &[("origin", front), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(post("/api/login", headers, known.clone()).await, 200, "{headers:?}");
    }
}

/// A browser asks before it sends what a page of another origin wants, and goes by the headers.
async fn only_pages_that_may_call_are_told_so(engine: Engine) {
    let front = "https://front.example";
    let server = Server::start_with(engine, &[("CONFAB_ALLOWED_ORIGINS", front)]).await;
    for path in ["/token-auth/jwt/create/", "/api/v1/auth/login"] {
        for (origin, wanted) in [(front, (200, Some(front))), ("https://evil.example", (204, None))]
        {
            let asked = client().request(Method::OPTIONS, server.url(path));
            let asked = asked.header("origin", origin);
            let asked = asked.header("access-control-request-method", "POST");
            let asked = asked.header("access-control-request-headers", "content-type");
            let answer = asked.send().await.expect("an answer");
            let told = answer.headers().get("access-control-allow-origin");
            let told = told.map(|value| value.to_str().expect("a text"));
            assert_eq!((answer.status().as_u16(), told), wanted, "{path} {origin}");
        }
    }
}
