//! What two members of a chat whisper there, and that nobody else can tell.

use crate::leaks::{self, Bystander, Whispered};
use tests::{Engine, PASSWORD, Person, Server, Socket, Value, json, on_both};

on_both!(
    two_whisper_in_a_room,
    whispering_is_refused_where_it_makes_no_sense,
    who_leaves_stops_seeing_whispers,
    a_bystander_cannot_tell_that_somebody_whispered,
);

async fn room_of<const N: usize>(people: [&Person; N]) -> i64 {
    let mut room = Value::Null;
    for person in people {
        let answer = person.put("/rooms/salon", &Value::Null).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
        room = answer.body["id"].clone();
    }
    room.as_i64().expect("an id")
}

async fn whisper(from: &Person, chat: i64, to: &Person, text: &str) -> Value {
    let body = json!({"text": text, "to": to.id});
    from.post(&format!("/chats/{chat}/messages"), &body).await.expect(201)
}

async fn two_whisper_in_a_room(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = room_of([&ada, &ben]).await;
    let mut socket = ben.socket().await;
    let said = whisper(&ada, room, &ben, "for you").await;
    let opened = socket.push_of("chat.created").await;
    let whispers = opened["chat"].as_i64().expect("an id");
    assert_eq!(
        (&opened["data"]["kind"], &opened["data"]["parent_id"]),
        (&json!("whisper"), &json!(room))
    );
    let heard = socket.push_of("message.created").await;
    assert_eq!((&heard["data"]["text"], &heard["chat"]), (&json!("for you"), &said["chat_id"]));
    assert_eq!(said["chat_id"], whispers);

    // It is a chat like others for the two: it can be found, answered, read.
    let found = ada.put(&format!("/chats/{room}/whispers/{}", ben.id), &Value::Null).await;
    let found = found.expect(200);
    assert_eq!((&found["id"], &found["peer"]["id"]), (&json!(whispers), &json!(ben.id)));
    assert_eq!(ben.chat(whispers).await["unread_count"], 1);
    let answer = json!({"type": "send", "chat": room, "to": ada.id, "text": "and for you"});
    let answer = socket.ask(answer).await;
    assert_eq!(answer["message"]["chat_id"], whispers);
    let reply = json!({"text": "yes", "reply_to": answer["message"]["id"]});
    ada.post(&format!("/chats/{whispers}/messages"), &reply).await.expect(201);
    ben.put(&format!("/chats/{whispers}/read"), &json!({"seq": 3})).await.expect(200);
    // Replaying does not say it twice.
    let once = json!({"text": "once", "to": ben.id, "client_id": "once"});
    let path = format!("/chats/{room}/messages");
    let first = ada.post(&path, &once).await.expect(201);
    assert_eq!(ada.post(&path, &once).await.expect(200)["id"], first["id"]);
}

async fn whispering_is_refused_where_it_makes_no_sense(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let room = room_of([&ada, &ben]).await;
    let direct = ada.direct(&ben).await;
    let to = |user: i64| json!({"text": "psst", "to": user});
    let path = |chat: i64| format!("/chats/{chat}/messages");
    ada.post(&path(room), &to(eve.id)).await.refused(404, "member_not_found");
    ada.post(&path(room), &to(999_999)).await.refused(404, "member_not_found");
    ada.post(&path(room), &to(ada.id)).await.refused_field(400, "to", "whisper_to_oneself");
    ada.post(&path(room), &to(0)).await.refused_field(400, "to", "invalid_id");
    ada.post(&path(direct), &to(ben.id)).await.refused(409, "chat_of_two");
    eve.post(&path(room), &to(ben.id)).await.refused(404, "chat_not_found");
    eve.post(&path(999_999), &to(ben.id)).await.refused(404, "chat_not_found");
    let wrong = json!({"text": "psst", "to": "Ben"});
    ada.post(&path(room), &wrong).await.refused_field(400, "to", "wrong_type");
    let whispers = whisper(&ada, room, &ben, "psst").await["chat_id"].as_i64().expect("an id");
    ada.post(&path(whispers), &to(ben.id)).await.refused(409, "chat_of_two");
    let open = format!("/chats/{room}/whispers/{}", eve.id);
    ada.put(&open, &Value::Null).await.refused(404, "member_not_found");
    ada.delete(&format!("/chats/{whispers}")).await.refused(403, "not_allowed");
    ada.delete(&format!("/chats/{whispers}/members/{}", ada.id)).await.refused(409, "whispers");
    ada.patch(&format!("/chats/{whispers}"), &json!({"title": "Us"}))
        .await
        .refused(403, "not_allowed");
}

