//! Mentions: `@` and a name.

use tests::{Engine, Person, Server, json, on_both};

on_both!(mentions_are_counted_by_themselves, mentions_follow_the_text, only_members_are_mentioned);

async fn mentions_are_counted_by_themselves(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada Lovelace", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let mut socket = grace.socket().await;
    let sent = ada.send(chat, "Look, @GRACE!").await;
    assert_eq!(sent["mentions"], json!([grace.id]));
    let range = json!([{"user_id": grace.id, "offset": 6, "length": 6}]);
    assert_eq!(sent["mention_ranges"], range);
    assert_eq!(socket.push_of("message.created").await["data"], sent);
    ada.send(chat, "plain; mail grace@grace.example").await;
    let view = grace.chat(chat).await;
    assert_eq!((&view["unread_count"], &view["mention_count"]), (&json!(2), &json!(1)));
    let reply = socket.send(chat, "👍@ada lovelace: I see `@Grace`").await;
    assert_eq!(reply["mentions"], json!([ada.id]));
    let range = json!([{"user_id": ada.id, "offset": 1, "length": 13}]);
    assert_eq!(reply["mention_ranges"], range, "in code points, over both protocols");
    let view = ada.chat(chat).await;
    assert_eq!((&view["unread_count"], &view["mention_count"]), (&json!(1), &json!(1)));
    let listed = &ada.all("/chats").await[0];
    assert_eq!(listed, &view);
    socket.ask(json!({"type": "read", "chat": chat, "seq": 1})).await;
    assert_eq!(grace.chat(chat).await["mention_count"], 0);
}

async fn mentions_follow_the_text(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, alan] = Person::several(&server, ["Ada", "Grace", "Alan"]).await;
    let chat = ada.group("Group", &[&grace, &alan]).await;
    let sent = ada.send(chat, "@Grace").await;
    let path = format!("/chats/{chat}/messages/{}", sent["id"]);
    let edited = ada.patch(&path, &json!({"text": "@Alan @alan"})).await.expect(200);
    assert_eq!(edited["mentions"], json!([alan.id]));
    assert_eq!(grace.chat(chat).await["mention_count"], 0);
    assert_eq!(alan.chat(chat).await["mention_count"], 1);
    assert_eq!(ada.delete(&path).await.expect(200)["mentions"], json!([]));
    assert_eq!(alan.chat(chat).await["mention_count"], 0);
    // As many as a text may have, and not one more.
    let all = vec!["@Grace"; 49].join(" ");
    let sent = ada.send(chat, &format!("{all} @Alan @Ada")).await;
    assert_eq!(sent["mentions"], json!([grace.id, alan.id]));
}

async fn only_members_are_mentioned(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, eve] = Person::several(&server, ["Ada", "Grace", "Eve"]).await;
    let chat = ada.group("Group", &[&grace]).await;
    assert_eq!(ada.send(chat, "@Eve @Nobody @Grace").await["mentions"], json!([grace.id]));
    grace.delete(&format!("/chats/{chat}/members/{}", grace.id)).await.expect(204);
    assert_eq!(ada.send(chat, "@Grace").await["mentions"], json!([]));
    let other = eve.direct(&ada).await;
    assert_eq!(eve.chat(other).await["mention_count"], 0);
}
