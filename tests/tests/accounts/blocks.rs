//! Blocking people: what the one who is blocked can do no more, and that they are not told.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Method, Person, Server, Value, json, on_both};

on_both!(
    a_block_ends_writing_in_both_directions,
    nobody_is_told,
    one_s_other_devices_are_told,
    who_blocked_one_is_not_seen,
    who_blocked_one_is_not_seen_to_type_or_read,
    who_blocked_one_is_not_found_for_a_group,
    who_left_a_group_comes_back_by_a_wish_of_their_own,
    blocks_are_one_s_own,
    a_disabled_peer_is_not_written_to,
);

async fn refused_to_write(who: &Person, chat: i64, message: i64) {
    let messages = format!("/chats/{chat}/messages");
    let text = json!({"text": "hello"});
    who.post(&messages, &text).await.refused(403, "peer_unavailable");
    let edit = who.patch(&format!("{messages}/{message}"), &text).await;
    edit.refused(403, "peer_unavailable");
    let mut socket = who.socket().await;
    let send = json!({"type": "send", "chat": chat, "text": "hello"});
    let problem = socket.refused(send, "peer_unavailable").await;
    assert_eq!(problem["detail"], "This person cannot be written to.");
    assert_eq!(problem["retryable"], false);
}

async fn a_block_ends_writing_in_both_directions(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    let chat = ada.direct(&mallory).await;
    let [by_ada, by_mallory] = [ada.send(chat, "one").await, mallory.send(chat, "two").await];
    let [by_ada, by_mallory] = [by_ada, by_mallory].map(|m| m["id"].as_i64().expect("an id"));
    let block = format!("/users/{}/block", mallory.id);
    ada.put(&block, &Value::Null).await.expect(204);
    ada.put(&block, &Value::Null).await.expect(204);

    refused_to_write(&mallory, chat, by_mallory).await;
    refused_to_write(&ada, chat, by_ada).await;
    for (who, other) in [(&ada, &mallory), (&mallory, &ada)] {
        let open = who.put(&format!("/chats/direct/{}", other.id), &Value::Null).await;
        open.refused(403, "peer_unavailable");
        assert_eq!(who.history(chat).await.len(), 2, "what was said stays");
    }
    let react =
        mallory.put(&format!("/messages/{by_ada}/reactions/%F0%9F%91%8D"), &Value::Null).await;
    react.refused(403, "peer_unavailable");
    // One's own words may still be taken back, and everybody else is as before.
    mallory.delete(&format!("/chats/{chat}/messages/{by_mallory}")).await.expect(200);
    mallory.send(mallory.direct(&grace).await, "hello").await;
    let group = grace.group("Lunch", &[&ada, &mallory]).await;
    let counts = async || {
        let seen = ada.chat(group).await;
        let listed = ada.all("/chats").await;
        let listed = listed.iter().find(|chat| chat["id"] == group).expect("the group");
        let numbers = |chat: &Value| (chat["unread_count"].clone(), chat["mention_count"].clone());
        assert_eq!(numbers(listed), numbers(&seen), "in the list as alone");
        numbers(&seen)
    };
    mallory.send(group, "hello all, and @Ada").await;
    assert_eq!(counts().await, (json!(1), json!(0)), "mentions by who is blocked do not count");
    grace.send(group, "what he says, @Ada").await;
    assert_eq!(counts().await, (json!(2), json!(1)));
    ada.send(group, "hello").await;
    // Who never talked before begins nothing either.
    ada.put(&format!("/users/{}/block", grace.id), &Value::Null).await.expect(204);
    let open = grace.put(&format!("/chats/direct/{}", ada.id), &Value::Null).await;
    open.refused(403, "peer_unavailable");

    ada.delete(&block).await.expect(204);
    ada.delete(&block).await.expect(204);
    mallory.send(chat, "three").await;
    ada.send(ada.direct(&mallory).await, "four").await;
}

async fn who_blocked_one_is_not_found_for_a_group(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    let root = Person::admin(&server, "Root").await;
    ada.put(&format!("/users/{}/block", mallory.id), &Value::Null).await.expect(204);
    let group = mallory.group("His", &[&grace]).await;
    let mut hers = ada.socket().await;
    let member = json!({"role": "member"});
    // As somebody whom there is not, to the letter.
    let mut refusals = Vec::new();
    for id in [ada.id, 999_999] {
        let new = json!({"title": "Trap", "members": [grace.id, id]});
        let made = mallory.post("/chats", &new).await;
        let made = made.refused(400, "invalid");
        assert_eq!(made["errors"][0]["code"], "user_not_found");
        let added = mallory.put(&format!("/chats/{group}/members/{id}"), &member).await;
        let added = added.refused(404, "user_not_found");
        refusals.push([made, added].map(|mut body| {
            body["request_id"] = Value::Null;
            body
        }));
    }
    assert_eq!(refusals[0], refusals[1]);
    assert_eq!(ada.all("/chats").await, [] as [Value; 0]);
    hers.ask(json!({"type": "ping"})).await;
    assert_eq!(hers.take_pushes(), [] as [Value; 0], "she hears nothing of it");
    // Others add her, and the host puts both into a chat.
    let admin = json!({"role": "admin"});
    mallory.put(&format!("/chats/{group}/members/{}", grace.id), &admin).await.expect(200);
    grace.put(&format!("/chats/{group}/members/{}", ada.id), &member).await.expect(201);
    let project = json!({"title": "Bridge", "members": [ada.id, mallory.id]});
    root.put("/projects/5/chat", &project).await.expect(201);
    ada.delete(&format!("/users/{}/block", mallory.id)).await.expect(204);
    mallory.group("Again", &[&ada]).await;
}

