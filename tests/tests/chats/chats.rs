//! Chats and who is in them.

use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    a_direct_chat_is_one_for_both,
    a_group_is_made_and_renamed,
    members_come_go_and_change,
    roles_allow_what_the_table_says,
    a_chat_is_deleted,
    a_stranger_learns_nothing,
    read_markers_move_forward_only,
    the_list_is_in_the_order_of_activity,
);

async fn a_direct_chat_is_one_for_both(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let made = ada.put(&format!("/chats/direct/{}", grace.id), &Value::Null).await.expect(201);
    assert_eq!(made["kind"], "direct");
    assert_eq!(
        made["peer"],
        json!({"id": grace.id, "external_id": null, "username": "Grace", "role": "user"})
    );
    assert_eq!(made["version"], 1);
    assert_eq!(made["member_count"], 2);
    let found = grace.put(&format!("/chats/direct/{}", ada.id), &Value::Null).await.expect(200);
    assert_eq!(found["id"], made["id"]);
    assert_eq!(found["peer"]["username"], "Ada");

    let notes = ada.put(&format!("/chats/direct/{}", ada.id), &Value::Null).await.expect(201);
    assert_eq!((&notes["member_count"], &notes["peer"]["id"]), (&json!(1), &json!(ada.id)));
    ada.put("/chats/direct/999999", &Value::Null).await.refused(404, "user_not_found");

    // Of several that open it at once, one makes it.
    let alan = Person::register(&server, "Alan").await;
    let path = format!("/chats/direct/{}", alan.id);
    let opened = (0..8).map(|_| ada.put(&path, &Value::Null));
    let opened = futures_util::future::join_all(opened).await;
    assert_eq!(opened.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(opened.iter().all(|answer| answer.body["id"] == opened[0].body["id"]));

    let chat = ada.direct(&grace).await;
    ada.delete(&format!("/chats/{chat}/members/{}", ada.id)).await.refused(409, "direct_chat");
    let title = json!({"title": "Us"});
    ada.patch(&format!("/chats/{chat}"), &title).await.refused(403, "not_allowed");
    ada.put(&format!("/chats/{chat}/members/{}", alan.id), &Value::Null)
        .await
        .refused(403, "not_allowed");
}

async fn a_group_is_made_and_renamed(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    // Naming oneself, or somebody twice, does no harm.
    let body = json!({"title": "  Analysts ", "members": [grace.id, ada.id, grace.id]});
    let group = ada.post("/chats", &body).await.expect(201);
    assert_eq!((&group["kind"], &group["title"]), (&json!("group"), &json!("Analysts")));
    assert_eq!((&group["role"], &group["member_count"]), (&json!("owner"), &json!(2)));
    assert_eq!((&group["version"], &group["peer"]), (&json!(1), &Value::Null));
    let path = format!("/chats/{}", group["id"]);
    assert_eq!(grace.get(&path).await.expect(200)["role"], "member");

    let renamed = ada.patch(&path, &json!({"title": "Engines 🚂"})).await.expect(200);
    assert_eq!((&renamed["title"], &renamed["version"]), (&json!("Engines 🚂"), &json!(2)));
    let wrong = [("", "empty"), ("a\0b", "nul_character"), ("a\u{200b}", "invisible_character")];
    for (title, code) in wrong.into_iter().chain([("x".repeat(201).as_str(), "too_long")]) {
        ada.patch(&path, &json!({"title": title})).await.refused_field(400, "title", code);
        let body = json!({"title": title, "members": []});
        ada.post("/chats", &body).await.refused_field(400, "title", code);
    }
    let body = json!({"title": "x", "members": [999_999]});
    ada.post("/chats", &body).await.refused_field(400, "members", "user_not_found");
    let many: Vec<_> = (1..=1_001).collect();
    let body = json!({"title": "x", "members": many});
    ada.post("/chats", &body).await.refused_field(400, "members", "too_many_members");
    assert_eq!(ada.all("/chats").await.len(), 1, "what was refused made nothing");
}

async fn members_come_go_and_change(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, alan] = Person::several(&server, ["Ada", "Grace", "Alan"]).await;
    let chat = ada.group("Analysts", &[&grace]).await;
    let path = |person: &Person| format!("/chats/{chat}/members/{}", person.id);
    let roles = async || -> Vec<(String, String)> {
        let members = ada.all(&format!("/chats/{chat}/members")).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        members.iter().map(|m| (text(&m["username"]), text(&m["role"]))).collect()
    };
    let expected = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    ada.send(chat, "before").await;
    let added = ada.put(&path(&alan), &Value::Null).await.expect(201);
    assert_eq!(added["role"], "member");
    assert_eq!(alan.chat(chat).await["unread_count"], 0, "what was said before is read");
    ada.put(&path(&alan), &json!({"role": "admin"})).await.expect(200);
    assert_eq!(
        roles().await,
        expected(&[("Ada", "owner"), ("Grace", "member"), ("Alan", "admin")])
    );
    ada.delete(&path(&ada)).await.refused(409, "owner_leaves");
    ada.put(&path(&grace), &json!({"role": "owner"})).await.expect(200);
    assert_eq!(roles().await, expected(&[("Ada", "admin"), ("Grace", "owner"), ("Alan", "admin")]));
    grace.delete(&path(&alan)).await.expect(204);
    alan.get(&format!("/chats/{chat}")).await.refused(404, "chat_not_found");
    grace.delete(&path(&alan)).await.refused(404, "member_not_found");
    grace.put("/chats/1/members/999999", &Value::Null).await.refused(404, "user_not_found");
    // Whoever comes back is a plain member.
    grace.put(&path(&alan), &Value::Null).await.expect(201);
    assert_eq!(alan.chat(chat).await["role"], "member");
    let wrong = grace.put(&path(&alan), &json!({"role": "emperor"})).await;
    assert_eq!(wrong.refused(400, "invalid")["errors"][0]["field"], "role");
}

