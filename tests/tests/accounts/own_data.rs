//! One's own data: taking it along, and deleting the account.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Method, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    an_export_has_all_of_one_s_own,
    an_export_of_much_takes_little_memory,
    a_deleted_account_is_gone_at_once,
    messages_stay_or_go_by_choice,
    groups_get_a_new_owner,
    deleting_is_refused,
    a_killed_server_finishes_a_deletion,
    admins_and_the_operator_delete_too,
);

async fn exported(person: &Person) -> Vec<Value> {
    let request = person.api.request(Method::GET, "/users/me/export").bearer_auth(&person.access);
    let answer = person.api.answer_to(request).await;
    let header = |name: &str| answer.headers[name].to_str().expect("a text").to_owned();
    assert!(header("content-type").starts_with("application/x-ndjson"));
    assert!(header("content-disposition").starts_with("attachment"));
    let text = answer.expect(200).as_str().expect("lines").to_owned();
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn of_type<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == kind).map(|line| &line["data"]).collect()
}

fn delete_me(messages: &str) -> Value {
    json!({"password": PASSWORD, "messages": messages})
}

async fn delete(person: &Person, messages: &str) {
    person.call(Method::DELETE, "/users/me", &delete_me(messages)).await.expect(204);
}

async fn an_export_has_all_of_one_s_own(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    ada.patch("/users/me", &json!({"bio": "Numbers.", "email": "ada@example.org"}))
        .await
        .expect(200);
    let (group, left) = (ada.group("Lunch", &[&grace]).await, grace.group("Left", &[&ada]).await);
    let direct = ada.direct(&grace).await;
    for chat in [group, left, direct] {
        ada.send(chat, &format!("hers in {chat}")).await;
        grace.send(chat, "marker-of-another").await;
    }
    ada.delete(&format!("/chats/{left}/members/{}", ada.id)).await.expect(204);
    grace.send(left, "marker-of-another").await;
    ada.put(&format!("/users/{}/block", grace.id), &Value::Null).await.expect(204);
    let (sent, waiting) = (ada.upload("sent").await, ada.upload("waiting").await);
    let with_file = json!({"text": "with a file", "attachments": [sent["id"]]});
    let message = ada.post(&format!("/chats/{group}/messages"), &with_file).await.expect(201);
    let path = format!("/chats/{group}/messages/{}", message["id"]);
    ada.patch(&path, &json!({"text": "with one file"})).await.expect(200);
    grace.upload("marker-of-another").await;
    let theirs = grace.send(group, "marker-of-another").await;
    for emoji in ["%F0%9F%91%8D", "%F0%9F%8E%89"] {
        let path = format!("/messages/{}/reactions/{emoji}", theirs["id"]);
        ada.put(&path, &Value::Null).await.expect(200);
    }

    let lines = exported(&ada).await;
    let whole: String = lines.iter().map(Value::to_string).collect();
    assert!(!whole.contains("marker-of-another"), "what others said is theirs: {whole}");
    let profile = of_type(&lines, "profile");
    assert_eq!(
        (&profile[0]["bio"], &profile[0]["email"]),
        (&json!("Numbers."), &json!("ada@example.org"))
    );
    assert_eq!(of_type(&lines, "session").len(), 1);
    assert_eq!(of_type(&lines, "block")[0]["user"]["username"], "Grace");
    let chats: Vec<_> = of_type(&lines, "chat").iter().map(|c| c["id"].as_i64()).collect();
    assert_eq!(chats, [Some(group), Some(direct)], "those that she is in");
    let texts: Vec<_> = of_type(&lines, "message").iter().map(|m| m["text"].clone()).collect();
    let mut expected = [group, left, direct].map(|chat| json!(format!("hers in {chat}"))).to_vec();
    expected.insert(1, json!("with one file"));
    assert_eq!(texts, expected, "wherever she wrote");
    let [edits] = of_type(&lines, "edits")[..] else { panic!("of one message: {whole}") };
    assert_eq!(
        (&edits["message_id"], &edits["texts"][0]["text"]),
        (&message["id"], &json!("with a file"))
    );
    let reactions = json!({"chat_id": group, "message_id": theirs["id"], "emoji": ["👍", "🎉"]});
    assert_eq!(of_type(&lines, "reactions"), [&reactions]);
    let mut expected = [sent, waiting];
    for (file, chat) in expected.iter_mut().zip([json!(group), Value::Null]) {
        file["chat_id"] = chat;
    }
    assert_eq!(of_type(&lines, "file"), expected.iter().collect::<Vec<_>>());
    let end = lines.last().expect("an end");
    assert_eq!(end, &json!({"type": "end", "data": {"lines": lines.len() - 1}}));
    ada.api
        .call(Method::GET, "/users/me/export", None, &Value::Null)
        .await
        .refused(401, "token_missing");
}

