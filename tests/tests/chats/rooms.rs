//! Open rooms, the chats of projects, bans, slow mode, and what one wants of a chat for oneself.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    anybody_enters_a_room,
    a_room_sees_who_comes_and_goes,
    a_room_name_is_checked,
    a_project_has_one_chat,
    only_admins_run_projects,
    a_ban_keeps_out_until_it_ends,
    only_admins_of_the_chat_ban,
    slow_mode_slows_members,
    preferences_are_told_to_ones_own_devices,
    five_hundred_chats_come_on_one_page,
);

async fn enter(person: &Person, name: &str, status: u16) -> i64 {
    let answer = person.put(&format!("/rooms/{name}"), &Value::Null).await.expect(status);
    answer["id"].as_i64().expect("an id")
}

async fn admin(server: &Server, person: &Person) -> Person {
    let add = ["user", "add", "Root", "--role", "admin", "--password-stdin"];
    assert!(server.run(&add, PASSWORD).await.status.success());
    let body = json!({"username": "Root", "password": PASSWORD});
    let signed = person.api.post("/auth/login", &body).await.expect(200);
    Person::signed_in(person.api.clone(), &signed)
}

async fn anybody_enters_a_room(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let made = ada.put("/rooms/Lobby", &Value::Null).await.expect(201);
    assert_eq!((&made["kind"], &made["title"]), (&json!("room"), &json!("Lobby")));
    assert_eq!((&made["role"], &made["member_count"]), (&json!("owner"), &json!(1)));
    let room = made["id"].as_i64().expect("an id");
    ben.get(&format!("/chats/{room}")).await.refused(404, "chat_not_found");
    assert_eq!(enter(&ben, "lobby", 200).await, room, "however it is spelt");
    assert_eq!(enter(&ben, "LOBBY", 200).await, room, "entering twice is entering once");
    assert_eq!(ben.chat(room).await["member_count"], 2);
    ben.send(room, "Hello").await;
    assert_eq!(ada.chat(room).await["unread_count"], 1);
    let other = enter(&ben, "%D0%97%D0%B0%D0%BB", 201).await;
    let rooms = ada.all("/rooms").await;
    let names: Vec<_> = rooms.iter().map(|room| room["name"].clone()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&json!("Зал")) && names.contains(&json!("Lobby")), "{names:?}");
    assert_eq!(enter(&ada, "%D0%B7%D0%B0%D0%BB", 200).await, other, "in any script");

    // An owner of a room may leave it; it goes on without one.
    ada.delete(&format!("/chats/{room}/members/{}", ada.id)).await.expect(204);
    ada.get(&format!("/chats/{room}/messages")).await.refused(404, "chat_not_found");
    assert_eq!(enter(&ada, "lobby", 200).await, room);
    assert_eq!(ada.chat(room).await["role"], "member");
    ada.delete(&format!("/chats/{room}")).await.refused(403, "not_allowed");
    ada.patch(&format!("/chats/{room}"), &json!({"title": "Hall"}))
        .await
        .refused(403, "not_allowed");
}

async fn a_room_sees_who_comes_and_goes(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = enter(&ada, "lobby", 201).await;
    let mut socket = ada.socket().await;
    enter(&ben, "lobby", 200).await;
    let joined = socket.push_of("member.joined").await;
    assert_eq!((&joined["chat"], &joined["data"]["username"]), (&json!(room), &json!("Ben")));
    ben.delete(&format!("/chats/{room}/members/{}", ben.id)).await.expect(204);
    let left = socket.push_of("member.left").await;
    assert_eq!(left["data"]["user_id"], ben.id);
}

async fn a_room_name_is_checked(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let long = "x".repeat(101);
    for name in ["a%20b", "a%2Fb", "a%00b", "a%E2%80%8B", "%F0%9F%A6%80", "a%23b", long.as_str()] {
        let answer = ada.put(&format!("/rooms/{name}"), &Value::Null).await;
        answer.refused_field(400, "name", "room_name_invalid");
    }
    assert_eq!(ada.all("/rooms").await.len(), 0, "what was refused made nothing");
    enter(&ada, &"x".repeat(100), 201).await;
}

