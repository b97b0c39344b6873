//! Bodies without an end, which take neither memory nor a connection for long, whoever sends them.

use futures_util::{StreamExt, stream};
use std::fs;
use tests::{BodyOutcome, EndlessBody, Engine, Person, Server, Value, on_both, within};

on_both!(forms_of_parts_without_content, other_parts, other_bodies, forms_that_end);

/// How much memory all of it may cost: the buffers of the connections that there are at once.
const FLAT: u64 = 40 << 20;
/// What may be on its way when the answer comes: the system's buffers on both sides are most of it.
const TAKEN: usize = 16 << 20;
/// Requests at once.
const AT_ONCE: usize = 8;

/// How a body begins, and what follows again and again, by how often it did.
type Body<'a> = (&'a [u8], fn(usize) -> Vec<u8>);

const FORM: &str = "multipart/form-data; boundary=b";
const JSON: &str = "application/json";
const FIELDS: &str = "application/x-www-form-urlencoded";

struct Scene {
    server: Server,
    ada: Person,
    /// The token of a session that may end.
    leaving: String,
    before: u64,
}

impl Scene {
    /// Somebody with a chat, each the first of its kind.
    async fn set(engine: Engine) -> Self {
        let server = Server::start(engine).await;
        let ada = Person::register(&server, "Ada").await;
        let chat = ada.direct(&ada).await;
        assert_eq!((ada.id, chat), (1, 1), "the addresses name them");
        let leaving = ada.sign_in_again().await.access;
        let before = server.own_memory();
        Self { server, ada, leaving, before }
    }

    /// Sends each as nobody and as somebody, with that body: the statuses of the answers.
    async fn send(
        &self,
        what: &str,
        requests: &[EndlessBody],
        (first, again): Body<'_>,
    ) -> Vec<u16> {
        let each = requests.iter().flat_map(|request| {
            let token = if ends(request) { &self.leaving } else { &self.ada.access };
            [None, Some(token.clone())].map(|token| EndlessBody { token, ..request.clone() })
        });
        let sent = stream::iter(each).map(|request| async move {
            let BodyOutcome { status, taken } =
                request.send(self.server.address(), first, again).await;
            assert!(taken < TAKEN, "{what}, {request:?}: {status:?} after {taken}");
            let status = status.unwrap_or_else(|| panic!("{what}, {request:?}: no answer"));
            let is_known = request.token.is_some() && !ends(&request) && !asks_for_more(&request);
            assert!(!is_known || status != 401, "{what}, {request:?}");
            status
        });
        let statuses = sent.buffer_unordered(AT_ONCE).collect().await;
        let grown = self.server.own_memory().saturating_sub(self.before);
        assert!(grown < FLAT, "{what}: {} MiB more", grown >> 20);
        statuses
    }

    /// The same, and none of them is served. Who may not do it at all is told that.
    async fn refused(&self, what: &str, requests: &[EndlessBody], body: Body<'_>) {
        for status in self.send(what, requests, body).await {
            assert!([400, 401, 403, 404, 405, 408, 413].contains(&status), "{what}: {status}");
        }
    }
}

/// Whether a request ends its session.
fn ends(request: &EndlessBody) -> bool {
    request.path.ends_with("logout")
}

/// Whether a request is refused with 401 whoever sends it, since it says nothing that signs anybody in.
fn asks_for_more(request: &EndlessBody) -> bool {
    request.path.ends_with("login") || request.path.contains("/activate/")
}

fn request(method: &str, path: &str, kind: &'static str) -> EndlessBody {
    EndlessBody { method: method.to_owned(), path: path.to_owned(), kind, token: None }
}

/// Everything that takes a form: what the pages of dialects list, and uploads.
fn forms() -> Vec<EndlessBody> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/dialects");
    let pages = fs::read_dir(folder).expect("the pages").flatten();
    let texts = pages.map(|page| fs::read_to_string(page.path()).expect("a page"));
    let mut found = Vec::new();
    for text in texts {
        let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        for (method, path) in cells.filter_map(|cell| cell.split_once(" /")) {
            if ["POST", "PUT", "PATCH"].contains(&method) {
                found.push(request(method, &format!("/{}", path.replace("{id}", "1")), FORM));
            }
        }
    }
    assert!(found.len() > 15, "{found:?}");
    found.push(request("POST", "/api/v1/attachments", FORM));
    found.push(request("PUT", "/api/v1/users/me/avatar", FORM));
    found
}

