//! Who gets a socket, and when it is taken away.

use std::time::{Duration, Instant};
use tests::{Engine, NoSocket, PASSWORD, Person, Server, Socket, Value, json, on_both};

on_both!(
    a_token_opens_a_socket_in_three_ways,
    a_wrong_token_opens_none,
    a_ticket_works_once,
    other_pages_are_kept_out,
    nothing_is_served_before_signing_in,
    a_binary_frame_closes,
    a_session_that_ends_closes_its_sockets,
    a_disabled_account_loses_its_sockets,
);

async fn refused(opened: Result<Socket, NoSocket>) -> (u16, Value) {
    match opened {
        Err(NoSocket::Refused(status, body)) => (status, body["code"].clone()),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a socket was opened"),
    }
}

async fn ticket(person: &Person) -> String {
    let issued = person.post("/ws-tickets", &Value::Null).await;
    assert!(matches!(issued.status, 200 | 201), "{}", issued.body);
    issued.body["ticket"].as_str().expect("a ticket").to_owned()
}

async fn a_token_opens_a_socket_in_three_ways(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let at = server.address();
    let mut by_header = Socket::open(at, &ada.access).await.expect("a socket");
    let mut by_frame = Socket::open_with(at, "", &[]).await.expect("a socket");
    by_frame.text(&json!({"type": "auth", "token": ada.access}).to_string()).await;
    let query = format!("?ticket={}", ticket(&ada).await);
    let mut by_ticket = Socket::open_with(at, &query, &[]).await.expect("a socket");
    for socket in [&mut by_header, &mut by_frame, &mut by_ticket] {
        let ready = socket.ready().await;
        assert_eq!(
            (&ready["user_id"], &ready["session_id"]),
            (&json!(ada.id), &json!(ada.session))
        );
        socket.ask(json!({"type": "ping"})).await;
    }
}

async fn a_wrong_token_opens_none(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let at = server.address();
    let out = ada.elsewhere().await;
    out.post("/auth/logout", &Value::Null).await.expect(204);
    for wrong in ["nonsense", &ada.refresh, &out.access] {
        let (status, code) = refused(Socket::open(at, wrong).await).await;
        assert_eq!((status, code), (401, json!("token_invalid")), "{wrong}");
        let mut by_frame = Socket::open_with(at, "", &[]).await.expect("a socket");
        by_frame.text(&json!({"type": "auth", "token": wrong}).to_string()).await;
        assert_eq!(by_frame.closed().await, 4501, "{wrong}");
    }
}

async fn a_ticket_works_once(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let at = server.address();
    let query = format!("?ticket={}", ticket(&ada).await);
    // Of several at once, one gets in.
    let rivals = (0..6).map(|_| Socket::open_with(at, &query, &[]));
    let opened = futures_util::future::join_all(rivals).await;
    assert_eq!(opened.iter().filter(|one| one.is_ok()).count(), 1);
    for query in [query.as_str(), "?ticket=", "?ticket=nonsense"] {
        let (status, code) = refused(Socket::open_with(at, query, &[]).await).await;
        assert_eq!((status, code), (401, json!("ticket_invalid")), "{query}");
    }
    // It ends with its session.
    let phone = ada.elsewhere().await;
    let query = format!("?ticket={}", ticket(&phone).await);
    phone.post("/auth/logout", &Value::Null).await.expect(204);
    assert_eq!(refused(Socket::open_with(at, &query, &[]).await).await.0, 401);
}

async fn other_pages_are_kept_out(engine: Engine) {
    let allowed = "https://chat.example.org";
    let server = Server::start_with(engine, &[("CONFAB_ALLOWED_ORIGINS", allowed)]).await;
    let ada = Person::register(&server, "Ada").await;
    let at = server.address();
    let bearer = format!("Bearer {}", ada.access);
    let own = format!("http://{at}");
    for origin in [own.as_str(), allowed] {
        let headers = [("authorization", bearer.as_str()), ("origin", origin)];
        Socket::open_with(at, "", &headers).await.expect("a socket").ready().await;
    }
    for origin in ["https://evil.example", "null", "https://chat.example.org.evil.example"] {
        let headers = [("authorization", bearer.as_str()), ("origin", origin)];
        let (status, _) = refused(Socket::open_with(at, "", &headers).await).await;
        assert_eq!(status, 403, "{origin}");
        let unsigned = Socket::open_with(at, "", &[("origin", origin)]).await;
        assert_eq!(refused(unsigned).await.0, 403, "{origin}");
    }
}

