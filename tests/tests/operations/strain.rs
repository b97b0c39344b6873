//! A server that has more to do than it can.

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
