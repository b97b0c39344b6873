//! What a socket may send: before somebody signed in, and of what says nothing.

use std::time::Duration;
use tests::{Engine, JsonSocket, Person, RawSocket, Server, json, on_both, within};

on_both!(
    some_may_try_to_sign_in_as_often_as_they_like,
    frames_do_not_put_off_the_end_of_who_does_not_sign_in,
    what_is_sent_before_signing_in_is_short,
    floods_of_frames_that_say_nothing_are_closed,
);

const MAIN: &str = "/ws/main";

/// One of the clients has a single connection for as long as its page is open.
async fn some_may_try_to_sign_in_as_often_as_they_like(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let authenticate =
        |token: &str| json!({"event": "authenticate", "data": {"access_token": token}}).to_string();
    let wrong = [&authenticate("nonsense"), "nonsense", r#"{"event": "dialog.get", "data": {}}"#];
    let mut wire = JsonSocket::open(server.address(), MAIN, None).await.expect("a socket");
    for nth in 0..30 {
        wire.send(wrong[nth % 3]).await;
        assert_eq!(wire.next().await.expect("a refusal")["status"], "error");
    }
    wire.send(&authenticate(&ada.access)).await;
    assert_eq!(wire.next().await.expect("an answer")["status"], "ok");
    for _ in 0..10 {
        wire.send(wrong[1]).await;
        assert_eq!(wire.next().await.expect("who is signed in may go on")["status"], "error");
    }
}

/// A client that sends something now and then would stay for ever if each frame gave it more time.
async fn frames_do_not_put_off_the_end_of_who_does_not_sign_in(engine: Engine) {
    let server = Server::start(engine).await;
    let mut socket = RawSocket::open_at(server.address(), "/api/v1/ws", None).await;
    let ping = RawSocket::masked(0x89, b"");
    let closed = within("the end of who does not sign in", async {
        loop {
            let _ = socket.write(&ping).await;
            match socket.frame().await.expect("a pong or the end") {
                (8, code) => return u16::from_be_bytes([code[0], code[1]]),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    });
    assert_eq!(closed.await, 4500);
}

async fn what_is_sent_before_signing_in_is_short(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for path in ["/api/v1/ws", MAIN] {
        let mut socket = RawSocket::open_at(server.address(), path, None).await;
        socket.write(&RawSocket::header(4 * 1024 + 1)).await.expect("the header is taken");
        assert_eq!(socket.closed().await, Some(1009), "{path}");
        // In pieces it is as long.
        let mut socket = RawSocket::open_at(server.address(), path, None).await;
        let pieces =
            [RawSocket::masked(0x01, &[b'x'; 3_000]), RawSocket::masked(0x00, &[b'x'; 3_000])];
        socket.write(&pieces.concat()).await.expect("the pieces are taken");
        assert_eq!(socket.closed().await, Some(1009), "{path}");
    }
    let mut wire = JsonSocket::open(server.address(), MAIN, None).await.expect("a socket");
    let hello = json!({"event": "authenticate", "data": {"access_token": ada.access}});
    wire.send(&hello.to_string()).await;
    assert_eq!(wire.next().await.expect("an answer")["status"], "ok");
    wire.send(&"x".repeat(100_000)).await;
    assert_eq!(wire.next().await.expect("who is signed in may send more")["status"], "error");
}

async fn floods_of_frames_that_say_nothing_are_closed(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let (ping, pong) = (RawSocket::masked(0x89, b"hi"), RawSocket::masked(0x8a, b""));
    let (begin, empty) = (RawSocket::masked(0x01, b"x"), RawSocket::masked(0x00, b""));
    // A second may begin in between, so these are far more than in two.
    for (what, flood) in [
        ("pings", ping.repeat(1_000)),
        ("pongs", pong.repeat(1_000)),
        ("empty parts", [begin, empty.repeat(1_000)].concat()),
    ] {
        for token in [Some(ada.access.as_str()), None] {
            let mut socket = RawSocket::open(server.address(), token).await;
            let _ = socket.write(&flood).await;
            assert_eq!(socket.closed().await, Some(1008), "{what}");
        }
    }
    let mut socket = RawSocket::open(server.address(), Some(&ada.access)).await;
    socket.write(&ping.repeat(100)).await.expect("they are taken");
    let mut pongs = 0;
    while pongs < 100 {
        let (kind, _) = within("a pong", socket.frame()).await.expect("a frame");
        assert_ne!(kind, 8, "a hundred are not too many");
        pongs += usize::from(kind == 10);
    }
}
