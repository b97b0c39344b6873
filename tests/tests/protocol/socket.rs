//! Two people talk over sockets.

use tests::{Engine, Person, Replica, Server, Socket, Value, json, on_both};

on_both!(
    two_people_talk_while_each_does_everything,
    everything_that_changes_is_pushed,
    typing_is_passed_on_and_not_echoed,
    presence_is_told_to_who_shares_a_chat,
    what_one_may_not_see_is_not_pushed,
    a_frame_that_cannot_be_read_is_answered,
    requests_are_answered_in_order,
);

async fn two(server: &Server) -> (Person, Person, i64) {
    let [ada, grace] = Person::several(server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    (ada, grace, chat)
}

/// One of two who talk: sends, edits, deletes, reads and types, and keeps a copy by what is pushed.
async fn talk(
    person: Person,
    mut socket: Socket,
    chat: i64,
    mut replica: Replica,
    rounds: usize,
) -> Replica {
    for round in 0..rounds {
        let sent = socket.send(chat, &format!("{} {round}", person.name)).await;
        let request = |kind: &str| json!({"type": kind, "chat": chat, "message": sent["id"]});
        let mut edit = request("edit");
        edit["text"] = json!(format!("{} {round}, edited", person.name));
        let edited = socket.ask(edit).await["message"].clone();
        assert_eq!(edited["seq"], sent["seq"]);
        if round % 3 == 0 {
            let deleted = socket.ask(request("delete")).await["message"].clone();
            assert_eq!((&deleted["id"], &deleted["text"]), (&sent["id"], &json!("")));
        }
        socket.ask(json!({"type": "typing", "chat": chat})).await;
        let read = socket.ask(json!({"type": "read", "chat": chat, "seq": sent["seq"]})).await;
        assert!(read["seq"].as_i64() >= sent["seq"].as_i64());
    }
    // Both come to the same end: a message of each that says so.
    socket.send(chat, &format!("{} is done", person.name)).await;
    let mut done = 0;
    while done < 2 {
        let push = socket.next_push().await.expect("the socket stays open");
        replica.apply_push(&push, person.id);
        let text = push["data"]["text"].as_str().unwrap_or_default();
        done += usize::from(text.ends_with("is done"));
    }
    replica
}

async fn two_people_talk_while_each_does_everything(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let replica = Replica::download(&ada).await;
    let mut talks = Vec::new();
    let mut sockets = Vec::new();
    for person in [&ada, &grace] {
        let (socket, ready) = person.socket_and_ready().await;
        assert_eq!(ready["chats"][chat.to_string()].as_i64(), replica.version(chat));
        sockets.push(socket);
    }
    for ((person, rounds), socket) in [(&ada, 30), (&grace, 40)].into_iter().zip(sockets) {
        talks.push(tokio::spawn(talk(person.clone(), socket, chat, replica.clone(), rounds)));
    }
    let mut copies = Vec::new();
    for talk in talks {
        copies.push(talk.await.expect("both talk to the end"));
    }
    let fresh = Replica::download(&ada).await;
    assert_eq!(fresh, Replica::download(&grace).await);
    assert_eq!(copies[0], fresh, "what was pushed to Ada");
    assert_eq!(copies[1], fresh, "what was pushed to Grace");
    assert_eq!(fresh.messages(chat), 72);
    let history = ada.history(chat).await;
    for (place, message) in history.iter().enumerate() {
        assert_eq!(message["seq"], json!(place + 1), "numbered without holes");
    }
}

async fn everything_that_changes_is_pushed(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, alan] = Person::several(&server, ["Ada", "Grace", "Alan"]).await;
    let mut socket = grace.socket().await;
    let mut of_alan = alan.socket().await;
    let chat = ada.group("Analysts", &[&grace]).await;
    is_told_of_the_group(&mut socket, chat, [&ada, &grace]).await;

    let path = format!("/chats/{chat}");
    let member = format!("{path}/members/{}", alan.id);
    ada.put(&member, &json!({"role": "admin"})).await.expect(201);
    ada.patch(&path, &json!({"title": "Engines"})).await.expect(200);
    let sent = alan.send(chat, "hello").await;
    ada.put(&format!("{path}/read"), &json!({"seq": 1})).await.expect(200);
    ada.put(&format!("{path}/members/{}", grace.id), &json!({"role": "owner"})).await.expect(200);
    alan.delete(&member).await.expect(204);
    ada.send(chat, "he left").await;
    grace.delete(&path).await.expect(204);
    let expected = [
        ("member.joined", json!(2), "role", json!("admin")),
        ("chat.updated", json!(3), "title", json!("Engines")),
        ("message.created", json!(4), "id", sent["id"].clone()),
        ("read", json!(5), "user_id", json!(ada.id)),
        ("member.updated", json!(6), "user_id", json!(grace.id)),
        ("member.updated", json!(7), "user_id", json!(ada.id)),
        ("member.left", json!(8), "user_id", json!(alan.id)),
        ("message.created", json!(9), "text", json!("he left")),
        ("chat.deleted", Value::Null, "id", json!(chat)),
    ];
    for (kind, version, field, value) in expected {
        let push = socket.push("a push of the chat", |push| push["chat"] == chat).await;
        assert_eq!((&push["type"], &push["version"]), (&json!(kind), &version), "{push}");
        assert_eq!(push["data"][field], value, "{push}");
    }
    // Alan got what happened while he was in, and nothing after his own leaving.
    let last = of_alan.push_of("member.left").await;
    assert_eq!((&last["data"]["user_id"], &last["version"]), (&json!(alan.id), &json!(8)));
    of_alan.ask(json!({"type": "ping"})).await;
    let others = of_alan.take_pushes();
    assert!(others.iter().all(|p| p["version"].as_i64() < Some(8)), "{others:?}");
}