async fn nothing_is_served_before_signing_in(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let at = server.address();
    let mut silent = Socket::open_with(at, "", &[]).await.expect("a socket");
    let opened = Instant::now();
    let mut early = Socket::open_with(at, "", &[]).await.expect("a socket");
    early.submit(json!({"type": "send", "chat": chat, "text": "x"})).await;
    let code = early.closed().await;
    assert!(matches!(code, 4500 | 4501), "{code}");
    let mut big = Socket::open_with(at, "", &[]).await.expect("a socket");
    big.text(&json!({"type": "auth", "token": "x".repeat(5_000)}).to_string()).await;
    assert_eq!(big.closed().await, 1009);
    assert_eq!(silent.closed().await, 4500);
    assert!(opened.elapsed() >= Duration::from_secs(9), "10 seconds are given to sign in");
    assert!(ada.history(chat).await.is_empty());
}

async fn a_binary_frame_closes(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let mut socket = ada.socket().await;
    socket.binary(b"{\"id\": \"1\", \"type\": \"ping\"}").await;
    assert_eq!(socket.closed().await, 1003);
    let mut socket = ada.socket().await;
    socket.text(&"x".repeat(129 * 1024)).await;
    assert_eq!(socket.closed().await, 1009);
}

/// A socket must be closed with 4502 within a second of what ends its session.
async fn loses(socket: &mut Socket, ended: Instant, why: &str) {
    assert_eq!(socket.closed().await, 4502, "{why}");
    let took = ended.elapsed();
    assert!(took < Duration::from_secs(1), "{why}: {took:?}");
}

async fn a_session_that_ends_closes_its_sockets(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let mut kept = ada.socket().await;

    let phone = ada.elsewhere().await;
    let mut sockets = [phone.socket().await, phone.socket().await];
    phone.post("/auth/logout", &Value::Null).await.expect(204);
    let ended = Instant::now();
    for socket in &mut sockets {
        loses(socket, ended, "logging out").await;
    }
    let phone = ada.elsewhere().await;
    let mut socket = phone.socket().await;
    ada.delete(&format!("/auth/sessions/{}", phone.session)).await.expect(204);
    loses(&mut socket, Instant::now(), "ended from another device").await;

    let phone = ada.elsewhere().await;
    let mut socket = phone.socket().await;
    let change = json!({"old_password": PASSWORD, "new_password": "cloud-bridge-violin-7"});
    ada.put("/auth/password", &change).await.expect(204);
    loses(&mut socket, Instant::now(), "the password changed").await;
    kept.ask(json!({"type": "ping"})).await;
}

async fn a_disabled_account_loses_its_sockets(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let mut socket = ada.socket().await;
    let mut other = grace.socket().await;
    // By another process, which can only say so through the database.
    let done = server.run(&["user", "disable", "ADA"], "").await;
    let ended = Instant::now();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    loses(&mut socket, ended, "disabled on the command line").await;
    ada.get("/users/me").await.refused(401, "token_invalid");
    other.ask(json!({"type": "ping"})).await;

    let enabled = server.run(&["user", "enable", "Ada"], "").await;
    assert!(enabled.status.success(), "{}", String::from_utf8_lossy(&enabled.stderr));
    let ada = ada.elsewhere().await;
    let mut socket = ada.socket().await;
    let set =
        server.run(&["user", "set-password", "Ada", "--password-stdin"], "violet-anchor-3").await;
    let ended = Instant::now();
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    loses(&mut socket, ended, "the password set on the command line").await;
}
