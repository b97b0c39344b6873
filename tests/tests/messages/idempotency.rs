//! Sending twice sends once, however it comes to be sent twice.

use tests::{Engine, Person, Server, json, on_both};

on_both!(from_two_sockets_at_once, after_a_restart, over_both_ways_at_once);

async fn from_two_sockets_at_once(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let (mut one, mut two) = (ada.socket().await, ada.sign_in_again().await.socket().await);
    let mut listening = grace.socket().await;
    let rounds = 50;
    for round in 0..rounds {
        let request = json!({"type": "send", "chat": chat, "text": "once", "client_id": format!("c-{round}")});
        let asked = (one.submit(request.clone()).await, two.submit(request).await);
        let first = one.answer(&asked.0).await.expect("an answer")["ok"].clone();
        let second = two.answer(&asked.1).await.expect("an answer")["ok"].clone();
        assert_eq!(first["message"], second["message"]);
        let replayed = [&first["replayed"], &second["replayed"]];
        assert_eq!(replayed.iter().filter(|r| **r == &json!(true)).count(), 1, "{replayed:?}");
    }
    assert_eq!(ada.history(chat).await.len(), rounds);
    ada.send(chat, "the end").await;
    listening.push("the end", |p| p["data"]["text"] == "the end").await;
    let told = listening.take_pushes();
    let told = told.iter().filter(|p| p["type"] == "message.created").count();
    assert_eq!(told, rounds, "each was told once");
}

async fn after_a_restart(engine: Engine) {
    let mut server = Server::start(engine).await;
    let mut ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let request = json!({"type": "send", "chat": chat, "text": "once", "client_id": "c"});
    let first = ada.socket().await.ask(request.clone()).await;
    assert_eq!(first["replayed"], false);
    server.restart().await;
    ada.moved_to(&server).await;
    let second = ada.socket().await.ask(request).await;
    assert_eq!((&second["message"], &second["replayed"]), (&first["message"], &json!(true)));
    assert_eq!(ada.history(chat).await, [first["message"].clone()]);
}

async fn over_both_ways_at_once(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let path = format!("/chats/{chat}/messages");
    let body = json!({"text": "once", "client_id": "c"});
    let posts = futures_util::future::join_all((0..20).map(|_| ada.post(&path, &body))).await;
    assert_eq!(posts.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(posts.iter().all(|answer| answer.body == posts[0].body));
    let request = json!({"type": "send", "chat": chat, "text": "x", "client_id": "c"});
    let again = ada.socket().await.ask(request).await;
    assert_eq!((&again["message"], &again["replayed"]), (&posts[0].body, &json!(true)));
}