async fn is_told_of_the_group(socket: &mut Socket, chat: i64, people: [&Person; 2]) {
    let made = socket.push_of("chat.created").await;
    assert_eq!((&made["chat"], &made["version"]), (&json!(chat), &json!(1)));
    assert_eq!(
        (&made["data"]["title"], &made["data"]["kind"]),
        (&json!("Analysts"), &json!("group"))
    );
    let mut members = made["data"]["members"].as_array().expect("members").clone();
    members.sort_by_key(Value::as_i64);
    assert_eq!(members, people.map(|person| json!(person.id)));
}

async fn typing_is_passed_on_and_not_echoed(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let (mut socket, mut other) = (ada.socket().await, grace.socket().await);
    let mut again = ada.socket().await;
    let typing = |typing: bool| json!({"type": "typing", "chat": chat, "typing": typing});
    for _ in 0..5 {
        socket.ask(typing(true)).await;
    }
    let push = other.push_of("typing").await;
    assert_eq!((&push["chat"], &push["data"]["user_id"]), (&json!(chat), &json!(ada.id)));
    assert_eq!(push["data"]["typing"], true);
    assert!(push["data"]["until"].is_string() && push["version"].is_null(), "{push}");
    socket.ask(typing(false)).await;
    let stopped = other.push_of("typing").await;
    assert_eq!(stopped["data"]["typing"], false, "said once in 2 s, and then that it is over");

    let sent = socket.send(chat, "done").await;
    for of_ada in [&mut socket, &mut again] {
        of_ada.push("the message", |p| p["data"]["id"] == sent["id"]).await;
        let met = of_ada.take_pushes();
        assert!(met.iter().all(|p| p["type"] != "typing"), "echoed: {met:?}");
    }
    socket.refused(json!({"type": "typing", "chat": 999_999}), "chat_not_found").await;
}

async fn presence_is_told_to_who_shares_a_chat(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, _) = two(&server).await;
    let stranger = Person::register(&server, "Stranger").await;
    let mut watching = ada.socket().await;
    let mut of_stranger = stranger.socket().await;
    let is_about = |id: i64, online: bool| {
        move |p: &Value| {
            p["type"] == "presence" && p["data"]["user_id"] == id && p["data"]["online"] == online
        }
    };
    let (first, second) = (grace.socket().await, grace.socket().await);
    watching.push("Grace online", is_about(grace.id, true)).await;
    let path = format!("/users/{}", grace.id);
    assert_eq!(ada.get(&path).await.expect(200)["online"], true);
    assert!(stranger.get(&path).await.expect(200)["online"].is_null());
    // One of two connections going says nothing; the last one does, after a while.
    first.close().await;
    second.close().await;
    let gone = watching.push("Grace offline", is_about(grace.id, false)).await;
    assert!(gone["data"]["last_seen_at"].is_string() && gone["chat"].is_null(), "{gone}");
    let seen = ada.get(&path).await.expect(200);
    assert_eq!(seen["online"], false);
    assert_eq!(seen["last_seen_at"], gone["data"]["last_seen_at"]);
    let met = watching.take_pushes();
    assert!(!met.iter().any(is_about(grace.id, true)), "said once, not per connection: {met:?}");

    // Somebody may stay unseen.
    let mut unseen = grace.socket().await;
    unseen.ask(json!({"type": "presence", "online": false})).await;
    of_stranger.ask(json!({"type": "ping"})).await;
    let met = of_stranger.take_pushes();
    assert!(met.iter().all(|p| p["type"] != "presence"), "a stranger's business: {met:?}");
}