async fn who_leaves_stops_seeing_whispers(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = room_of([&ada, &ben]).await;
    let whispers = whisper(&ada, room, &ben, "psst").await["chat_id"].as_i64().expect("an id");
    let mut socket = ben.socket().await;
    ben.delete(&format!("/chats/{room}/members/{}", ben.id)).await.expect(204);
    for chat in [room, whispers] {
        let left = socket.push_of("member.left").await;
        assert_eq!((&left["chat"], &left["data"]["user_id"]), (&json!(chat), &json!(ben.id)));
    }
    ben.get(&format!("/chats/{whispers}/messages")).await.refused(404, "chat_not_found");
    let send = json!({"type": "send", "chat": whispers, "text": "still here"});
    socket.refused(send, "chat_not_found").await;
    let late = json!({"text": "Come back"});
    ada.post(&format!("/chats/{whispers}/messages"), &late).await.refused(403, "peer_unavailable");
    room_of([&ben]).await;
    assert_eq!(ben.history(whispers).await.len(), 1);
    ada.send(whispers, "Welcome back").await;
    let heard = socket.push_of("message.created").await;
    assert_eq!(heard["data"]["text"], "Welcome back");
}

/// Ada and Ben whisper, and do to whispers all that can be done.
async fn whispering(room: i64, ada: &Person, ben: &Person) -> Whispered {
    let file = ada.upload(leaks::MARKERS[5]).await["id"].as_i64().expect("an id");
    let marked = json!({"text": leaks::MARKERS[0], "to": ben.id, "client_id": leaks::MARKERS[1],
        "attachments": [file]});
    let said = ada.post(&format!("/chats/{room}/messages"), &marked).await.expect(201);
    let whispers = said["chat_id"].as_i64().expect("an id");
    let message = said["id"].as_i64().expect("an id");
    let mut socket: Socket = ben.socket().await;
    let read = json!({"type": "read", "chat": whispers, "seq": 1});
    socket.ask(json!({"type": "typing", "chat": whispers})).await;
    socket.ask(read).await;
    let path = format!("/chats/{whispers}/messages");
    let edit = json!({"text": format!("{} again", leaks::MARKERS[2])});
    ada.patch(&format!("{path}/{message}"), &edit).await.expect(200);
    let reaction = format!("/messages/{message}/reactions/%F0%9F%A6%A9");
    ben.put(&reaction, &Value::Null).await.expect(200);
    let reply = json!({"text": leaks::MARKERS[3], "reply_to": message});
    let reply = ben.post(&path, &reply).await.expect(201);
    ada.delete(&format!("{path}/{}", reply["id"])).await.refused(403, "not_allowed");
    let gone = ben.send(whispers, "soon gone").await;
    ben.delete(&format!("{path}/{}", gone["id"])).await.expect(200);
    let wanted = json!({"pinned": true, "archived": true});
    ben.patch(&format!("/chats/{whispers}/preferences"), &wanted).await.expect(200);
    socket.close().await;
    ben.get(&format!("/media/{file}")).await.expect(200);
    Whispered { chat: whispers, message, file }
}

async fn a_bystander_cannot_tell_that_somebody_whispered(engine: Engine) {
    let server = Server::start(engine).await;
    let root = ["user", "add", "Root", "--role", "admin", "--password-stdin"];
    assert!(server.run(&root, PASSWORD).await.status.success());
    let [ada, ben, eve, stranger] = Person::several(&server, ["Ada", "Ben", "Eve", "Sid"]).await;
    let body = json!({"username": "Root", "password": PASSWORD});
    let root = eve.api.post("/auth/login", &body).await.expect(200);
    let root = Person::signed_in(eve.api.clone(), &root);
    let room = room_of([&root, &eve, &ada, &ben]).await;
    let public = ada.send(room, "for all to hear").await["id"].as_i64().expect("an id");

    let (mut bystanders, mut here) = (Vec::new(), Vec::new());
    for person in [&eve, &root] {
        // Some dialects read what they show, which moves the room on once, and show who is there.
        let read = json!({"seq": 1});
        person.put(&format!("/chats/{room}/read"), &read).await.expect(200);
        here.push(person.socket().await);
    }
    // Whispering is done over a socket, too, and whoever was there is online for a moment after it.
    here.push(ben.socket().await);
    for person in [&eve, &root] {
        bystanders.push(Bystander::before(person, room, public, [&ada, &ben]).await);
    }
    let whispered = whispering(room, &ada, &ben).await;
    for bystander in &bystanders {
        bystander.sees_no_difference().await;
    }
    for bystander in bystanders {
        bystander.finds_nothing(&whispered, &ada).await;
    }
    let outside = Bystander::before(&stranger, room, public, [&ada, &ben]).await;
    outside.tries(&whispered).await;
}
