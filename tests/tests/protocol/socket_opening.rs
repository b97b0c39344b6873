//! Who gets a socket, and when it is taken away.

use std::time::{Duration, Instant};
use tests::{ConnectError, Engine, PASSWORD, Person, Server, Socket, Value, json, on_both};

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

async fn refused(opened: Result<Socket, ConnectError>) -> (u16, Value) {
    match opened {
        Err(ConnectError::Refused(status, body)) => (status, body["code"].clone()),
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
    let out = ada.sign_in_again().await;
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
    let phone = ada.sign_in_again().await;
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

/// What ends a session closes its sockets with 4502 within a second. A machine that is busy
/// elsewhere may be late once; a server that is late is so every time.
async fn loses(why: &str, attempt: impl AsyncFn() -> (Vec<Socket>, Instant)) {
    let mut took = Duration::MAX;
    for _ in 0..3 {
        let (mut sockets, ended) = attempt().await;
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, 4502, "{why}");
        }
        took = ended.elapsed();
        if took < Duration::from_secs(1) {
            return;
        }
    }
    panic!("{why}: {took:?}");
}

async fn a_session_that_ends_closes_its_sockets(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let mut kept = ada.socket().await;
    loses("logging out", async || {
        let phone = ada.sign_in_again().await;
        let sockets = vec![phone.socket().await, phone.socket().await];
        phone.post("/auth/logout", &Value::Null).await.expect(204);
        (sockets, Instant::now())
    })
    .await;
    loses("ended from another device", async || {
        let phone = ada.sign_in_again().await;
        let socket = phone.socket().await;
        ada.delete(&format!("/auth/sessions/{}", phone.session)).await.expect(204);
        (vec![socket], Instant::now())
    })
    .await;
    loses("the password changed", async || {
        let phone = ada.sign_in_again().await;
        let socket = phone.socket().await;
        // To another and back, so that the next attempt can sign in as this one did.
        for (old, new) in [(PASSWORD, ANOTHER), (ANOTHER, PASSWORD)] {
            let change = json!({"old_password": old, "new_password": new});
            ada.put("/auth/password", &change).await.expect(204);
        }
        (vec![socket], Instant::now())
    })
    .await;
    kept.ask(json!({"type": "ping"})).await;
}

const ANOTHER: &str = "cloud-bridge-violin-7";

/// By another process, which can only say so through the database.
async fn a_disabled_account_loses_its_sockets(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let mut other = grace.socket().await;
    let command = async |arguments: &[&str], input: &str| {
        let done = server.run(arguments, input).await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Instant::now()
    };
    loses("disabled on the command line", async || {
        let phone = ada.sign_in_again().await;
        let socket = phone.socket().await;
        let ended = command(&["user", "disable", "ADA"], "").await;
        phone.get("/users/me").await.refused(401, "token_invalid");
        command(&["user", "enable", "Ada"], "").await;
        (vec![socket], ended)
    })
    .await;
    loses("the password set on the command line", async || {
        let socket = ada.sign_in_again().await.socket().await;
        let set = ["user", "set-password", "Ada", "--password-stdin"];
        (vec![socket], command(&set, PASSWORD).await)
    })
    .await;
    other.ask(json!({"type": "ping"})).await;
}