async fn an_export_of_much_takes_little_memory(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.group("Diary", &[]).await;
    let mut socket = ada.socket().await;
    let text = "x".repeat(8_000);
    let mut asked = Vec::new();
    for _ in 0..1_200 {
        let send = json!({"type": "send", "chat": chat, "text": text});
        asked.push(socket.submit(send).await);
        if asked.len() == 50 {
            for id in asked.drain(..) {
                socket.answer(&id).await.expect("an answer");
            }
        }
    }
    let before = server.own_memory();
    let lines = exported(&ada).await;
    assert_eq!(of_type(&lines, "message").len(), 1_200);
    let grown = server.own_memory().saturating_sub(before) >> 20;
    assert!(grown < 32, "grew by {grown} MiB for 10 MB of text");
}

async fn a_deleted_account_is_gone_at_once(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    ada.patch("/users/me", &json!({"first_name": "Marker", "email": "marker@example.org"}))
        .await
        .expect(200);
    let direct = ada.direct(&grace).await;
    ada.send(direct, "hello").await;
    let (file, unsent) = (ada.upload("sent").await, ada.upload("unsent").await);
    let sent = json!({"text": "", "attachments": [file["id"]]});
    ada.post(&format!("/chats/{direct}/messages"), &sent).await.expect(201);
    let phone = ada.sign_in_again().await;
    let (mut hers, mut on_phone) = (ada.socket().await, phone.socket().await);
    let mut theirs = grace.socket().await;
    let began = std::time::Instant::now();
    delete(&ada, "keep").await;
    assert_eq!((hers.closed().await, on_phone.closed().await), (4502, 4502));
    assert!(began.elapsed().as_secs() < 3, "sockets close at once");
    for device in [&ada, &phone] {
        device.get("/users/me").await.refused(401, "token_invalid");
        let refresh = json!({"refresh_token": device.refresh});
        ada.api.post("/auth/refresh", &refresh).await.refused(401, "refresh_token_invalid");
    }
    let login = json!({"username": "Ada", "password": PASSWORD});
    ada.api.post("/auth/login", &login).await.refused(401, "wrong_credentials");

    let push = theirs.push_of("member.updated").await;
    assert_eq!(
        (&push["chat"], &push["data"]["username"]),
        (&json!(direct), &json!("deleted user"))
    );
    let seen = grace.get(&format!("/users/{}", ada.id)).await.expect(200);
    assert_eq!((&seen["username"], &seen["deleted"]), (&json!("deleted user"), &json!(true)));
    assert!(!seen.to_string().contains("Marker"), "{seen}");
    assert_eq!(grace.chat(direct).await["peer"]["username"], "deleted user");
    assert_eq!(grace.history(direct).await[0]["text"], "hello", "what was said stays");
    grace.get(&format!("/media/{}", file["id"])).await.expect(200);
    grace.get(&format!("/media/{}", unsent["id"])).await.refused(404, "media_not_found");
    let send = json!({"text": "are you there?"});
    let sent = grace.post(&format!("/chats/{direct}/messages"), &send).await;
    sent.refused(403, "peer_unavailable");
    assert_eq!(grace.all("/users").await.len(), 1);
    // The name is free, and whoever takes it is somebody else.
    let again = Person::register(&server, "ada").await;
    assert_ne!(again.id, ada.id);
    assert_eq!(again.all("/chats").await, [] as [Value; 0]);
}

async fn messages_stay_or_go_by_choice(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, owner] = Person::several(&server, ["Ada", "Grace", "Owner"]).await;
    let (chat, left) =
        (owner.group("Lunch", &[&ada, &grace]).await, owner.group("Left", &[&ada]).await);
    for person in [&ada, &grace, &owner] {
        person.send(chat, &format!("by {}", person.name)).await;
    }
    ada.send(left, "before she left").await;
    let (kept, liked) = (owner.send(left, "liked").await, owner.history(chat).await[2].clone());
    for (who, message) in [(&ada, &kept), (&ada, &liked), (&grace, &liked)] {
        let path = format!("/messages/{}/reactions/%F0%9F%91%8D", message["id"]);
        who.put(&path, &Value::Null).await.expect(200);
    }
    ada.delete(&format!("/chats/{left}/members/{}", ada.id)).await.expect(204);
    let mut socket = owner.socket().await;
    delete(&grace, "keep").await;
    socket.push_of("member.left").await;
    delete(&ada, "delete").await;
    for _ in 0..2 {
        let push = socket.push_of("message.deleted").await;
        assert_eq!(push["data"]["author_id"], ada.id);
    }
    socket.push_of("member.left").await;
    for (message, left) in
        [(&liked, json!([{"emoji": "👍", "user_ids": [grace.id]}])), (&kept, json!([]))]
    {
        let push = socket.push_of("message.updated").await;
        assert_eq!((&push["data"]["id"], &push["data"]["reactions"]), (&message["id"], &left));
    }
    let texts: Vec<_> = owner.history(chat).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["", "by Grace", "by Owner"]);
    assert_eq!(owner.history(left).await[0]["text"], "", "where she was before, too");
    let members = owner.get(&format!("/chats/{chat}/members")).await.expect(200);
    assert_eq!(members["items"].as_array().map(Vec::len), Some(1));
}

