//! Requests that no client should send, and what each is answered.

use std::collections::{BTreeMap, BTreeSet};
use tests::{Engine, Method, Person, Server, Value, json, on_both};

on_both!(
    a_body_that_is_no_json_is_refused,
    a_field_of_the_wrong_type_is_named,
    an_id_that_is_none_is_refused,
    a_path_that_is_no_text_is_refused,
    a_body_that_is_too_big_is_refused,
    a_wrong_method_is_told_the_right_ones,
    nothing_of_a_refusal_shows_the_inside,
);

/// Posts bytes as they are.
async fn post(person: &Person, path: &str, kind: &str, body: Vec<u8>) -> tests::Answer {
    let request = person.api.request(Method::POST, path).bearer_auth(&person.access);
    person.api.answer_to(request.header("content-type", kind).body(body)).await
}

async fn a_body_that_is_no_json_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let json = "application/json";
    let deep = "[".repeat(100_000);
    for wrong in [
        &b"{"[..],
        b"{\"text\": \"x\"} x",
        b"\xff\xfe",
        b"{\"text\": \"\\ud800\"}",
        deep.as_bytes(),
    ] {
        let answer = post(&ada, &path, json, wrong.to_vec()).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        let code = answer.body["code"].clone();
        assert!(code == "malformed_json" || code == "invalid", "{code}");
    }
    post(&ada, &path, json, Vec::new()).await.refused(400, "body_missing");
    post(&ada, &path, "text/plain", b"{\"text\": \"x\"}".to_vec()).await.refused(415, "not_json");
    assert!(ada.history(chat).await.is_empty());
}

async fn a_field_of_the_wrong_type_is_named(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let cases = [
        (json!({"text": 1}), "text"),
        (json!({"text": null}), "text"),
        (json!({"text": "x", "reply_to": "1"}), "reply_to"),
        (json!({"text": "x", "reply_to": 1.5}), "reply_to"),
        (json!({"text": "x", "client_id": 7}), "client_id"),
        (json!({"text": "x", "colour": "red"}), "colour"),
    ];
    for (body, field) in cases {
        let refused = ada.post(&path, &body).await.refused(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{body}: {refused}");
    }
    for body in [json!({}), json!([]), json!(["x"]), json!("x"), json!(1)] {
        ada.post(&path, &body).await.refused(400, "invalid");
    }
    for id in [json!(0), json!(-1), json!(9_007_199_254_740_992_i64), json!(u64::MAX)] {
        let body = json!({"text": "x", "reply_to": id});
        let refused = ada.post(&path, &body).await.refused(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], "reply_to", "{body}");
    }
    assert!(ada.history(chat).await.is_empty());
}

async fn an_id_that_is_none_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for id in ["0", "-1", "+1", "x", "1.0", "%201", "9007199254740992", "99999999999999999999"] {
        for path in
            [format!("/chats/{id}"), format!("/users/{id}"), format!("/chats/{id}/messages")]
        {
            let answer = ada.get(&path).await;
            let code = answer.body["code"].clone();
            assert!(matches!(answer.status, 400 | 404), "{path}: {} {code}", answer.status);
            assert_ne!(code, Value::Null, "{path} is answered with a problem");
        }
    }
}

/// Read loosely, `%fe` and `%ff` would be the same text, and with it the same chat.
async fn a_path_that_is_no_text_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for (method, path) in [
        (Method::GET, "/chats/ext:%ff"),
        (Method::GET, "/chats/%ff/messages"),
        (Method::PUT, "/chats/ext:%fe"),
        (Method::PUT, "/rooms/%e9"),
    ] {
        let request = ada.api.request(method, path).bearer_auth(&ada.access);
        ada.api.answer_to(request).await.refused(400, "malformed_path");
    }
    ada.get("/chats/ext:%c3%a9").await.refused(404, "chat_not_found");
}

async fn a_body_that_is_too_big_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let body = json!({"text": "x".repeat(129 * 1024)}).to_string().into_bytes();
    post(&ada, &path, "application/json", body).await.refused(413, "body_too_large");
    // The longest message fits, even as escapes.
    let escaped = format!("{{\"text\": \"{}\"}}", "\\ud83d\\ude00".repeat(8_192));
    let sent = post(&ada, &path, "application/json", escaped.into_bytes()).await.expect(201);
    assert_eq!(sent["text"].as_str().map(|text| text.chars().count()), Some(8_192));
}

async fn a_wrong_method_is_told_the_right_ones(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut taken = BTreeMap::<_, BTreeSet<_>>::new();
    for (method, path) in ada.api.openapi().operations() {
        let filled = path.split('/').map(|s| if s.starts_with('{') { "1" } else { s });
        let filled = filled.collect::<Vec<_>>().join("/");
        taken.entry(filled).or_default().insert(method.to_string());
    }
    taken.insert("/healthz".to_owned(), BTreeSet::from(["GET".to_owned()]));
    for (path, methods) in taken {
        for wrong in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if methods.contains(wrong.as_str()) {
                continue;
            }
            let asked = http.request(wrong.clone(), server.url(&path)).send().await;
            let answer = asked.expect("an answer");
            if answer.status() != 405 {
                // Another operation, whose parameter this is: it needs a token, or a number.
                assert!([400, 401].contains(&answer.status().as_u16()), "{wrong} {path}");
                continue;
            }
            let allow = answer.headers().get("allow").and_then(|allow| allow.to_str().ok());
            let allow = allow.unwrap_or_else(|| panic!("{wrong} {path} says nothing"));
            let allow: BTreeSet<_> = allow.split(", ").map(str::to_owned).collect();
            assert!(allow.is_superset(&methods), "{path} takes {methods:?} and says {allow:?}");
            assert!(!allow.contains(wrong.as_str()), "{path} says {allow:?} and refuses {wrong}");
        }
    }
}

async fn nothing_of_a_refusal_shows_the_inside(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for path in
        ["/nowhere", "/api/v1/nowhere", "/api/v1/chats/1/nothing", "/api/v1/../../etc/passwd"]
    {
        let answer = http.get(server.url(path)).bearer_auth(&ada.access).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
    }
    let answer = http.delete(server.url("/api/v1/users/me/nothing")).send().await;
    assert!(matches!(answer.expect("an answer").status().as_u16(), 401 | 404 | 405));
    let wrong = http.put(server.url("/api/v1/auth/login")).send().await.expect("an answer");
    assert!(matches!(wrong.status().as_u16(), 404 | 405), "{}", wrong.status());

    let refused =
        ada.post("/chats", &json!({"title": 1})).await.refused(400, "invalid").to_string();
    for word in ["diesel", "actix", "sqlite", "postgres", "src/", "panicked"] {
        assert!(!refused.to_lowercase().contains(word), "{refused}");
    }
}