async fn what_one_may_not_see_is_not_pushed(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let alan = Person::register(&server, "Alan").await;
    let group = ada.group("Group", &[&grace, &alan]).await;
    let (mut socket, ready) = alan.socket_and_ready().await;
    assert_eq!(ready["chats"], json!({group.to_string(): 1}));
    assert_eq!((&ready["user_id"], &ready["session_id"]), (&json!(alan.id), &json!(alan.session)));
    assert_eq!(ready["heartbeat"], 25);
    ada.send(chat, "not for Alan").await;
    ada.send(group, "for all").await;
    ada.delete(&format!("/chats/{group}/members/{}", alan.id)).await.expect(204);
    ada.send(group, "not for Alan either").await;
    let barrier = alan.direct(&ada).await;
    ada.send(barrier, "for Alan").await;
    socket.push("the last message", |p| p["data"]["text"] == "for Alan").await;
    let met = socket.take_pushes();
    assert!(met.iter().any(|p| p["data"]["text"] == "for all"), "{met:?}");
    let astray = met.iter().find(|p| p.to_string().contains("not for Alan"));
    assert_eq!(astray, None);
    for request in [
        json!({"type": "send", "chat": group, "text": "x"}),
        json!({"type": "read", "chat": group, "seq": 1}),
        json!({"type": "typing", "chat": group}),
        json!({"type": "send", "chat": chat, "text": "x"}),
    ] {
        socket.refused(request, "chat_not_found").await;
    }
    let edit = json!({"type": "edit", "chat": group, "message": 2, "text": "x"});
    socket.refused(edit, "message_not_found").await;
}

async fn a_frame_that_cannot_be_read_is_answered(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, _, chat) = two(&server).await;
    let mut socket = ada.socket().await;
    let frames =
        ["", "x", "{", "[]", "1", "{}", r#"{"type": "ping"}"#, r#"{"id": 1, "type": "ping"}"#];
    for frame in frames {
        socket.text(frame).await;
        let answer = socket.answer_to_nothing().await;
        assert!(answer["re"].is_null() && answer["error"]["code"].is_string(), "{frame}: {answer}");
    }
    let requests = [
        json!({"type": "dance"}),
        json!({"type": "send", "chat": chat}),
        json!({"type": "send", "chat": "1", "text": "x"}),
        json!({"type": "send", "chat": chat, "text": "x", "colour": "red"}),
        json!({"type": "send", "chat": 0, "text": "x"}),
        json!({"type": "resume", "chats": {"x": 1}}),
        json!({"type": "resume", "chats": {"1": -1}}),
    ];
    for request in requests {
        let told = request.to_string();
        let id = socket.submit(request).await;
        let answer = socket.answer(&id).await.expect("the socket stays open");
        assert!(answer["error"]["code"].is_string(), "{told}: {answer}");
    }
    let problem =
        socket.refused(json!({"type": "send", "chat": chat, "text": " "}), "invalid").await;
    let error = &problem["errors"][0];
    assert_eq!((&error["field"], &error["code"]), (&json!("text"), &json!("empty")));
    assert_eq!((&problem["retryable"], &problem["status"]), (&json!(false), &json!(400)));
    assert!(ada.history(chat).await.is_empty());
    socket.send(chat, "still here").await;
}

async fn requests_are_answered_in_order(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, _, chat) = two(&server).await;
    let mut socket: Socket = ada.socket().await;
    let mut asked = Vec::new();
    for n in 0..100 {
        let request = match n % 4 {
            0 => json!({"type": "ping"}),
            1 => json!({"type": "dance"}),
            _ => json!({"type": "send", "chat": chat, "text": n.to_string()}),
        };
        asked.push(socket.submit(request).await);
    }
    socket.answer(asked.last().expect("requests")).await.expect("an answer");
    let order = socket.answered_so_far();
    assert_eq!(order, asked, "in the order of the requests");
    let texts: Vec<_> = ada.history(chat).await.iter().map(|m| m["text"].clone()).collect();
    let sent: Vec<_> = (0..100).filter(|n| n % 4 > 1).map(|n| json!(n.to_string())).collect();
    assert_eq!(texts, sent, "and stored in that order");
}
