//! What newcomers see of a chat: everything, or what is said from their joining on.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use crate::leaks::{Bystander, MARKERS, Whispered};
use tests::{Engine, Person, Server, Value, behind_hosts, json, on_both};

on_both!(
    a_newcomer_sees_what_is_said_from_then_on,
    who_comes_back_sees_from_then_on,
    no_address_and_no_socket_shows_a_hidden_past,
    a_host_says_what_newcomers_see,
    who_comes_in_while_others_write_misses_nothing_and_sees_nothing_from_before,
);

async fn shows(owner: &Person, chat: i64, history: &str) -> Value {
    let body = json!({"permissions": {"history": history}});
    owner.patch(&format!("/chats/{chat}"), &body).await.expect(200)
}

fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["text"].as_str().expect("a text")).collect()
}

async fn a_newcomer_sees_what_is_said_from_then_on(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("News", &[&ben]).await;
    let path = format!("/chats/{group}");
    let old = ada.send(group, "zebra").await;
    let mut bens = ben.socket().await;
    let set = shows(&ada, group, "from_joining").await;
    assert_eq!(
        (&set["permissions"]["history"], &set["visible_from"]),
        (&json!("from_joining"), &json!(1))
    );
    let told = bens.push_of("chat.updated").await;
    assert_eq!(told["data"]["permissions"]["history"], "from_joining");
    ben.patch(&path, &json!({"permissions": {"history": "everything"}}))
        .await
        .refused(403, "not_allowed");
    ada.patch(&path, &json!({"permissions": {"history": "later"}})).await.refused(400, "invalid");
    assert_eq!(ben.history(group).await, std::slice::from_ref(&old), "he was there");

    let mut cleos = cleo.socket().await;
    let member = format!("{path}/members/{}", cleo.id);
    ada.put(&member, &json!({"role": "admin"})).await.expect(201);
    let joined = cleos.push_of("member.joined").await;
    let seen = cleo.chat(group).await;
    assert_eq!((&seen["visible_from"], &seen["last_message"]), (&json!(2), &Value::Null));
    assert_eq!((&seen["last_seq"], &seen["unread_count"]), (&json!(1), &json!(0)));
    let page = cleo.get(&format!("{path}/messages?around=1")).await.expect(200);
    assert_eq!(
        (&page["items"], &page["older"], &page["newer"]),
        (&json!([]), &json!(false), &json!(false))
    );
    let message = format!("{path}/messages/{}", old["id"]);
    cleo.delete(&message).await.refused(404, "message_not_found");
    let reply = json!({"text": "What?", "reply_to": old["id"]});
    cleo.post(&format!("{path}/messages"), &reply).await.refused_field(
        400,
        "reply_to",
        "reply_not_found",
    );

    // What is done to it is pushed to those who see it only.
    ada.patch(&message, &json!({"text": "zebra, edited"})).await.expect(200);
    assert_eq!(bens.push_of("message.edited").await["data"]["text"], "zebra, edited");
    let answer = json!({"text": "Quite", "reply_to": old["id"]});
    let answer = ben.post(&format!("{path}/messages"), &answer).await.expect(201);
    let pushed = cleos.push("the next message", |push| {
        push["type"].as_str().is_some_and(|kind| kind.starts_with("message."))
    });
    assert_eq!(pushed.await["data"], answer);
    let page = cleo.get(&format!("{path}/messages")).await.expect(200);
    assert_eq!((&page["items"], &page["quoted"]), (&json!([answer]), &json!([])));
    let since = format!("{path}/changes?since={}", joined["version"]);
    let changes = cleo.get(&since).await.expect(200);
    assert_eq!((&changes["messages"], &changes["quoted"]), (&json!([answer]), &json!([])));
    assert_eq!((&changes["version"], &changes["more"]), (&answer["version"], &json!(false)));
    let theirs = ben.get(&since).await.expect(200);
    assert_eq!(theirs["messages"].as_array().map(Vec::len), Some(2), "{theirs}");
    let seen = cleo.chat(group).await;
    assert_eq!((&seen["last_message"], &seen["unread_count"]), (&answer, &json!(1)));
}

async fn who_comes_back_sees_from_then_on(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("News", &[&ben]).await;
    let messages = format!("/chats/{group}/messages");
    shows(&ada, group, "from_joining").await;
    let once = json!({"text": "his own", "client_id": "once"});
    let own = ben.post(&messages, &once).await.expect(201);
    let mut socket = ben.socket().await;
    let member = format!("/chats/{group}/members/{}", ben.id);
    ada.delete(&member).await.expect(204);
    ada.send(group, "meanwhile").await;
    ada.put(&member, &Value::Null).await.expect(201);
    socket.push_of("member.joined").await;
    ada.patch(&format!("{messages}/{}", ada.history(group).await[1]["id"]), &json!({"text": "x"}))
        .await
        .expect(200);
    ada.send(group, "after").await;
    let push = socket.push("a message", |push| push["data"]["text"].is_string()).await;
    assert_eq!(push["data"]["text"], "after", "it is the first");
    assert_eq!(texts(&ben.history(group).await), ["after"]);
    let own = format!("{messages}/{}", own["id"]);
    ben.patch(&own, &json!({"text": "x"})).await.refused(404, "message_not_found");
    ben.post(&messages, &once).await.refused(409, "client_id_reused");
    let export = ben.get("/users/me/export").await.expect(200);
    let export = export.as_str().expect("lines");
    assert!(export.contains("his own") && !export.contains("meanwhile"), "{export}");

    shows(&ada, group, "everything").await;
    assert_eq!(texts(&ben.history(group).await), ["after"], "it stays as it was");
    ada.delete(&member).await.expect(204);
    ada.put(&member, &Value::Null).await.expect(201);
    assert_eq!(texts(&ben.history(group).await), ["his own", "x", "after"]);
    assert_eq!(ben.chat(group).await["visible_from"], 1);
}