async fn a_project_has_one_chat(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let root = admin(&server, &ada).await;
    let path = "/projects/77/chat";
    let body = json!({"title": "Bridge", "members": [ada.id, ben.id, ada.id], "owner": ada.id});
    let made = root.put(path, &body).await.expect(201);
    assert_eq!(
        (&made["chat"]["project_id"], &made["members"]),
        (&json!(77), &json!([ada.id, ben.id]))
    );
    let chat = ada.get(path).await.expect(200);
    assert_eq!((&chat["kind"], &chat["role"]), (&json!("project"), &json!("owner")));
    let id = chat["id"].as_i64().expect("an id");
    ben.send(id, "Hello").await;
    root.get(path).await.refused(404, "chat_not_found");
    cleo.get(path).await.refused(404, "chat_not_found");

    let mut socket = ben.socket().await;
    let body = json!({"title": "Tunnel", "members": [ben.id, cleo.id]});
    assert_eq!(root.put(path, &body).await.expect(200)["chat"]["id"], id);
    for (kind, who) in
        [("chat.updated", None), ("member.left", Some(&ada)), ("member.joined", Some(&cleo))]
    {
        let push = socket.push_of(kind).await;
        assert!(who.is_none_or(|who| push["data"]["user_id"] == who.id), "{push}");
    }
    ada.get(path).await.refused(404, "chat_not_found");
    let seen = cleo.get(path).await.expect(200);
    assert_eq!((&seen["title"], &seen["unread_count"]), (&json!("Tunnel"), &json!(0)));
    let version = seen["version"].clone();
    root.put(path, &body).await.expect(200);
    assert_eq!(cleo.get(path).await.expect(200)["version"], version, "no difference is no change");
    // Its members come from the project.
    let member = format!("/chats/{id}/members/{}", cleo.id);
    cleo.delete(&member).await.refused(409, "project_chat");
    ben.put(&format!("/chats/{id}/members/{}", ada.id), &Value::Null)
        .await
        .refused(403, "not_allowed");
    root.delete(path).await.expect(204);
    socket.push_of("chat.deleted").await;
    ben.get(path).await.refused(404, "chat_not_found");
}

async fn only_admins_run_projects(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let root = admin(&server, &ada).await;
    let body = |members: Value| json!({"title": "Bridge", "members": members});
    let own = body(json!([ada.id]));
    ada.put("/projects/1/chat", &own).await.refused(403, "admin_only");
    ada.delete("/projects/1/chat").await.refused(403, "admin_only");
    for id in ["0", "x", "-1", "9007199254740992"] {
        let answer = root.put(&format!("/projects/{id}/chat"), &own).await;
        answer.refused_field(400, "project_id", "invalid_id");
    }
    let unknown = body(json!([ada.id, 999_999]));
    root.put("/projects/1/chat", &unknown).await.refused_field(400, "members", "user_not_found");
    let stranger = json!({"title": "Bridge", "members": [ada.id], "owner": ben.id});
    root.put("/projects/1/chat", &stranger).await.refused_field(400, "owner", "member_not_found");
    let many: Vec<_> = (1..=1_001).collect();
    root.put("/projects/1/chat", &body(json!(many))).await.refused_field(
        400,
        "members",
        "too_many_members",
    );
    let untitled = json!({"title": " ", "members": []});
    root.put("/projects/1/chat", &untitled).await.refused_field(400, "title", "empty");
    root.delete("/projects/1/chat").await.refused(404, "chat_not_found");
    assert_eq!(ada.all("/chats").await.len(), 0, "what was refused made nothing");
}

async fn a_ban_keeps_out_until_it_ends(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = enter(&ada, "lobby", 201).await;
    enter(&ben, "lobby", 200).await;
    let mut socket = ben.socket().await;
    let ban = format!("/chats/{room}/bans/{}", ben.id);
    let body = json!({"until": "2999-01-01T02:00:00+02:00", "reason": "Shouting"});
    ada.put(&ban, &body).await.expect(204);
    assert_eq!(socket.push_of("member.left").await["data"]["user_id"], ben.id);
    ben.put("/rooms/lobby", &Value::Null).await.refused(403, "banned");
    let bans = ada.all(&format!("/chats/{room}/bans")).await;
    assert_eq!(bans.len(), 1);
    assert_eq!((&bans[0]["user"]["id"], &bans[0]["banned_by"]), (&json!(ben.id), &json!(ada.id)));
    assert_eq!(bans[0]["until"], "2999-01-01T00:00:00.000000Z");
    ada.delete(&ban).await.expect(204);
    ada.delete(&ban).await.refused(404, "ban_not_found");
    enter(&ben, "lobby", 200).await;

    // In a group, a banned person cannot be added either; who was never in can be banned too.
    let cleo = Person::register(&server, "Cleo").await;
    let group = ada.group("Analysts", &[]).await;
    ada.put(&format!("/chats/{group}/bans/{}", cleo.id), &Value::Null).await.expect(204);
    let add = format!("/chats/{group}/members/{}", cleo.id);
    ada.put(&add, &Value::Null).await.refused(403, "banned");
}

