//! Members who are silenced: they read, and say nothing.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    whoever_is_silenced_reads_and_says_nothing,
    a_silence_is_seen_by_few,
    a_silence_is_caught_up,
    a_silence_ends_by_itself,
    whoever_is_silenced_does_not_whisper,
    only_admins_of_the_chat_silence,
    in_a_projects_chat_its_admins_silence,
    a_silence_stays_with_whoever_leaves,
);

fn silence(chat: i64, person: &Person) -> String {
    format!("/chats/{chat}/silences/{}", person.id)
}

/// What a member of the chat is shown as, to `viewer`.
async fn shown(viewer: &Person, chat: i64, person: &Person) -> Value {
    let members = viewer.all(&format!("/chats/{chat}/members")).await;
    let found = members.into_iter().find(|member| member["user_id"] == person.id);
    found.expect("a member")
}

async fn whoever_is_silenced_reads_and_says_nothing(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("News", &[&ben]).await;
    let own = ben.send(group, "before").await;
    let thumb = format!("/messages/{}/reactions/%F0%9F%91%8D", own["id"]);
    ben.put(&thumb, &Value::Null).await.expect(200);
    let version = ben.chat(group).await["version"].as_i64().expect("a version");
    let (mut of_ada, mut of_ben) = (ada.socket().await, ben.socket().await);
    let body = json!({"reason": "Shouting"});
    ada.put(&silence(group, &ben), &body).await.expect(204);
    let told = of_ben.push_of("chat.silence").await;
    assert_eq!((&told["chat"], &told["version"]), (&json!(group), &Value::Null));
    let theirs = told["data"]["silence"].clone();
    assert_eq!((&theirs["silenced_by"], &theirs["reason"]), (&json!(ada.id), &body["reason"]));
    assert!(theirs["silenced_at"].is_string() && theirs["until"].is_null(), "{theirs}");
    assert_eq!(ben.chat(group).await["silence"], theirs);

    let messages = format!("/chats/{group}/messages");
    let message = format!("{messages}/{}", own["id"]);
    let said = ben.post(&messages, &json!({"text": "Hello"})).await;
    let said = said.refused(403, "silenced")["detail"].clone();
    assert_eq!(said, "You are silenced in this chat.");
    of_ben.refused(json!({"type": "send", "chat": group, "text": "Hello"}), "silenced").await;
    ben.patch(&message, &json!({"text": "after"})).await.refused(403, "silenced");
    let heart = format!("/messages/{}/reactions/%E2%9D%A4%EF%B8%8F", own["id"]);
    ben.put(&heart, &Value::Null).await.refused(403, "silenced");
    ben.delete(&thumb).await.expect(200);
    let news = ada.send(group, "Quiet, please").await;
    of_ben.push("what others say", |push| push["data"]["text"] == "Quiet, please").await;
    ben.put(&format!("/chats/{group}/read"), &json!({"seq": news["seq"]})).await.expect(200);
    ben.put(&format!("/messages/{}/star", news["id"]), &Value::Null).await.expect(204);
    ben.delete(&message).await.expect(200);
    let direct = ben.direct(&ada).await;
    ben.send(direct, "Why?").await;

    // To Ada it is a change of a member, in the order of versions.
    let changed = of_ada.push_of("member.updated").await;
    assert_eq!(
        (&changed["version"], &changed["data"]["user_id"]),
        (&json!(version + 1), &json!(ben.id))
    );
    assert_eq!(changed["data"]["silence"], Value::Null);
    ada.delete(&silence(group, &ben)).await.expect(204);
    assert_eq!(of_ben.push_of("chat.silence").await["data"], json!({"silence": null}));
    assert_eq!(ben.chat(group).await["silence"], Value::Null);
    ben.send(group, "Sorry").await;
    ada.delete(&silence(group, &ben)).await.refused(404, "silence_not_found");
}

