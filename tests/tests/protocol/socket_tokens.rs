//! How long a socket's token is good, and how a client goes on with another.

use tests::{Engine, Person, Server, Socket, Value, json, on_both};

on_both!(
    a_client_is_told_before_its_token_ends,
    an_open_socket_takes_a_new_token,
    a_socket_ends_with_the_session_of_its_last_token,
    what_is_no_token_of_its_owner_changes_nothing,
);

const LIFE: &str = "CONFAB_ACCESS_TOKEN_LIFE";

async fn renewed(person: &Person) -> Person {
    let refresh = json!({"refresh_token": person.refresh});
    let answer = person.post("/auth/refresh", &refresh).await.expect(200);
    Person::signed_in(person.api.clone(), &answer)
}

fn auth(person: &Person) -> Value {
    json!({"type": "auth", "token": person.access})
}

fn seconds(of: &Value) -> u64 {
    assert!(of["expires_at"].is_string(), "{of}");
    of["expires_in"].as_u64().expect("seconds")
}

async fn a_client_is_told_before_its_token_ends(engine: Engine) {
    let server = Server::start_with(engine, &[(LIFE, "4")]).await;
    let ada = Person::register(&server, "Ada").await;
    let at = server.address();
    let by_header = ada.socket_and_ready().await;
    let mut by_frame = Socket::open_with(at, "", &[]).await.expect("a socket");
    by_frame.text(&auth(&ada).to_string()).await;
    let ready = by_frame.ready().await;
    let ticket = ada.post("/ws-tickets", &Value::Null).await.expect(201);
    let query = format!("?ticket={}", ticket["ticket"].as_str().expect("a ticket"));
    let mut by_ticket = Socket::open_with(at, &query, &[]).await.expect("a socket");
    let of_ticket = by_ticket.ready().await;
    for (mut socket, ready) in [by_header, (by_frame, ready), (by_ticket, of_ticket)] {
        assert!(seconds(&ready) <= 4, "{ready}");
        let told = socket.push_of("token_expires").await;
        assert!(seconds(&told["data"]) <= 2, "{told}");
        assert_eq!(told["data"]["expires_at"], ready["expires_at"]);
        assert_eq!(socket.closed().await, 4504);
        let again = socket.take_pushes();
        assert!(again.iter().all(|push| push["type"] != "token_expires"), "once: {again:?}");
    }
}

async fn an_open_socket_takes_a_new_token(engine: Engine) {
    let mut server = Server::start_with(engine, &[(LIFE, "600")]).await;
    let mut long = Person::register(&server, "Ada").await;
    server.set(LIFE, "4");
    server.restart().await;
    long.moved_to(&server).await;
    let short = renewed(&long).await;
    let (mut socket, mut other) = (short.socket().await, short.socket().await);
    let ok = socket.ask(auth(&long)).await;
    assert_eq!(ok["session_id"], long.session);
    assert!(seconds(&ok) > 500, "{ok}");
    assert_eq!(other.closed().await, 4504, "the end of the first token");
    let chat = long.direct(&long).await;
    socket.send(chat, "still here").await;
    socket.push_of("message.created").await;
    // As in the first frame of a socket, no id is needed.
    socket.text(&auth(&long).to_string()).await;
    assert!(seconds(&socket.answer_to_nothing().await["ok"]) > 500);
}

async fn a_socket_ends_with_the_session_of_its_last_token(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let other = ada.sign_in_again().await;
    let (mut moved, mut stays) = (ada.socket().await, ada.socket().await);
    assert_eq!(moved.ask(auth(&other)).await["session_id"], other.session);
    ada.post("/auth/logout", &Value::Null).await.expect(204);
    assert_eq!(stays.closed().await, 4502);
    moved.ask(json!({"type": "ping"})).await;
    other.post("/auth/logout", &Value::Null).await.expect(204);
    assert_eq!(moved.closed().await, 4502);
}

async fn what_is_no_token_of_its_owner_changes_nothing(engine: Engine) {
    let mut server = Server::start_with(engine, &[(LIFE, "1")]).await;
    let expired = Person::register(&server, "Ada").await;
    let until = "the token to expire";
    server.until(until, async |_| expired.get("/users/me").await.status == 401).await;
    server.set(LIFE, "600");
    server.restart().await;
    let mut ada = expired.clone();
    ada.moved_to(&server).await;
    let ada = renewed(&ada).await;
    let grace = Person::register(&server, "Grace").await;
    let (mut socket, ready) = ada.socket_and_ready().await;
    let gone = ada.sign_in_again().await;
    gone.post("/auth/logout", &Value::Null).await.expect(204);
    for (token, code) in [
        (grace.access.as_str(), "token_of_another"),
        (&expired.access, "token_expired"),
        (&gone.access, "token_invalid"),
        (&ada.refresh, "token_invalid"),
        ("", "token_invalid"),
    ] {
        socket.refused(json!({"type": "auth", "token": token}), code).await;
    }
    socket.refused(json!({"type": "auth"}), "invalid").await;
    socket.refused(json!({"type": "auth", "token": "x", "user": 1}), "invalid").await;
    // It belongs to the session that it was opened by, and has its end.
    assert_eq!(ready["session_id"], ada.session);
    grace.post("/auth/logout", &Value::Null).await.expect(204);
    socket.ask(json!({"type": "ping"})).await;
    assert_eq!(socket.ask(auth(&ada)).await["expires_at"], ready["expires_at"]);
}