async fn groups_get_a_new_owner(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, linus] = Person::several(&server, ["Ada", "Grace", "Linus"]).await;
    let chat = ada.group("Lunch", &[&grace, &linus]).await;
    let alone = ada.group("Alone", &[]).await;
    let admin = json!({"role": "admin"});
    ada.put(&format!("/chats/{chat}/members/{}", linus.id), &admin).await.expect(200);
    let root = Person::admin(&server, "Root").await;
    let mut socket = grace.socket().await;
    delete(&ada, "keep").await;
    let heir = socket.push("a new owner", |push| {
        let data = &push["data"];
        push["type"] == "member.updated" && data["role"] == "owner" && data["user_id"] == linus.id
    });
    heir.await;
    let left = socket.push_of("member.left").await;
    assert_eq!(
        (&left["data"]["user_id"], &left["data"]["username"]),
        (&json!(ada.id), &json!("deleted user"))
    );
    assert_eq!(linus.chat(chat).await["role"], "owner");
    server
        .until("the chat of nobody to go", async |_| {
            let chats = root.all("/admin/chats").await;
            !chats.iter().any(|c| c["id"] == alone)
        })
        .await;
}

async fn deleting_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let call = |body: Value| {
        let ada = ada.clone();
        async move { ada.call(Method::DELETE, "/users/me", &body).await }
    };
    for password in ["not-her-password", "", "a\0b", &"x".repeat(5_000)] {
        let body = json!({"password": password, "messages": "keep"});
        call(body).await.refused_field(400, "password", "wrong_password");
    }
    call(Value::Null).await.refused(400, "body_missing");
    for body in [
        json!({"password": PASSWORD}),
        json!({"password": PASSWORD, "messages": "some"}),
        json!({"password": PASSWORD, "messages": true}),
        json!({"password": PASSWORD, "messages": "keep", "sure": true}),
    ] {
        call(body).await.refused(400, "invalid");
    }
    let none = ada.api.call(Method::DELETE, "/users/me", None, &delete_me("keep")).await;
    none.refused(401, "token_missing");
    ada.get("/users/me").await.expect(200);
}

async fn a_killed_server_finishes_a_deletion(engine: Engine) {
    let mut server = Server::start(engine).await;
    let [mut ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.group("Lunch", &[&grace]).await;
    grace.send(chat, "marker").await;
    delete(&grace, "delete").await;
    server.kill().await;
    server.restart().await;
    ada.moved_to(&server).await;
    server
        .until("the deletion to be finished", async |_| {
            let members = ada.get(&format!("/chats/{chat}/members")).await.expect(200);
            members["items"].as_array().map(Vec::len) == Some(1)
        })
        .await;
    assert_eq!(ada.history(chat).await[0]["text"], "");
}

async fn admins_and_the_operator_delete_too(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, linus] = Person::several(&server, ["Ada", "Grace", "Linus"]).await;
    let root = Person::admin(&server, "Root").await;
    let chat = linus.group("Lunch", &[&ada, &grace]).await;
    ada.send(chat, "by Ada").await;
    grace.send(chat, "by Grace").await;
    let mut socket = linus.socket().await;
    let path = format!("/admin/users/{}", ada.id);
    linus.delete(&path).await.refused(403, "admin_only");
    root.delete(&format!("{path}?messages=some")).await.refused(400, "invalid");
    root.delete(&format!("/admin/users/{}", root.id)).await.refused(409, "own_account");
    root.delete(&path).await.expect(204);
    root.delete(&path).await.refused(404, "user_not_found");
    root.get(&path).await.refused(404, "user_not_found");
    root.patch(&path, &json!({"is_active": true})).await.refused(404, "user_not_found");
    socket.push_of("member.left").await;
    let gone = server.run(&["user", "delete", "grace", "--with-messages"], "").await;
    assert!(gone.status.success(), "{}", String::from_utf8_lossy(&gone.stderr));
    socket.push_of("member.left").await;
    let texts: Vec<_> = linus.history(chat).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["by Ada", ""]);
    let gone = server.run(&["user", "delete", "grace"], "").await;
    assert!(!gone.status.success(), "once");
    let log = root.all("/admin/audit").await;
    let told: Vec<_> = log
        .iter()
        .filter(|entry| entry["action"] == "user.deleted")
        .map(|e| (e["target_id"].clone(), e["actor_id"].clone(), e["detail"].clone()))
        .collect();
    let expected = [
        (json!(grace.id), Value::Null, json!("messages: delete")),
        (json!(ada.id), json!(root.id), json!("messages: keep")),
    ];
    assert_eq!(told, expected);
}