async fn a_silence_is_seen_by_few(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo, dan] = Person::several(&server, ["Ada", "Ben", "Cleo", "Dan"]).await;
    let group = ada.group("News", &[&ben, &cleo, &dan]).await;
    let member = format!("/chats/{group}/members/{}", dan.id);
    ada.put(&member, &json!({"role": "admin"})).await.expect(200);
    let since = ben.chat(group).await["version"].clone();
    ada.put(&silence(group, &ben), &json!({"reason": "Shouting"})).await.expect(204);
    for (viewer, sees) in [(&ada, true), (&ben, true), (&dan, true), (&cleo, false)] {
        let listed = shown(viewer, group, &ben).await;
        assert_eq!(listed["silence"]["reason"] == "Shouting", sees, "{listed}");
        let changes = viewer.get(&format!("/chats/{group}/changes?since={since}")).await;
        let changes = changes.expect(200);
        assert_eq!(changes["members"], json!([listed]), "as the list says");
        assert_eq!(shown(viewer, group, &cleo).await["silence"], Value::Null);
    }
    assert_eq!(cleo.chat(group).await["silence"], Value::Null, "it is not hers");
}

async fn a_silence_is_caught_up(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("News", &[&ben]).await;
    let version = ben.chat(group).await["version"].clone();
    ada.put(&silence(group, &ben), &Value::Null).await.expect(204);
    let mut socket = ben.socket().await;
    let resume = json!({"type": "resume", "chats": {group.to_string(): version}});
    let answer = socket.ask(resume).await;
    let member = &answer["chats"][group.to_string()]["members"][0];
    assert_eq!(
        (&member["user_id"], &member["silence"]["silenced_by"]),
        (&json!(ben.id), &json!(ada.id)),
        "{answer}"
    );
}