async fn roles_allow_what_the_table_says(engine: Engine) {
    let server = Server::start(engine).await;
    let names = ["Owner", "Deputy", "Second", "Member", "Other", "Stranger"];
    let [owner, admin, second, member, other, stranger] = Person::several(&server, names).await;
    let chat = owner.group("Table", &[&admin, &second, &member, &other]).await;
    let path = |person: &Person| format!("/chats/{chat}/members/{}", person.id);
    for person in [&admin, &second] {
        owner.put(&path(person), &json!({"role": "admin"})).await.expect(200);
    }
    let version = owner.chat(chat).await["version"].clone();

    member
        .patch(&format!("/chats/{chat}"), &json!({"title": "x"}))
        .await
        .refused(403, "not_allowed");
    member.put(&path(&stranger), &Value::Null).await.refused(403, "not_allowed");
    member.delete(&path(&other)).await.refused(403, "not_allowed");
    for role in ["admin", "owner"] {
        admin.put(&path(&member), &json!({"role": role})).await.refused(403, "not_allowed");
        member.put(&path(&member), &json!({"role": role})).await.refused(403, "not_allowed");
    }
    for person in [&second, &owner] {
        admin.delete(&path(person)).await.refused(403, "not_allowed");
    }
    for person in [&admin, &member] {
        person.delete(&format!("/chats/{chat}")).await.refused(403, "not_allowed");
    }
    owner.put(&path(&owner), &json!({"role": "member"})).await.refused(409, "owner_role");
    assert_eq!(owner.chat(chat).await["version"], version, "refusals change nothing");

    admin.patch(&format!("/chats/{chat}"), &json!({"title": "New"})).await.expect(200);
    admin.put(&path(&stranger), &Value::Null).await.expect(201);
    admin.delete(&path(&member)).await.expect(204);
    owner.delete(&path(&second)).await.expect(204);
    owner.delete(&format!("/chats/{chat}")).await.expect(204);
}

async fn a_chat_is_deleted(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let sent = ada.send(chat, "gone soon").await;
    grace.delete(&format!("/chats/{chat}")).await.expect(204);
    for person in [&ada, &grace] {
        person.get(&format!("/chats/{chat}")).await.refused(404, "chat_not_found");
        let path = format!("/chats/{chat}/messages/{}", sent["id"]);
        person.get(&path).await.refused(404, "message_not_found");
        assert!(person.all("/chats").await.is_empty());
    }
    let again = ada.direct(&grace).await;
    assert_ne!(again, chat, "a new chat, not the old one come back");
    assert!(ada.history(again).await.is_empty());
}

