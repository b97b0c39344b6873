//! Chats, their sockets, and groups.

#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use super::{Page, pages, status_of};
use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    nothing_but_messages_is_told_in_a_chat,
    a_former_member_hears_and_says_nothing,
    groups_are_made_and_changed,
    who_may_only_invite_changes_nothing_by_a_list_without_others,
);

async fn nothing_but_messages_is_told_in_a_chat(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben"]).await;
    let [ada, ben] = &people[..] else { panic!("two") };
    let chat = ada.chat_with(ben).await;
    let path = format!("/ws/chat/{chat}/");
    let mut hers = ada.open(&path).await.expect("a socket");
    let mut his = ben.open(&path).await.expect("a socket");
    let long = json!({"text": "x".repeat(8_193)}).to_string();
    for nothing in
        ["", "{", "[]", "{}", r#"{"text": ""}"#, r#"{"text": " \n"}"#, r#"{"text": null}"#, &long]
    {
        hers.send(nothing).await;
    }
    hers.binary(b"\xff\x00\xff").await;
    let (_, said) =
        ben.ask("POST", "/api/messages/", json!({"chat": chat, "text": "over HTTP"})).await;
    let (id, path) = (&said["id"], format!("/api/messages/{}/", said["id"]));
    ben.ask("PATCH", &path, json!({"text": "edited"})).await;
    assert_eq!(ben.ask("DELETE", &path, Value::Null).await.0, 204, "{id}");
    hers.send(&json!({"text": "said", "type": "anything"}).to_string()).await;
    for wire in [&mut hers, &mut his] {
        for (text, author) in [("over HTTP", ben.id), ("said", ada.id)] {
            let frame = wire.next().await.expect("the socket stays open");
            let time = frame["time"].as_str().expect("a time");
            assert!(time.ends_with("+00:00") && time.len() == 32, "{time}");
            let avatar = format!("/api/v1/users/{author}/avatar");
            let wanted = json!({
                "text": text, "author_id": author, "author_avatar": avatar, "time": time,
            });
            assert_eq!(frame, wanted);
        }
    }
}

async fn a_former_member_hears_and_says_nothing(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("Theirs", &[&ben]).await;
    let page = Page::log_in(&server, "Ben").await;
    let path = format!("/ws/chat/{group}/");
    let mut his = page.open(&path).await.expect("a socket");
    let message = ada.send(group, "hello").await;
    assert_eq!(his.next().await.expect("a frame")["text"], "hello");
    ada.delete(&format!("/chats/{group}/members/{}", ben.id)).await.expect(204);
    ada.send(group, "without Ben").await;
    his.send(&json!({"text": "I am here"}).to_string()).await;
    assert_eq!(status_of(page.open(&path).await).await, 403);
    for (path, status) in [
        (format!("/api/chats/{group}/"), 404),
        (format!("/api/chats/{group}/get_messages/"), 404),
        (format!("/api/messages/{}/", message["id"]), 404),
    ] {
        assert_eq!(page.ask("GET", &path, Value::Null).await.0, status, "{path}");
    }
    let body = json!({"chat": group, "text": "x"});
    assert_eq!(page.ask("POST", "/api/messages/", body).await.0, 403);
    let said: Vec<_> = ada.history(group).await.iter().map(|m| m["text"].clone()).collect();
    assert_eq!(said, ["hello", "without Ben"]);
    // The next thing that he hears is what is said after he is in again.
    let back = json!({"role": "member"});
    ada.put(&format!("/chats/{group}/members/{}", ben.id), &back).await;
    ada.send(group, "with Ben").await;
    assert_eq!(his.next().await.expect("a frame")["text"], "with Ben");
}

async fn groups_are_made_and_changed(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben", "Cleo"]).await;
    let [ada, ben, cleo] = &people[..] else { panic!("three") };
    let mut news = ben.open("/ws/notifications/").await.expect("a socket");
    let body = json!({"members": [ada.id, ben.id], "title": "Tea", "is_group": true});
    let (status, group) = ada.ask("POST", "/api/chats/", body).await;
    assert_eq!(status, 201, "{group}");
    let wanted = [
        ("title", json!("Tea")),
        ("is_group", json!(true)),
        ("display_name", json!("Tea")),
        ("members", json!([ada.id, ben.id])),
        ("last_message", json!("")),
        ("display_time", Value::Null),
    ];
    for (field, value) in wanted {
        assert_eq!(group[field], value, "{field}");
    }
    let photo = group["display_photo"].as_str().expect("an address");
    let shown = reqwest::get(server.url(photo)).await.expect("an answer");
    assert_eq!(shown.headers()["content-type"], "image/svg+xml");
    let path = format!("/api/chats/{}/", group["id"]);
    let (status, changed) = ada.ask("PATCH", &path, json!({"title": "Tea time"})).await;
    assert_eq!((status, &changed["display_name"]), (200, &json!("Tea time")));
    let body = json!({"members": [ada.id, cleo.id]});
    let (status, changed) = ada.ask("PUT", &path, body).await;
    assert_eq!((status, &changed["members"]), (200, &json!([ada.id, cleo.id])));
    assert_eq!(ben.ask("GET", &path, Value::Null).await.0, 404);
    assert_eq!(cleo.ask("PATCH", &path, json!({"title": "Mine"})).await.0, 403);
    assert_eq!(ada.ask("DELETE", &path, Value::Null).await, (204, Value::Null));
    assert_eq!(ada.ask("GET", &path, Value::Null).await.0, 404);
    // Two people without a group have a chat that is there once.
    let body = json!({"members": [ada.id, ben.id]});
    let (status, chat) = ada.ask("POST", "/api/chats/", body).await;
    assert_eq!(
        (status, &chat["is_group"], &chat["display_name"]),
        (201, &json!(false), &json!("Ben"))
    );
    assert_eq!(chat["id"], ben.chat_with(ada).await);
    let frame = news.next().await.expect("the socket stays open");
    assert_eq!(
        frame,
        json!({"type": "new_chat", "chat_id": chat["id"]}),
        "of groups nothing is told"
    );
}

async fn who_may_only_invite_changes_nothing_by_a_list_without_others(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("Tea", &[&ben]).await;
    let permissions = json!({"permissions": {"inviting": "everyone"}});
    ada.patch(&format!("/chats/{group}"), &permissions).await.expect(200);
    let page = Page::log_in(&server, &ben.name).await;
    let path = format!("/api/chats/{group}/");
    let (status, refused) = page.ask("PATCH", &path, json!({"members": [ben.id, cleo.id]})).await;
    assert_eq!(status, 403, "{refused}");
    assert_eq!(ada.chat(group).await["member_count"], 2);
    let all = json!({"members": [ada.id, ben.id, cleo.id]});
    let (status, changed) = page.ask("PATCH", &path, all).await;
    assert_eq!((status, &changed["members"]), (200, &json!([ada.id, ben.id, cleo.id])));
    // Whoever leaves by it leaves last.
    let [dora] = Person::several(&server, ["Dora"]).await;
    let others = json!({"members": [ada.id, cleo.id, dora.id]});
    page.ask("PATCH", &path, others).await;
    assert_eq!(page.ask("GET", &path, Value::Null).await.0, 404);
    assert_eq!(ada.chat(group).await["member_count"], 3);
}
