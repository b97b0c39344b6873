//! Dialects with a host name or a path to themselves.

use reqwest::StatusCode;
use reqwest::header::HOST;
use tests::{Engine, Server, Value, json, on_both};

on_both!(a_dialect_has_a_place_to_itself);

const SETTING: (&str, &str) =
    ("CONFAB_DIALECTS", "flowchat@chat.example.org,minichat@/mini/chat,dialogs@/old,events");

/// What a request without a token gets there, sent to that host.
async fn asked(server: &Server, host: Option<&str>, path: &str) -> (StatusCode, Value) {
    let mut request = reqwest::Client::new().get(server.url(path));
    if let Some(host) = host {
        request = request.header(HOST, host);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.unwrap_or_default())
}

async fn is_there(server: &Server, host: Option<&str>, path: &str) -> bool {
    let (status, body) = asked(server, host, path).await;
    assert!(status == 401 || status == 404, "{path}: {status} {body}");
    assert_eq!(status == 404, body["code"] == "no_such_path", "{path}: {body}");
    status == 401
}

async fn a_dialect_has_a_place_to_itself(engine: Engine) {
    let server = Server::start_with(engine, &[SETTING]).await;
    let chat = Some("chat.example.org");
    for (host, path, there) in [
        (chat, "/api/users/me/", true),
        (Some("Chat.example.org:8080"), "/api/chats/", true),
        (None, "/api/users/me/", false),
        (Some("other.example.org"), "/api/users/me/", false),
        (None, "/mini/chat/api/auth/me/", true),
        (chat, "/mini/chat/api/auth/me/", true),
        (None, "/api/auth/me/", false),
        (None, "/old/api/v1/profile/1", true),
        (None, "/chats/directs/", true),
        (chat, "/chats/directs/", false),
        // Nobody named this one.
        (None, "/api/chat/", false),
    ] {
        assert_eq!(is_there(&server, host, path).await, there, "{host:?} {path}");
    }
    accounts_are_made_where_the_dialect_is(&server).await;
}

/// Two dialects make accounts at one address, if both are there.
async fn accounts_are_made_where_the_dialect_is(server: &Server) {
    let dialogs = json!({"username": "ada", "password": "Correct-horse-77"});
    for (path, status) in [("/old/auth/users/", 201), ("/auth/users/", 400)] {
        let made = reqwest::Client::new().post(server.url(path)).json(&dialogs).send().await;
        assert_eq!(made.expect("an answer").status(), status, "{path}");
    }
}