async fn a_stranger_learns_nothing(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, stranger] = Person::several(&server, ["Ada", "Grace", "Stranger"]).await;
    let chat = ada.group("Secret", &[&grace, &stranger]).await;
    let sent = ada.send(chat, "hello").await;
    stranger.delete(&format!("/chats/{chat}/members/{}", stranger.id)).await.expect(204);
    let never = Person::register(&server, "Never").await;
    let (id, grace_id) = (&sent["id"], grace.id);
    let missing = 999_999;

    let text = json!({"text": "x"});
    let requests = [
        ("GET", String::new(), Value::Null),
        ("PATCH", String::new(), json!({"title": "x"})),
        ("DELETE", String::new(), Value::Null),
        ("GET", "/members".into(), Value::Null),
        ("GET", "/messages".into(), Value::Null),
        ("GET", "/changes?since=0".into(), Value::Null),
        ("PUT", "/read".into(), json!({"seq": 1})),
        ("POST", "/messages".into(), text.clone()),
        ("GET", format!("/messages/{id}"), Value::Null),
        ("PATCH", format!("/messages/{id}"), text),
        ("DELETE", format!("/messages/{id}"), Value::Null),
        ("PUT", format!("/members/{grace_id}"), Value::Null),
        ("DELETE", format!("/members/{grace_id}"), Value::Null),
    ];
    for (method, rest, body) in requests {
        let method: tests::Method = method.parse().expect("a method");
        let mut answers = Vec::new();
        for (person, chat) in [(&never, chat), (&stranger, chat), (&never, missing)] {
            let path = format!("/chats/{chat}{rest}");
            let mut answer = person.call(method.clone(), &path, &body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
            answer.body["request_id"] = Value::Null;
            answers.push(answer.body.to_string());
        }
        assert_eq!(answers[0], answers[2], "{method} {rest}: a stranger's and a missing id");
        assert_eq!(answers[1], answers[2], "{method} {rest}: a former member and a missing id");
    }
    assert_eq!(ada.history(chat).await, [sent]);
}

async fn read_markers_move_forward_only(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    for text in ["one", "two", "three"] {
        ada.send(chat, text).await;
    }
    let path = format!("/chats/{chat}/read");
    assert_eq!(ada.chat(chat).await["unread_count"], 0, "one's own are no news");
    assert_eq!(grace.chat(chat).await["unread_count"], 3);
    let moved = grace.put(&path, &json!({"seq": 2})).await.expect(200);
    assert_eq!(moved, json!({"seq": 2, "version": 5}));
    assert_eq!(grace.chat(chat).await["unread_count"], 1);
    for seq in [0, 1, 2] {
        let kept = grace.put(&path, &json!({"seq": seq})).await.expect(200);
        assert_eq!(kept, json!({"seq": 2, "version": null}), "nothing moves back");
    }
    grace.put(&path, &json!({"seq": 4})).await.refused_field(400, "seq", "seq_ahead");
    let last = ada.history(chat).await[2]["id"].clone();
    ada.delete(&format!("/chats/{chat}/messages/{last}")).await.expect(200);
    assert_eq!(grace.chat(chat).await["unread_count"], 0, "a deleted message is not unread");
    assert_eq!(grace.chat(chat).await["version"], 6);
}

async fn the_list_is_in_the_order_of_activity(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let mut chats = Vec::new();
    for number in 0..7 {
        chats.push(ada.group(&format!("Group {number}"), &[&grace]).await);
    }
    let sent = ada.send(chats[2], "up").await;
    let order = [2, 6, 5, 4, 3, 1, 0].map(|index| chats[index]);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = grace.get(&format!("/chats?limit=3{cursor}")).await.expect(200);
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|chat| chat["id"].as_i64().expect("an id")));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, order);
    let first = &grace.get("/chats?limit=1").await.expect(200)["items"][0];
    assert_eq!(first["last_message"], sent);
    assert_eq!((&first["last_seq"], &first["unread_count"]), (&json!(1), &json!(1)));
    for wrong in ["limit=0", "limit=501", "limit=x", "cursor=nonsense"] {
        grace.get(&format!("/chats?{wrong}")).await.refused(400, "invalid");
    }
}