async fn who_left_a_group_comes_back_by_a_wish_of_their_own(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    let group = mallory.group("His", &[&ada, &grace]).await;
    let (role, path) = (json!({"role": "member"}), format!("/chats/{group}/members/{}", ada.id));
    let add = async |expected: Result<u16, ()>| {
        let answer = mallory.put(&path, &role).await;
        match expected {
            Ok(status) => answer.expect(status),
            Err(()) => answer.refused(403, "left_by_choice"),
        };
    };
    add(Ok(200)).await;
    mallory.delete(&path).await.expect(204);
    add(Ok(201)).await;
    ada.delete(&path).await.expect(204);
    add(Err(())).await;
    let direct = mallory.direct(&ada).await;
    mallory.send(direct, "come back!").await;
    add(Err(())).await;
    assert!(!ada.all("/chats").await.iter().any(|chat| chat["id"] == group));
    ada.send(direct, "well then").await;
    add(Ok(201)).await;
    ada.send(group, "here I am").await;
}

async fn nobody_is_told(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, mallory, other] = Person::several(&server, ["Ada", "Mallory", "Other"]).await;
    let root = Person::admin(&server, "Root").await;
    let chat = mallory.direct(&ada).await;
    let to_other = mallory.direct(&other).await;
    let mut socket = mallory.socket().await;
    let before = mallory.chat(chat).await;
    ada.put(&format!("/users/{}/block", mallory.id), &Value::Null).await.expect(204);
    assert_eq!(mallory.chat(chat).await, before, "the chat is as it was");
    let changes = mallory.get(&format!("/chats/{chat}/changes?since={}", before["version"])).await;
    let changes = changes.expect(200);
    assert_eq!((&changes["members"], &changes["messages"]), (&json!([]), &json!([])));
    let seen = mallory.get(&format!("/users/{}", ada.id)).await.expect(200);
    assert_eq!((&seen["username"], &seen["deleted"]), (&json!("Ada"), &json!(false)));
    // The refusal is that of somebody whose account is disabled, to the letter.
    let off = json!({"is_active": false});
    root.patch(&format!("/admin/users/{}", other.id), &off).await.expect(200);
    let mut refusals = Vec::new();
    for chat in [chat, to_other] {
        let path = format!("/chats/{chat}/messages");
        let mut body = mallory.post(&path, &json!({"text": "x"})).await.body;
        body["request_id"] = Value::Null;
        refusals.push(body);
    }
    assert_eq!(refusals[0], refusals[1]);
    socket.ask(json!({"type": "typing", "chat": chat})).await;
    socket.ask(json!({"type": "ping"})).await;
    let told: Vec<_> = socket.take_pushes();
    assert_eq!(told, [] as [Value; 0], "nothing was pushed");
}

async fn one_s_other_devices_are_told(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, mallory] = Person::several(&server, ["Ada", "Mallory"]).await;
    let mut device = ada.sign_in_again().await.socket().await;
    let path = format!("/users/{}/block", mallory.id);
    for (method, on) in [(Method::PUT, true), (Method::DELETE, false)] {
        ada.call(method, &path, &Value::Null).await.expect(204);
        let push = device.push("the block", |push| push["type"] == "block").await;
        let told = json!({"type": "block", "data": {"user_id": mallory.id, "blocked": on}});
        assert_eq!(push, told);
    }
}

async fn who_blocked_one_is_not_seen(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    let group = grace.group("Lunch", &[&ada, &mallory]).await;
    let mut others = grace.socket().await;
    let (mut hers, _) = ada.socket_and_ready().await;
    let online = |user: i64| {
        move |push: &Value| push["type"] == "presence" && push["data"]["user_id"] == user
    };
    others.push("Ada to come", |p| online(ada.id)(p) && p["data"]["online"] == true).await;
    let mut theirs = mallory.socket().await;
    let path = format!("/users/{}", ada.id);
    assert_eq!(mallory.get(&path).await.expect(200)["online"], true);
    ada.put(&format!("/users/{}/block", mallory.id), &Value::Null).await.expect(204);
    let push = theirs
        .push("Ada to seem gone", |push| online(ada.id)(push) && push["data"]["online"] == false);
    push.await;
    theirs.take_pushes();
    let seen = mallory.get(&path).await.expect(200);
    assert_eq!((&seen["online"], &seen["last_seen_at"]), (&json!(false), &Value::Null));
    let seen = grace.get(&path).await.expect(200);
    assert_eq!(seen["online"], true, "others see her");
    assert_eq!(ada.get(&format!("/users/{}", mallory.id)).await.expect(200)["online"], true);
    // What she does is told to the others, and of her coming and going nothing to him.
    hers.send(group, "still here").await;
    theirs.push_of("message.created").await;
    hers.close().await;
    others.push("Ada to go", |p| online(ada.id)(p) && p["data"]["online"] == false).await;
    let hers = ada.socket().await;
    others.push("Ada to come", |p| online(ada.id)(p) && p["data"]["online"] == true).await;
    theirs.ask(json!({"type": "ping"})).await;
    let told = theirs.take_pushes();
    assert!(!told.iter().any(online(ada.id)), "{told:?}");
    drop(hers);
}

