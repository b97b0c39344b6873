//! A server that has more to do than it can, or no room to do it in.

use tests::{Engine, PASSWORD, Person, Server, json, on_both};
use tokio::task::JoinSet;

on_both!(a_crowd_that_signs_in_holds_up_no_message);

/// More than are queued at once, so that the last ones are refused.
const CROWD: usize = 400;
const MESSAGES: usize = 50;

/// At the cost that passwords are hashed with in earnest, on one thread: the crowd takes minutes.
async fn a_crowd_that_signs_in_holds_up_no_message(engine: Engine) {
    let settings = [("CONFAB_BCRYPT_COST", "12"), ("CONFAB_BCRYPT_THREADS", "1")];
    let server = Server::start_with(engine, &settings).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let (mut here, mut there) = (ada.socket().await, grace.socket().await);
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let api = ada.api.clone();
        crowd.spawn(async move {
            let body = json!({"username": "Ada", "password": PASSWORD});
            api.post("/auth/login", &body).await
        });
    }
    // Once one finds the queue full, all the places before it are taken.
    let full = loop {
        let answer = crowd.join_next().await.expect("one of the crowd").expect("an answer");
        if answer.status != 200 {
            break answer;
        }
    };
    assert!(full.headers.contains_key("retry-after"));
    full.refused(503, "busy");
    for n in 0..MESSAGES {
        let text = format!("message {n}");
        here.send(chat, &text).await;
        there.push(&text, |push| push["data"]["text"] == text.as_str()).await;
        ada.get(&format!("/chats/{chat}")).await.expect(200);
    }
    let mut answered = 0;
    while let Some(answer) = crowd.try_join_next() {
        let answer = answer.expect("an answer");
        assert!(matches!(answer.status, 200 | 503), "{}", answer.body);
        answered += 1;
    }
    assert!(!crowd.is_empty(), "all were signed in before {MESSAGES} messages, {answered} of them");
}

/// On SQLite, whose files are the server's. No file may grow any more, which a write finds out in
/// the same way as when the disk is full.
#[tokio::test]
async fn a_full_disk_is_an_error_and_heals() {
    let mut server = Server::start_with(Engine::Sqlite, &[("CONFAB_LOG", "off")]).await;
    let mut ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let mut socket = ada.socket().await;
    for n in 0..5 {
        socket.send(chat, &format!("before {n}")).await;
    }
    let log = std::fs::metadata(server.data_folder().join("confab.db-wal")).expect("SQLite's log");
    server.limit_files(Some(log.len()));
    // Whatever is answered, an acknowledged message is there, and one that was refused is not.
    let mut acknowledged = 5;
    let mut refused = Vec::new();
    for n in 0..10 {
        let body = json!({"text": format!("full {n}"), "client_id": format!("full-{n}")});
        let answer = ada.post(&path, &body).await;
        if answer.status == 201 {
            acknowledged += 1;
            continue;
        }
        answer.refused(503, "unavailable");
        refused.push(body);
    }
    assert!(refused.len() >= 5, "{} were refused", refused.len());
    let request = json!({"type": "send", "chat": chat, "text": "x", "client_id": "by-socket"});
    socket.refused(request.clone(), "unavailable").await;
    assert_eq!(ada.history(chat).await.len(), acknowledged, "what is there can be read");
    ada.get("/users/me").await.expect(200);
    // There is room again: the same requests are done now, once.
    server.limit_files(None);
    for body in &refused {
        ada.post(&path, body).await.expect(201);
    }
    socket.ask(request).await;
    let after = ada.history(chat).await;
    assert_eq!(after.len(), 16);
    // And what was acknowledged is on the disk.
    server.kill().await;
    server.restart().await;
    ada.moved_to(&server).await;
    assert_eq!(ada.history(chat).await, after);
    let seqs: Vec<_> = after.iter().filter_map(|message| message["seq"].as_i64()).collect();
    assert_eq!(seqs, (1..=16).collect::<Vec<_>>(), "without holes");
}
