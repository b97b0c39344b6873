//! Sockets of dialects: what is asked there about whom is hidden, and about who is not there; and who is told that
//! somebody is online.

use super::{SETTINGS, Scene, UNKNOWN, scene, without};
use tests::{Engine, JsonSocket, Value, json, on_both, with_token};

on_both!(frames_tell_no_difference, rooms_are_no_doors, presence_is_of_whom_one_shares_a_chat_with);

/// An answer without what it repeats of the question.
fn told(mut frame: Value, tried: &str) -> String {
    if let Some(fields) = frame.as_object_mut() {
        fields.remove("request_id");
    }
    without(&frame.to_string(), tried)
}

/// What two frames that differ in one word are answered with.
async fn both(wire: &mut JsonSocket, frame: &str, tried: [&str; 2]) -> [String; 2] {
    let mut answers = Vec::new();
    for one in tried {
        wire.send(&frame.replace("{tried}", one)).await;
        let answer = wire.next().await.expect("the socket stays open");
        assert!(!answer.to_string().contains("Dora"), "{answer}");
        answers.push(told(answer, one));
    }
    answers.try_into().expect("two")
}

async fn frames_tell_no_difference(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server, eve, dora, .. } = scene(engine, setting).await;
        let (address, token) = (server.address(), format!("Bearer {}", eve.access));
        let (hidden, missing) = (dora.id.to_string(), UNKNOWN.to_string());
        let people = [hidden.as_str(), missing.as_str()];

        let mut dialogs = JsonSocket::open(address, "/ws/main/", None).await.expect("a socket");
        let hello = json!({"event": "authenticate", "data": {"access_token": eve.access}});
        dialogs.send(&hello.to_string()).await;
        dialogs.until("signing in", |frame| frame["status"] == "ok").await;
        for (frame, tried) in [
            (r#"{"event": "dialog.create", "data": {"id": {tried}}}"#, people),
            (r#"{"event": "dialog.get", "data": {"id": {tried}}}"#, people),
            (
                r#"{"event": "group.create", "data": {"slug": "{tried}", "description": "x"}}"#,
                ["salon", "nowhere"],
            ),
        ] {
            let [hidden, missing] = both(&mut dialogs, frame, tried).await;
            assert_eq!(hidden, missing, "{setting}: {frame}");
            assert!(hidden.contains("error"), "{hidden}");
        }

        let mut events =
            JsonSocket::open(address, "/ws/chats/", Some(&token)).await.expect("a socket");
        for kind in [
            r#"{"type": "new_message", "content": {"chat_type": "direct", "chat_id": "{pair}", "text": "x", "reply_to": null}}"#,
            r#"{"type": "user_typing", "content": {"chat_type": "direct", "chat_id": "{pair}"}}"#,
        ] {
            let pair = |other: i64| format!("{}_{}", eve.id.min(other), eve.id.max(other));
            let pairs = [pair(dora.id), pair(UNKNOWN)];
            let frame = kind.replace("{pair}", "{tried}");
            let [hidden, missing] =
                both(&mut events, &frame, pairs.each_ref().map(String::as_str)).await;
            assert_eq!(hidden, missing, "{setting}: {frame}");
        }

        let lobby = with_token("/api/chat/lobby/", &eve).await.expect("a token");
        let mut rooms =
            JsonSocket::open(address, &lobby, Some(&token)).await.expect("her own room");
        let whisper = r#"{"action": "send_private_message", "data": {"userId": {tried}, "text": "x"}, "request_id": 1}"#;
        rooms.until("having come", Value::is_object).await;
        let [hidden, missing] = both(&mut rooms, whisper, people).await;
        assert_eq!(hidden, missing, "{setting}");
    }
}

async fn rooms_are_no_doors(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server, eve, dora, salon, open_group, .. } = scene(engine, setting).await;
        let token = format!("Bearer {}", eve.access);
        let mut refusals = Vec::new();
        for name in ["salon", "nowhere"] {
            let path = with_token(&format!("/api/chat/{name}/"), &eve).await.expect("a token");
            let refused = JsonSocket::open(server.address(), &path, Some(&token)).await.err();
            let (status, body) = refused.expect("it is not hers");
            refusals.push((status, told(body, name)));
        }
        assert_eq!(refusals[0], refusals[1], "{setting}");
        assert_eq!(refusals[0].0, 404, "{refusals:?}");
        let mut refusals = Vec::new();
        for chat in [salon, open_group, UNKNOWN] {
            let path = format!("/ws/chat/{chat}/");
            let opened = JsonSocket::open(server.address(), &path, Some(&token)).await;
            let end = match opened {
                Err((status, body)) => (status, told(body, &chat.to_string())),
                Ok(mut wire) => (wire.next().await.expect_err("it is closed"), String::new()),
            };
            refusals.push(end);
        }
        assert_eq!(refusals[0], refusals[2], "{setting}");
        assert_eq!(refusals[1], refusals[2], "{setting}");
        assert_eq!(dora.all(&format!("/chats/{salon}/members")).await.len(), 1, "nobody came in");
    }
}

async fn presence_is_of_whom_one_shares_a_chat_with(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server: _server, eve, ben, cleo, dora, .. } = scene(engine, setting).await;
        let mut socket = eve.socket().await;
        // Dora and Cleo know each other: what is told of them has been told before Ben comes.
        let (mut of_dora, mut of_cleo) = (dora.socket().await, cleo.socket().await);
        of_dora.push("Cleo", cleo.is_presence_push(true)).await;
        of_cleo.push("Dora", dora.is_presence_push(true)).await;
        let _of_ben = ben.socket().await;
        let first = socket
            .push("somebody", |push| {
                push["type"] == "presence" && push["data"]["user_id"] != eve.id
            })
            .await;
        assert_eq!(first["data"]["user_id"], ben.id, "{setting}");
        let online = eve.get(&format!("/users/{}", cleo.id)).await.expect(200);
        assert_eq!(online["online"], Value::Null, "{setting}: Cleo shares no chat any more");
    }
}