async fn a_silence_ends_by_itself(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("News", &[&ben]).await;
    let until = json!({"until": "2999-01-01T02:00:00+02:00"});
    ada.put(&silence(group, &ben), &until).await.expect(204);
    assert_eq!(ben.chat(group).await["silence"]["until"], "2999-01-01T00:00:00.000000Z");
    ben.post(&format!("/chats/{group}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    // As if the time had come.
    let over = match engine {
        Engine::Sqlite => "UPDATE members SET silenced_until = 1 WHERE silenced_until IS NOT NULL",
        Engine::Postgres => {
            "UPDATE members SET silenced_until = 'epoch' WHERE silenced_until IS NOT NULL"
        }
    };
    server.execute(over).await;
    ben.send(group, "Good morning").await;
    assert_eq!(ben.chat(group).await["silence"], Value::Null);
    assert_eq!(shown(&ada, group, &ben).await["silence"], Value::Null);
    ada.delete(&silence(group, &ben)).await.refused(404, "silence_not_found");
}

async fn whoever_is_silenced_does_not_whisper(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("Class", &[&ben, &cleo]).await;
    let whispers = |to: &Person| format!("/chats/{group}/whispers/{}", to.id);
    let here = ben.put(&whispers(&cleo), &Value::Null).await.expect(201)["id"].as_i64();
    let here = here.expect("an id");
    ben.send(here, "psst").await;
    let mut socket = ben.socket().await;
    ada.put(&silence(group, &ben), &Value::Null).await.expect(204);
    for chat in [group, here] {
        let told = socket.push("both", |push| push["type"] == "chat.silence").await;
        assert_eq!(told["chat"], chat);
    }
    let to_ada = json!({"text": "psst", "to": ada.id});
    ben.post(&format!("/chats/{group}/messages"), &to_ada).await.refused(403, "silenced");
    ben.put(&whispers(&ada), &Value::Null).await.refused(403, "silenced");
    ben.put(&whispers(&cleo), &Value::Null).await.refused(403, "silenced");
    ben.post(&format!("/chats/{here}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    // To the other one of the whispers nothing is told of it.
    assert_eq!(shown(&cleo, here, &ben).await["silence"], Value::Null);
    // What others whisper is read, also where it begins later.
    cleo.send(here, "Never mind").await;
    let later = ada.put(&whispers(&ben), &Value::Null).await.expect(201)["id"].as_i64();
    let later = later.expect("an id");
    ada.send(later, "Think about it").await;
    assert_eq!(ben.history(later).await.len(), 1);
    ben.post(&format!("/chats/{later}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    ada.delete(&silence(group, &ben)).await.expect(204);
    ben.send(here, "Again").await;
    ben.send(later, "I did").await;
}

async fn only_admins_of_the_chat_silence(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo, eve] = Person::several(&server, ["Ada", "Ben", "Cleo", "Eve"]).await;
    let group = ada.group("Analysts", &[&ben, &cleo]).await;
    let of = |person: &Person| silence(group, person);
    ben.put(&of(&cleo), &Value::Null).await.refused(403, "not_allowed");
    ben.delete(&of(&cleo)).await.refused(403, "not_allowed");
    eve.put(&of(&cleo), &Value::Null).await.refused(404, "chat_not_found");
    eve.delete(&of(&cleo)).await.refused(404, "chat_not_found");
    let admin = json!({"role": "admin"});
    ada.put(&format!("/chats/{group}/members/{}", ben.id), &admin).await.expect(200);
    ben.put(&of(&ada), &Value::Null).await.refused(403, "not_allowed");
    ben.put(&of(&ben), &Value::Null).await.refused(403, "not_allowed");
    let version = ada.chat(group).await["version"].clone();
    let past = json!({"until": "2001-01-01T00:00:00Z"});
    ben.put(&of(&cleo), &past).await.refused_field(400, "until", "not_in_the_future");
    let word = json!({"until": "tomorrow"});
    ben.put(&of(&cleo), &word).await.refused_field(400, "until", "not_a_moment");
    let reason = json!({"reason": "x".repeat(501)});
    ben.put(&of(&cleo), &reason).await.refused_field(400, "reason", "too_long");
    ben.put(&of(&eve), &Value::Null).await.refused(404, "member_not_found");
    ben.put(&format!("/chats/{group}/silences/999999"), &Value::Null)
        .await
        .refused(404, "member_not_found");
    assert_eq!(ada.chat(group).await["version"], version, "what was refused changed nothing");
    ben.put(&of(&cleo), &Value::Null).await.expect(204);
    // An admin who is silenced still moderates, but for themselves.
    ada.put(&of(&ben), &Value::Null).await.expect(204);
    ben.delete(&of(&ben)).await.refused(403, "not_allowed");
    ben.delete(&of(&cleo)).await.expect(204);
    ben.post(&format!("/chats/{group}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    let direct = ada.direct(&ben).await;
    ada.put(&silence(direct, &ben), &Value::Null).await.refused(403, "not_allowed");
}

async fn in_a_projects_chat_its_admins_silence(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let root = Person::admin(&server, "Root").await;
    let bridge = json!({"title": "Bridge", "members": [ada.id, ben.id], "owner": ada.id});
    let chat = root.put("/projects/7/chat", &bridge).await.expect(201)["chat"]["id"].as_i64();
    let chat = chat.expect("an id");
    ada.put(&silence(chat, &ben), &Value::Null).await.expect(204);
    ben.post(&format!("/chats/{chat}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    // Its host sets the members anew, which is no word about who speaks.
    root.put("/projects/7/chat", &bridge).await.expect(200);
    ben.post(&format!("/chats/{chat}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    ada.delete(&silence(chat, &ben)).await.expect(204);
    ben.send(chat, "Aye").await;
}

async fn a_silence_stays_with_whoever_leaves(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = ada.put("/rooms/lobby", &Value::Null).await.expect(201)["id"].as_i64();
    let room = room.expect("an id");
    ben.put("/rooms/lobby", &Value::Null).await.expect(200);
    let mut socket = ben.socket().await;
    ada.put(&silence(room, &ben), &Value::Null).await.expect(204);
    let typing = json!({"type": "typing", "chat": room, "typing": true});
    let mut of_ada = ada.socket().await;
    socket.ask(typing).await;
    ben.delete(&format!("/chats/{room}/members/{}", ben.id)).await.expect(204);
    let moves = |push: &Value| push["type"] == "typing" || push["type"] == "member.left";
    let left = of_ada.push("that he left", moves).await;
    assert_eq!(left["type"], "member.left", "whoever says nothing types for nobody: {left}");
    let back = ben.put("/rooms/lobby", &Value::Null).await.expect(200);
    assert_eq!(back["silence"]["silenced_by"], ada.id);
    ben.post(&format!("/chats/{room}/messages"), &json!({"text": "x"}))
        .await
        .refused(403, "silenced");
    // Lifted while they are out, it is not there when they come back.
    ben.delete(&format!("/chats/{room}/members/{}", ben.id)).await.expect(204);
    ada.put(&silence(room, &ben), &Value::Null).await.refused(404, "member_not_found");
    ada.delete(&silence(room, &ben)).await.expect(204);
    let back = ben.put("/rooms/lobby", &Value::Null).await.expect(200);
    assert_eq!(back["silence"], Value::Null);
    ben.send(room, "Back").await;
}