/// Says in a room what newcomers are not to see, and does to it all that can be done.
async fn plant(room: i64, ada: &Person, ben: &Person) -> Whispered {
    let file = ada.upload(MARKERS[5]).await["id"].as_i64().expect("an id");
    let said = json!({"text": MARKERS[0], "client_id": MARKERS[1], "attachments": [file]});
    let path = format!("/chats/{room}/messages");
    let said = ada.post(&path, &said).await.expect(201);
    let message = said["id"].as_i64().expect("an id");
    let edit = json!({"text": format!("{} again", MARKERS[2])});
    ada.patch(&format!("{path}/{message}"), &edit).await.expect(200);
    ben.put(&format!("/messages/{message}/reactions/%F0%9F%A6%A9"), &Value::Null).await.expect(200);
    ada.put(&format!("/chats/{room}/pins/{message}"), &Value::Null).await.expect(200);
    ben.put(&format!("/messages/{message}/star"), &Value::Null).await.expect(204);
    ben.post(&path, &json!({"text": MARKERS[3], "reply_to": message})).await.expect(201);
    Whispered { chat: room, message, file }
}

async fn no_address_and_no_socket_shows_a_hidden_past(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve, sid] = Person::several(&server, ["Ada", "Ben", "Eve", "Sid"]).await;
    let mut room = Value::Null;
    for person in [&ada, &ben] {
        room = person.put("/rooms/salon", &Value::Null).await.body;
    }
    let room = room["id"].as_i64().expect("an id");
    shows(&ada, room, "from_joining").await;
    let hidden = plant(room, &ada, &ben).await;
    let authors = [&ada, &ben];
    // From outside, and having come in.
    let mut outside = Bystander::newcomer(&sid, room, authors).await;
    outside.looks_everywhere(&hidden).await;
    eve.put("/rooms/salon", &Value::Null).await.expect(200);
    let mut inside = Bystander::newcomer(&eve, room, authors).await;
    inside.looks_everywhere(&hidden).await;
    for newcomer in [&mut outside, &mut inside] {
        newcomer.is_told_nothing(&hidden, authors).await;
        newcomer.looks_everywhere(&hidden).await;
    }
}

async fn a_host_says_what_newcomers_see(engine: Engine) {
    let server = behind_hosts(engine).await;
    let host = Person::admin(&server, "Host").await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let put = |members: Value, permissions: Value| {
        let body = json!({"title": "Order", "members": members, "permissions": permissions});
        let host = host.clone();
        async move { host.put("/projects/7/chat", &body).await }
    };
    let hides = json!({"history": "from_joining"});
    let made = put(json!([ada.id]), hides).await.expect(201);
    assert_eq!(made["chat"]["permissions"]["history"], "from_joining");
    let chat = made["chat"]["id"].as_i64().expect("an id");
    ada.send(chat, "before").await;
    let same = put(json!([ada.id, ben.id]), json!({})).await.expect(200);
    assert_eq!(same["chat"]["permissions"]["history"], "from_joining", "it stays");
    assert_eq!(ben.history(chat).await, Vec::<Value>::new());
    ada.send(chat, "after").await;
    assert_eq!(texts(&ben.history(chat).await), ["after"]);
}

async fn who_comes_in_while_others_write_misses_nothing_and_sees_nothing_from_before(
    engine: Engine,
) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let names = ["Nina", "Nora", "Nadja", "Nils", "Niko", "Noah"];
    let newcomers = Person::several(&server, names).await;
    let group = ada.group("Busy", &[&ben]).await;
    shows(&ada, group, "from_joining").await;
    ada.send(group, "the first").await;
    for newcomer in &newcomers {
        let mut socket = newcomer.socket().await;
        let member = format!("/chats/{group}/members/{}", newcomer.id);
        let writing = async {
            for n in 0..8 {
                ben.send(group, &format!("number {n}")).await;
            }
        };
        let (joined, ()) = tokio::join!(ada.put(&member, &Value::Null), writing);
        joined.expect(201);
        let last = ben.send(group, "the last for now").await;
        let number = |value: &Value| value.as_i64().expect("a number");
        let from = number(&newcomer.chat(group).await["visible_from"]);
        for seq in from..=number(&last["seq"]) {
            let push = socket.push_of("message.created").await;
            assert_eq!(push["data"]["seq"], seq, "each once, and none from before");
        }
    }
    let all = ada.history(group).await;
    for newcomer in &newcomers {
        let from = newcomer.chat(group).await["visible_from"].as_i64().expect("a seq");
        assert!(from > 1, "{from}");
        let since = usize::try_from(from - 1).expect("a place");
        assert_eq!(newcomer.history(group).await, all[since..]);
    }
}