async fn only_admins_of_the_chat_ban(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo, eve] = Person::several(&server, ["Ada", "Ben", "Cleo", "Eve"]).await;
    let group = ada.group("Analysts", &[&ben, &cleo]).await;
    let ban = |person: &Person| format!("/chats/{group}/bans/{}", person.id);
    ben.put(&ban(&cleo), &Value::Null).await.refused(403, "not_allowed");
    ben.get(&format!("/chats/{group}/bans")).await.refused(403, "not_allowed");
    eve.put(&ban(&cleo), &Value::Null).await.refused(404, "chat_not_found");
    let admin = json!({"role": "admin"});
    ada.put(&format!("/chats/{group}/members/{}", ben.id), &admin).await.expect(200);
    ben.put(&ban(&ada), &Value::Null).await.refused(403, "not_allowed");
    ben.put(&ban(&ben), &Value::Null).await.refused(403, "not_allowed");
    let body = |until: &str| json!({"until": until});
    ben.put(&ban(&cleo), &body("2001-01-01T00:00:00Z")).await.refused_field(
        400,
        "until",
        "not_in_the_future",
    );
    ben.put(&ban(&cleo), &body("tomorrow")).await.refused_field(400, "until", "not_a_moment");
    let reason = json!({"reason": "x".repeat(501)});
    ben.put(&ban(&cleo), &reason).await.refused_field(400, "reason", "too_long");
    let nobody = format!("/chats/{group}/bans/999999");
    ben.put(&nobody, &Value::Null).await.refused(404, "user_not_found");
    assert_eq!(cleo.chat(group).await["member_count"], 3, "what was refused changed nothing");
    ben.put(&ban(&cleo), &Value::Null).await.expect(204);
    cleo.get(&format!("/chats/{group}")).await.refused(404, "chat_not_found");
    let direct = ada.direct(&ben).await;
    let path = format!("/chats/{direct}/bans/{}", ben.id);
    ada.put(&path, &Value::Null).await.refused(403, "not_allowed");
}

async fn slow_mode_slows_members(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("Analysts", &[&ben]).await;
    let path = format!("/chats/{group}");
    let mut socket = ben.socket().await;
    ben.patch(&path, &json!({"slow_mode": 3_600})).await.refused(403, "not_allowed");
    ada.patch(&path, &json!({"slow_mode": 86_401})).await.refused_field(
        400,
        "slow_mode",
        "slow_mode_out_of_range",
    );
    ada.patch(&path, &json!({"slow_mode": -1})).await.refused_field(400, "slow_mode", "wrong_type");
    let slowed = ada.patch(&path, &json!({"slow_mode": 3_600})).await.expect(200);
    assert_eq!((&slowed["slow_mode"], &slowed["title"]), (&json!(3_600), &json!("Analysts")));
    assert_eq!(socket.push_of("chat.updated").await["data"]["slow_mode"], 3_600);
    ben.send(group, "once").await;
    let messages = format!("{path}/messages");
    let again = ben.post(&messages, &json!({"text": "twice"})).await;
    let wait: i64 = again.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    again.refused(429, "slow_mode");
    let send = json!({"type": "send", "chat": group, "text": "twice"});
    assert!(socket.refused(send, "slow_mode").await["retry_after"].is_number());
    for text in ["an owner", "need not wait"] {
        ada.send(group, text).await;
    }
    ada.patch(&path, &json!({"slow_mode": 0})).await.expect(200);
    ben.send(group, "free again").await;
}

async fn preferences_are_told_to_ones_own_devices(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    let path = format!("/chats/{chat}/preferences");
    let before = ben.chat(chat).await;
    let mut own = ada.sign_in_again().await.socket().await;
    let mut others = ben.socket().await;
    let wanted = json!({"muted_until": "2999-01-01T00:00:00Z", "archived": true});
    let set = ada.patch(&path, &wanted).await.expect(200);
    let until = "2999-01-01T00:00:00.000000Z";
    let expected =
        json!({"muted_until": until, "mentions_only": false, "pinned": false, "archived": true});
    assert_eq!(set, expected);
    let push = own.push_of("chat.preferences").await;
    assert_eq!((&push["chat"], &push["data"]), (&json!(chat), &expected));
    assert_eq!(ada.chat(chat).await["preferences"], expected);
    assert_eq!(ben.chat(chat).await, before, "nobody else's business");
    ada.send(chat, "Hello").await;
    let next = others.push("a push", |push| push["type"] != "presence").await;
    assert_eq!(next["type"], "message.created");

    let listed = async |archived: bool| {
        let page = ada.get(&format!("/chats?archived={archived}")).await.expect(200);
        page["items"].as_array().expect("items").len()
    };
    assert_eq!((listed(true).await, listed(false).await), (1, 0));
    let set =
        ada.patch(&path, &json!({"muted_until": null, "mentions_only": true})).await.expect(200);
    let expected =
        json!({"muted_until": null, "mentions_only": true, "pinned": false, "archived": true});
    assert_eq!(set, expected);
    let set = ada.patch(&path, &json!({"pinned": true})).await.expect(200);
    let expected =
        json!({"muted_until": null, "mentions_only": true, "pinned": true, "archived": true});
    assert_eq!(set, expected);
    let wrong = ada.patch(&path, &json!({"mentions_only": "yes"})).await;
    wrong.refused_field(400, "mentions_only", "wrong_type");
    ada.patch(&path, &json!({"muted_until": "soon"})).await.refused_field(
        400,
        "muted_until",
        "not_a_moment",
    );
    ada.patch(&path, &json!({"loud": true})).await.refused_field(400, "loud", "wrong_type");
    let eve = Person::register(&server, "Eve").await;
    eve.patch(&path, &json!({"pinned": true})).await.refused(404, "chat_not_found");
}

async fn five_hundred_chats_come_on_one_page(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for nth in 0..8 {
        ada.group(&format!("Group {nth}"), &[]).await;
    }
    let page = ada.get("/chats?limit=500").await.expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(8));
    ada.get("/chats?limit=501").await.refused_field(400, "limit", "limit_out_of_range");
}