async fn blocks_are_one_s_own(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    for person in [&grace, &mallory] {
        ada.put(&format!("/users/{}/block", person.id), &Value::Null).await.expect(204);
    }
    let listed = ada.all("/users/me/blocks").await;
    let who: Vec<_> = listed.iter().map(|block| block["user"].clone()).collect();
    let peer =
        |p: &Person| json!({"id": p.id, "external_id": null, "username": p.name, "role": "user"});
    assert_eq!(who, [peer(&grace), peer(&mallory)]);
    let first = ada.get("/users/me/blocks?limit=1").await.expect(200);
    assert_eq!(first["next"], grace.id.to_string());
    assert_eq!(mallory.all("/users/me/blocks").await, [] as [Value; 0]);
    // Another's block is not one's own to take back.
    mallory.delete(&format!("/users/{}/block", ada.id)).await.expect(204);
    assert_eq!(ada.all("/users/me/blocks").await.len(), 2);
    ada.put(&format!("/users/{}/block", ada.id), &Value::Null).await.refused(409, "own_account");
    ada.put("/users/999999/block", &Value::Null).await.refused(404, "user_not_found");
    ada.put("/users/x/block", &Value::Null).await.refused_field(400, "user_id", "invalid_id");
    ada.get("/users/me/blocks?cursor=x").await.refused_field(400, "cursor", "invalid_cursor");
    let path = format!("/users/{}/block", grace.id);
    ada.api.call(Method::PUT, &path, None, &Value::Null).await.refused(401, "token_missing");
}

async fn a_disabled_peer_is_not_written_to(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let root = Person::admin(&server, "Root").await;
    let chat = ada.direct(&grace).await;
    let path = format!("/admin/users/{}", grace.id);
    root.patch(&path, &json!({"is_active": false})).await.expect(200);
    let messages = format!("/chats/{chat}/messages");
    let text = json!({"text": "hello"});
    ada.post(&messages, &text).await.refused(403, "peer_unavailable");
    let open = ada.put(&format!("/chats/direct/{}", grace.id), &Value::Null).await;
    open.refused(403, "peer_unavailable");
    assert_eq!(ada.chat(chat).await["peer"]["username"], "Grace", "she is still there to be seen");
    root.patch(&path, &json!({"is_active": true})).await.expect(200);
    ada.post(&messages, &text).await.expect(201);
}

/// What is pushed after it comes after it, so a message tells that nothing came before.
async fn who_blocked_one_is_not_seen_to_type_or_read(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    let (direct, group) =
        (ada.direct(&mallory).await, ada.group("Lunch", &[&grace, &mallory]).await);
    mallory.send(direct, "hello").await;
    ada.put(&format!("/users/{}/block", mallory.id), &Value::Null).await.expect(204);
    let (mut hers, mut seen, mut blind) =
        (ada.socket().await, grace.socket().await, mallory.socket().await);
    hers.ask(json!({"type": "typing", "chat": group})).await;
    hers.ask(json!({"type": "read", "chat": direct, "seq": 1})).await;
    hers.send(group, "that was it").await;
    for (socket, typing) in [(&mut seen, 2), (&mut blind, 0)] {
        socket.push("the message", |push| push["data"]["text"] == "that was it").await;
        let by_ada: Vec<_> = socket
            .take_pushes()
            .into_iter()
            .filter(|push| push["data"]["user_id"] == ada.id)
            .map(|push| (push["type"].clone(), push["data"]["typing"].clone()))
            .filter(|(kind, _)| kind == "typing" || kind == "read")
            .collect();
        let expected = [("typing", true), ("typing", false)].map(|(k, on)| (json!(k), json!(on)));
        assert_eq!(by_ada, expected[..typing]);
    }
    let read = |members: Vec<Value>| {
        let own = members.into_iter().find(|member| member["user_id"] == ada.id);
        own.expect("a member")["read_seq"].clone()
    };
    let members = format!("/chats/{direct}/members");
    assert_eq!(read(ada.all(&members).await), 1);
    assert_eq!(read(mallory.all(&members).await), 0);
}
