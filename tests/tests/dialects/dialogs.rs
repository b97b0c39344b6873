//! What `dialogs` does beside the conversations that were written down.

use std::time::{Duration, Instant};
use tests::{DialectSocket, Engine, JsonSocket, Person, Server, Value, json, on_both, within};

on_both!(
    deleted_messages_leave_their_places_to_others,
    whoever_is_disabled_signs_in_no_more,
    a_refresh_token_ends_with_its_session,
    who_has_not_signed_in_is_told_that_the_server_stops,
);

const CREATE: &str = "/token-auth/jwt/create/";
const REFRESH: &str = "/token-auth/jwt/refresh/";

/// A request with that header, unless it is empty.
async fn ask(
    server: &Server,
    (method, path): (&str, &str),
    authorization: &str,
    body: &Value,
) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut request = client.request(method.parse().expect("a method"), server.url(path));
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    if !body.is_null() {
        request = request.json(body);
    }
    let answer = within(path, request.send()).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

fn credentials(person: &Person) -> Value {
    json!({"username": person.name, "password": tests::PASSWORD})
}

async fn deleted_messages_leave_their_places_to_others(engine: Engine) {
    /// Of a chat in an answer.
    const MOST: i64 = 1_000;
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    for nth in 0..MOST + 5 {
        ada.send(chat, &nth.to_string()).await;
    }
    for _ in 0..5 {
        let sent = ada.send(chat, "gone").await;
        let path = format!("/chats/{chat}/messages/{}", sent["id"]);
        ada.delete(&path).await.expect(200);
    }
    let mut wire = DialectSocket::all(chat).remove(0).open(&server, &ada).await.expect("a socket");
    wire.send(r#"{"event": "dialog.get", "data": {}}"#).await;
    let dialogs = wire.next().await.expect("an answer");
    let shown = dialogs["data"][0]["messages"].as_array().expect("messages");
    let texts: Vec<_> = shown.iter().map(|shown| shown["text"].as_str().expect("a text")).collect();
    let wanted: Vec<_> = (5..MOST + 5).map(|nth| nth.to_string()).collect();
    assert_eq!(texts, wanted);
    assert_eq!(dialogs["data"][0]["last_message"]["text"], "1004");
}

async fn whoever_is_disabled_signs_in_no_more(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let root = Person::admin(&server, "Root").await;
    let (status, pair) = ask(&server, ("POST", CREATE), "", &credentials(&ada)).await;
    assert_eq!(status, 200, "{pair}");
    let token = format!("JWT {}", pair["access"].as_str().expect("a token"));
    let profile = format!("/api/v1/profile/{}", ada.id);
    assert_eq!(ask(&server, ("GET", &profile), &token, &Value::Null).await.0, 200);
    let path = format!("/admin/users/{}", ada.id);
    root.patch(&path, &json!({"is_active": false})).await.expect(200);
    let refused = ask(&server, ("GET", &profile), &token, &Value::Null).await;
    let wanted = json!({"detail": "User is inactive", "code": "user_inactive"});
    assert_eq!(refused, (401, wanted), "which starts a refresh");
    let (status, _) =
        ask(&server, ("POST", REFRESH), "", &json!({"refresh": pair["refresh"]})).await;
    assert_eq!(status, 401, "which signs out");
    let refused = ask(&server, ("POST", CREATE), "", &credentials(&ada)).await;
    let wanted = json!({"detail": "No active account found with the given credentials"});
    assert_eq!(refused, (401, wanted));
}

async fn a_refresh_token_ends_with_its_session(engine: Engine) {
    let mut server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let (_, pair) = ask(&server, ("POST", CREATE), "", &credentials(&ada)).await;
    let body = json!({"refresh": pair["refresh"]});
    server.restart().await;
    for _ in 0..3 {
        let (status, fresh) = ask(&server, ("POST", REFRESH), "", &body).await;
        assert_eq!(
            (status, fresh.as_object().map(serde_json::Map::len)),
            (200, Some(1)),
            "{fresh}"
        );
    }
    let token = format!("Bearer {}", pair["access"].as_str().expect("a token"));
    let sessions = ask(&server, ("GET", "/api/v1/auth/sessions"), &token, &Value::Null).await.1;
    let own = sessions["items"].as_array().expect("sessions");
    let own = own.iter().find(|session| session["current"] == true).expect("the one in use");
    let path = format!("/api/v1/auth/sessions/{}", own["id"]);
    assert_eq!(ask(&server, ("DELETE", &path), &token, &Value::Null).await.0, 204);
    let refused = ask(&server, ("POST", REFRESH), "", &body).await;
    let wanted = json!({"detail": "Token is invalid or expired", "code": "token_not_valid"});
    assert_eq!(refused, (401, wanted));
}

/// Such a socket stays open for long, so nothing else would end it.
async fn who_has_not_signed_in_is_told_that_the_server_stops(engine: Engine) {
    let mut server = Server::start(engine).await;
    let mut wire = JsonSocket::open(server.address(), "/ws/main", None).await.expect("a socket");
    wire.send("?").await;
    assert_eq!(wire.next().await.expect("an answer")["status"], "error");
    let began = Instant::now();
    server.terminate();
    assert_eq!(wire.next().await, Err(4000));
    assert_eq!(server.exit().await.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "out after {:?}", began.elapsed());
}
