//! SIGTERM: sockets are told to come back, what was begun is finished, and the process is gone.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};
use tests::{Engine, Person, Server, Writer, on_both};
use tokio::sync::watch;

on_both!(sockets_are_told_and_nothing_is_lost, a_socket_that_does_not_read_holds_nothing_up);

/// How long stopping may take.
const OUT: Duration = Duration::from_secs(10);

async fn sockets_are_told_and_nothing_is_lost(engine: Engine) {
    let mut server = Server::start(engine).await;
    let mut reader = Person::register(&server, "Reader").await;
    let (_stop, stopped) = watch::channel(false);
    let authors = Person::several(&server, ["One", "Two", "Three", "Four"]).await;
    let chat = reader.group("Chat", &authors.iter().collect::<Vec<_>>()).await;
    let writers = authors.into_iter().map(|author| Writer::new(author, chat));
    let writing = Writer::at_once(writers, server.address(), &stopped);
    let mut idle = reader.sign_in_again().await.socket().await;
    server
        .until("some messages", async |_| reader.chat(chat).await["last_seq"].as_i64() > Some(50))
        .await;
    let began = Instant::now();
    server.terminate();
    let closed = tokio::spawn(async move { idle.closed().await });
    let status = server.exit().await;
    assert!(began.elapsed() < OUT, "out after {:?}", began.elapsed());
    assert_eq!((status.code(), status.signal()), (Some(0), None));
    assert_eq!(closed.await.expect("it was read"), 4000, "resume, with jitter");
    let mut writers = writing.join_all().await;

    server.restart().await;
    reader.moved_to(&server).await;
    let (stop, stopped) = watch::channel(false);
    stop.send_replace(true);
    for writer in &mut writers {
        writer.write(server.address(), stopped.clone()).await;
    }
    let history = reader.history(chat).await;
    let acknowledged: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
    assert_eq!(history.len(), acknowledged, "nothing lost and nothing twice");
    for one in writers.iter().flat_map(|writer| &writer.acknowledged) {
        one.assert_in(&history);
    }
}

async fn a_socket_that_does_not_read_holds_nothing_up(engine: Engine) {
    let mut server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let _deaf = tests::RawSocket::open(server.address(), Some(&grace.access)).await;
    let _unsigned = tests::RawSocket::open(server.address(), None).await;
    let mut socket = ada.socket().await;
    for _ in 0..100 {
        socket.send(chat, &"x".repeat(8_000)).await;
    }
    let began = Instant::now();
    server.terminate();
    let status = server.exit().await;
    assert!(began.elapsed() < OUT, "out after {:?}", began.elapsed());
    assert_eq!(status.code(), Some(0));
    assert_eq!(socket.closed().await, 4000);
}
