//! Reactions to messages.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Follower, Person, Replica, Server, Value, json, on_both};

on_both!(
    a_reaction_is_shown_to_everybody,
    a_reaction_is_pushed_and_resumed,
    what_is_no_emoji_is_refused,
    strangers_do_not_react,
);

const THUMB: &str = "%F0%9F%91%8D";
const HEART: &str = "%E2%9D%A4%EF%B8%8F";

fn path(message: &Value, emoji: &str) -> String {
    format!("/messages/{}/reactions/{emoji}", message["id"])
}

async fn a_reaction_is_shown_to_everybody(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let sent = ada.send(chat, "Hello").await;
    assert_eq!(sent["reactions"], json!([]));
    let reacted = grace.put(&path(&sent, THUMB), &Value::Null).await.expect(200);
    assert_eq!(reacted["reactions"], json!([{"emoji": "👍", "user_ids": [grace.id]}]));
    assert_eq!((&reacted["version"], &reacted["edited_at"]), (&json!(3), &Value::Null));
    let again = grace.put(&path(&sent, THUMB), &Value::Null).await.expect(200);
    assert_eq!(again, reacted, "a repeat changes nothing");
    ada.put(&path(&sent, "%E2%9D%A4"), &Value::Null).await.expect(200);
    let both = ada.put(&path(&sent, THUMB), &Value::Null).await.expect(200);
    let expected = json!([
        {"emoji": "👍", "user_ids": [grace.id, ada.id]},
        {"emoji": "❤️", "user_ids": [ada.id]},
    ]);
    assert_eq!(both["reactions"], expected);
    assert_eq!(grace.history(chat).await, std::slice::from_ref(&both));
    assert_eq!(grace.chat(chat).await["last_message"], both);
    assert_eq!(grace.chat(chat).await["version"], 5);
    ada.delete(&path(&sent, HEART)).await.expect(200);
    let left = grace.delete(&path(&sent, THUMB)).await.expect(200);
    assert_eq!(left["reactions"], json!([{"emoji": "👍", "user_ids": [ada.id]}]));
    assert_eq!(grace.delete(&path(&sent, THUMB)).await.expect(200), left);

    let message = format!("/chats/{chat}/messages/{}", sent["id"]);
    let tombstone = ada.delete(&message).await.expect(200);
    assert_eq!(tombstone["reactions"], json!([]));
    ada.put(&path(&sent, THUMB), &Value::Null).await.refused(409, "message_deleted");
    ada.delete(&path(&sent, THUMB)).await.refused(409, "message_deleted");
    assert_eq!(ada.get(&message).await.expect(200), tombstone);
}

async fn a_reaction_is_pushed_and_resumed(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let sent = ada.send(chat, "Hello").await;
    let mut away = Follower::new(ada.clone(), Replica::download(&ada).await);
    let mut hers = grace.socket().await;
    let mut his = ada.socket().await;
    let react = json!({"type": "react", "message": sent["id"], "emoji": "🦊"});
    let done = hers.ask(react.clone()).await;
    let push = his.push_of("message.updated").await;
    assert_eq!((&push["data"], &push["version"]), (&done["message"], &json!(3)));
    assert_eq!(hers.push_of("message.updated").await, push, "one's own sockets hear it too");
    let mut astray = react.clone();
    astray["chat"] = json!(999_999);
    hers.refused(astray, "message_not_found").await;
    let mut off = react.clone();
    off["on"] = json!(false);
    off["chat"] = json!(chat);
    hers.ask(off.clone()).await;
    hers.ask(off).await;
    hers.ask(react).await;
    grace.send(chat, "the end").await;
    away.catch_up().await;
    assert_eq!(away.replica, Replica::download(&ada).await, "resuming brings it");
    assert_eq!(away.replica.version(chat), Some(6));
}

async fn what_is_no_emoji_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let notes = ada.direct(&ada).await;
    let sent = ada.send(notes, "Hello").await;
    for wrong in
        ["a", "1", "%20", "%00", "%EF%BF%BD", "%F0%9F%91%8D%F0%9F%91%8D", "%3Cb%3E", ":heart:"]
    {
        let refused = ada.put(&path(&sent, wrong), &Value::Null).await;
        refused.refused_field(400, "emoji", "not_an_emoji");
    }
    let wrong_id = ada.put(&format!("/messages/x/reactions/{THUMB}"), &Value::Null).await;
    wrong_id.refused_field(400, "message_id", "invalid_id");
    let mut socket = ada.socket().await;
    let react = json!({"type": "react", "message": sent["id"], "emoji": "\0"});
    socket.refused(react, "invalid").await;
    socket.refused(json!({"type": "react", "message": sent["id"]}), "invalid").await;
    for n in 0..20_u32 {
        let emoji = char::from_u32(0x1f400 + n).expect("an animal");
        socket.ask(json!({"type": "react", "message": sent["id"], "emoji": emoji})).await;
    }
    ada.put(&path(&sent, THUMB), &Value::Null).await.refused(409, "too_many_emoji");
    assert_eq!(ada.chat(notes).await["version"], 22, "refusals use up no version");
}

async fn strangers_do_not_react(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, eve] = Person::several(&server, ["Ada", "Grace", "Eve"]).await;
    let chat = ada.group("Group", &[&grace]).await;
    let sent = ada.send(chat, "Hello").await;
    let foreign = eve.put(&path(&sent, THUMB), &Value::Null).await;
    let foreign = foreign.refused(404, "message_not_found");
    let missing = eve.put(&path(&json!({"id": 999_999}), THUMB), &Value::Null).await;
    let missing = missing.refused(404, "message_not_found");
    assert_eq!(foreign["detail"], missing["detail"]);
    grace.put(&path(&sent, THUMB), &Value::Null).await.expect(200);
    ada.delete(&format!("/chats/{chat}/members/{}", grace.id)).await.expect(204);
    grace.put(&path(&sent, HEART), &Value::Null).await.refused(404, "message_not_found");
    grace.delete(&path(&sent, THUMB)).await.refused(404, "message_not_found");
    let kept = &ada.history(chat).await[0]["reactions"];
    assert_eq!(kept, &json!([{"emoji": "👍", "user_ids": [grace.id]}]), "who left stays counted");
}