fn part(name: &str) -> Vec<u8> {
    let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\r\n");
    head.into_bytes()
}

async fn forms_of_parts_without_content(engine: Engine) {
    let scene = Scene::set(engine).await;
    let forms = forms();
    // Some of these read no body, and are done before it has come.
    let are_refused = |statuses: Vec<u16>| {
        let many = statuses.iter().filter(|status| **status == 413).count();
        assert!(many > 20, "{statuses:?}");
    };
    let short = |turn| part(&format!("{turn:06}"));
    are_refused(scene.send("short names", &forms, (b"", short)).await);
    let long = |turn| part(&format!("{turn:0>30000}"));
    are_refused(scene.send("long names", &forms, (b"", long)).await);
}

async fn other_parts(engine: Engine) {
    let scene = Scene::set(engine).await;
    let some = [
        request("POST", "/api/login", FORM),
        request("PUT", "/api/auth/profile", FORM),
        request("POST", "/api/v1/attachments", FORM),
    ];
    scene.refused("lines before all parts", &some, (b"", |_| b"x\r\n".to_vec())).await;
    scene.refused("a line before all parts", &some, (b"", |_| b"x".to_vec())).await;
    let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n";
    let header = |turn| format!("x-{turn}: y\r\n").into_bytes();
    scene.refused("headers of a part", &some, (head, header)).await;
    scene.refused("a header of a part", &some, (head, |_| b"x".to_vec())).await;
    let texts = &some[..2];
    let text = part("username");
    let text = &text[..text.len() - 2];
    scene.refused("a text", texts, (text, |_| b"x".to_vec())).await;
    let avatar = String::from_utf8_lossy(head).replace("file\"", "avatar\"") + "\r\nx\r\n";
    let after = |turn| part(&format!("{turn}"));
    scene.refused("parts after a picture", texts, (avatar.as_bytes(), after)).await;

    // These are whole requests that something follows.
    let file = [&head[..], b"\r\nx\r\n"].concat();
    scene.send("parts after a file", &some[2..], (&file, after)).await;
    scene.send("what follows a form", &some, (b"--b--\r\n", |_| b"x\r\n".to_vec())).await;
}

async fn other_bodies(engine: Engine) {
    let scene = Scene::set(engine).await;
    let json = [
        request("POST", "/api/v1/auth/login", JSON),
        request("POST", "/api/v1/chats/1/messages", JSON),
        request("POST", "/api/login", JSON),
        request("POST", "/api/v1/nowhere", JSON),
        request("POST", "/", JSON),
        request("GET", "/api/v1/nowhere", JSON),
    ];
    scene.refused("JSON", &json, (b"", |_| b"          ".to_vec())).await;
    scene
        .refused("fields", &[request("POST", "/api/login", FIELDS)], (b"", |_| b"a=&".to_vec()))
        .await;
    let read = [request("GET", "/healthz", JSON), request("GET", "/api/v1/users/me", JSON)];
    scene.send("a body where none is taken", &read, (b"", |_| b"x".to_vec())).await;
}

async fn forms_that_end(engine: Engine) {
    let scene = Scene::set(engine).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let post = async |parts: usize, kind: &str, body: Vec<u8>| {
        let request = client.post(scene.server.url("/api/login"));
        let request = request.header("content-type", kind).body(body);
        let answer = within("an answer", request.send()).await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_else(|_| panic!("{parts} parts: {status}")))
    };
    let text = |name: &str, text: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let known = text("username", "Ada") + &text("password", tests::PASSWORD);
    let with = |parts: usize| {
        let more: String = (0..parts - 2).map(|turn| text(&format!("{turn}"), "")).collect();
        format!("{known}{more}--b--\r\n").into_bytes()
    };
    let (status, body) = post(64, FORM, with(64)).await;
    assert!(status == 200 && body["token"].is_string(), "{status} {body}");
    let (status, body) = post(65, FORM, with(65)).await;
    assert_eq!((status, body["detail"].as_str()), (413, Some("A form has 64 parts at most.")));

    let known = format!("username=Ada&password={}", tests::PASSWORD);
    let with = |fields: usize| (known.clone() + &"&a=".repeat(fields - 2)).into_bytes();
    let (status, body) = post(64, FIELDS, with(64)).await;
    assert!(status == 200 && body["token"].is_string(), "{status} {body}");
    let (status, body) = post(65, FIELDS, with(65)).await;
    assert_eq!((status, body["detail"].as_str()), (413, Some("A form has 64 fields at most.")));
}
