//! What a chat does not let its people do is refused in every dialect, in its own form.

use tests::{DialectSocket, Engine, JsonSocket, Person, Server, Value, json, on_both, within};

on_both!(
    where_only_admins_write_every_dialect_refuses,
    whoever_is_silenced_is_refused_by_every_dialect,
    who_may_not_leave_stays_in_minichat,
);

/// How `dialect` sends a message in the room, or in the chat of project 7.
fn sends(dialect: &DialectSocket, room: i64, text: &str) -> String {
    match dialect.name {
        "dialogs" => {
            json!({"event": "group.message.send", "data": {"id": room, "text": text}}).to_string()
        }
        "events" => json!({"type": "new_message", "content":
            {"chat_type": "project", "chat_id": "7", "message": text, "reply_to": null}})
        .to_string(),
        _ => dialect.send(room, text),
    }
}

/// Opens its socket, as a client that knows groups.
async fn open(dialect: &DialectSocket, server: &Server, person: &Person) -> JsonSocket {
    if dialect.name != "dialogs" {
        return dialect.open(server, person).await.expect("a socket");
    }
    let mut wire = JsonSocket::open(server.address(), "/ws/main/", None).await.expect("a socket");
    let hello = json!({"event": "authenticate", "data": {"access_token": person.access}});
    wire.send(&hello.to_string()).await;
    wire.until("the answer to signing in", |frame| frame["status"] == "ok").await;
    wire
}

fn is_refusal(frame: &Value) -> bool {
    let said = frame.to_string();
    DialectSocket::is_error(frame)
        && (said.contains("Only admins write in this chat.")
            || said.contains("В этом чате пишут только администраторы."))
}

async fn whoever_is_silenced_is_refused_by_every_dialect(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let root = Person::admin(&server, "Root").await;
    let room = ada.put("/rooms/lobby", &Value::Null).await.expect(201)["id"].clone();
    let room = room.as_i64().expect("an id");
    ben.put("/rooms/lobby", &Value::Null).await.expect(200);
    let bridge = json!({"title": "Bridge", "members": [ada.id, ben.id], "owner": ada.id});
    let project = root.put("/projects/7/chat", &bridge).await.expect(201)["chat"]["id"].clone();
    let project = project.as_i64().expect("an id");
    for chat in [room, project] {
        let silence = format!("/chats/{chat}/silences/{}", ben.id);
        ada.put(&silence, &Value::Null).await.expect(204);
    }
    for dialect in DialectSocket::all(room) {
        let mut wire = open(&dialect, &server, &ben).await;
        wire.send(&sends(&dialect, room, "from the corner")).await;
        if dialect.tells_errors() {
            let is_told = |frame: &Value| {
                let said = frame.to_string();
                let words = ["You are silenced in this chat.", "Вас лишили голоса в этом чате."];
                DialectSocket::is_error(frame) && words.iter().any(|word| said.contains(word))
            };
            wire.until(&format!("a refusal by {}", dialect.name), is_told).await;
        }
        // The socket stays, and hears the others.
        let news = format!("News by {}", dialect.name);
        ada.send(if dialect.name == "events" { project } else { room }, &news).await;
        let is_news = |frame: &Value| frame.to_string().contains(&news);
        wire.until(&format!("the news by {}", dialect.name), is_news).await;
    }
    for chat in [room, project] {
        let history = ada.history(chat).await;
        assert!(history.iter().all(|message| message["author_id"] == ada.id), "{history:?}");
    }
}

async fn where_only_admins_write_every_dialect_refuses(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let root = Person::admin(&server, "Root").await;
    let room = ada.put("/rooms/lobby", &Value::Null).await.expect(201)["id"].clone();
    let room = room.as_i64().expect("an id");
    ben.put("/rooms/lobby", &Value::Null).await.expect(200);
    let channel = json!({"posting": "admins"});
    let bridge = json!({"title": "Bridge", "members": [ada.id, ben.id], "owner": ada.id,
        "permissions": channel});
    let project = root.put("/projects/7/chat", &bridge).await.expect(201)["chat"]["id"].clone();
    let body = json!({ "permissions": channel });
    ada.patch(&format!("/chats/{room}"), &body).await.expect(200);
    for dialect in DialectSocket::all(room) {
        let mut wire = open(&dialect, &server, &ben).await;
        wire.send(&sends(&dialect, room, "from below")).await;
        if dialect.tells_errors() {
            wire.until(&format!("a refusal by {}", dialect.name), is_refusal).await;
        }
        // The socket stays, and hears those who write, by any protocol.
        let news = format!("News by {}", dialect.name);
        let mut above = open(&dialect, &server, &ada).await;
        above.send(&sends(&dialect, room, &news)).await;
        let is_news = |frame: &Value| frame.to_string().contains(&news);
        wire.until(&format!("the news by {}", dialect.name), is_news).await;
    }
    let project = project.as_i64().expect("an id");
    for (chat, messages) in [(room, 4), (project, 1)] {
        let history = ada.history(chat).await;
        assert!(history.iter().all(|message| message["author_id"] == ada.id), "{history:?}");
        assert_eq!(history.len(), messages, "{history:?}");
    }
}

async fn who_may_not_leave_stays_in_minichat(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("Staff", &[&ben]).await;
    let body = json!({"permissions": {"leaving": "admins"}});
    ada.patch(&format!("/chats/{group}"), &body).await.expect(200);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let leave = client.post(server.url(&format!("/api/chat/rooms/{group}/leave/")));
    let leave = leave.bearer_auth(&ben.access).header("accept-language", "ru");
    let answer = within("leaving", leave.send()).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 403);
    let told: Value = answer.json().await.expect("JSON");
    assert_eq!(told["detail"], "Участники не могут выйти из этого чата сами.");
    assert_eq!(ben.chat(group).await["member_count"], 2);
}
