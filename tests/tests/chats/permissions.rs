//! What a chat lets its people do, as its owner or its host sets it.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{
    Engine, Method, Person, Server, ServiceKeyClient, Value, behind_hosts, json, on_both, within,
};

on_both!(
    where_only_admins_write_others_read,
    who_may_not_write_reacts_if_that_is_permitted,
    members_stay_and_invite_as_is_permitted,
    who_may_not_leave_is_taken_out_or_deletes_their_account,
    nobody_whispers_where_that_is_turned_off,
    only_the_owner_sets_permissions,
    a_host_says_what_its_chats_permit,
    what_was_on_its_way_comes_before_or_is_refused,
);

/// What a chat permits that permits the usual, but for this.
fn usual_but(others: &Value) -> Value {
    let mut all = json!({
        "posting": "everyone",
        "reacting": "everyone",
        "leaving": "everyone",
        "inviting": "admins",
        "whispering": "everyone",
        "history": "everything",
    });
    for (name, word) in others.as_object().expect("an object") {
        all[name] = word.clone();
    }
    all
}

async fn permit(owner: &Person, chat: i64, permissions: Value) -> Value {
    let body = json!({ "permissions": permissions });
    owner.patch(&format!("/chats/{chat}"), &body).await.expect(200)
}

async fn where_only_admins_write_others_read(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("News", &[&ben]).await;
    let path = format!("/chats/{group}");
    assert_eq!(ben.chat(group).await["permissions"], usual_but(&json!({})));
    let own = ben.send(group, "before").await;
    let mut socket = ben.socket().await;
    let channel = permit(&ada, group, json!({"posting": "admins"})).await;
    let expected = usual_but(&json!({"posting": "admins"}));
    assert_eq!((&channel["permissions"], &channel["version"]), (&expected, &json!(3)));
    let told = socket.push_of("chat.updated").await;
    assert_eq!((&told["version"], &told["data"]["permissions"]), (&json!(3), &expected));
    assert_eq!(permit(&ada, group, json!({"posting": "admins"})).await["version"], 3, "no change");
    let changes = ben.get(&format!("{path}/changes?since=2")).await.expect(200);
    assert_eq!(changes["chat"]["permissions"], expected);

    let messages = format!("{path}/messages");
    let refused = ben.post(&messages, &json!({"text": "Hello"})).await;
    let said = refused.refused(403, "posting_restricted")["detail"].clone();
    assert_eq!(said, "Only admins write in this chat.");
    let send = json!({"type": "send", "chat": group, "text": "Hello"});
    socket.refused(send, "posting_restricted").await;
    let reply = json!({"text": "Hello", "reply_to": own["id"]});
    ben.post(&messages, &reply).await.refused(403, "posting_restricted");
    let message = format!("{messages}/{}", own["id"]);
    ben.patch(&message, &json!({"text": "after"})).await.refused(403, "posting_restricted");
    let pin = format!("{path}/pins/{}", own["id"]);
    ben.put(&pin, &Value::Null).await.refused(403, "not_allowed");
    ada.put(&pin, &Value::Null).await.expect(200);
    let news = ada.send(group, "News").await;
    assert_eq!(socket.push_of("message.created").await["data"]["text"], "News");
    ben.put(&format!("{path}/read"), &json!({"seq": news["seq"]})).await.expect(200);
    ben.put(&format!("/messages/{}/star", news["id"]), &Value::Null).await.expect(204);
    ben.delete(&message).await.expect(200);

    let admin = json!({"role": "admin"});
    ada.put(&format!("{path}/members/{}", ben.id), &admin).await.expect(200);
    ben.send(group, "An admin writes").await;
    permit(&ada, group, json!({"posting": "everyone"})).await;
    assert_eq!(ben.chat(group).await["permissions"], usual_but(&json!({})));
    let made =
        json!({"title": "More news", "members": [ben.id], "permissions": {"posting": "admins"}});
    let made = ada.post("/chats", &made).await.expect(201);
    assert_eq!((&made["permissions"], &made["version"]), (&expected, &json!(1)));
    let inside = format!("/chats/{}/messages", made["id"]);
    ben.post(&inside, &json!({"text": "Hello"})).await.refused(403, "posting_restricted");
}

async fn who_may_not_write_reacts_if_that_is_permitted(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = ada.put("/rooms/news", &Value::Null).await.expect(201)["id"].as_i64();
    let room = room.expect("an id");
    ben.put("/rooms/news", &Value::Null).await.expect(200);
    let news = ada.send(room, "News").await;
    let thumb = format!("/messages/{}/reactions/%F0%9F%91%8D", news["id"]);
    permit(&ada, room, json!({"posting": "admins"})).await;
    ben.put(&thumb, &Value::Null).await.expect(200);
    permit(&ada, room, json!({"reacting": "writers"})).await;
    let heart = format!("/messages/{}/reactions/%E2%9D%A4%EF%B8%8F", news["id"]);
    ben.put(&heart, &Value::Null).await.refused(403, "reacting_restricted");
    ben.delete(&thumb).await.expect(200);
    ben.put(&thumb, &Value::Null).await.refused(403, "reacting_restricted");
    ada.put(&heart, &Value::Null).await.expect(200);
    permit(&ada, room, json!({"posting": "everyone"})).await;
    ben.put(&thumb, &Value::Null).await.expect(200);
}

async fn members_stay_and_invite_as_is_permitted(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("Staff", &[&ben]).await;
    let member = |person: &Person| format!("/chats/{group}/members/{}", person.id);
    ben.put(&member(&cleo), &Value::Null).await.refused(403, "not_allowed");
    permit(&ada, group, json!({"leaving": "admins", "inviting": "everyone"})).await;
    ben.put(&member(&cleo), &json!({"role": "admin"})).await.refused(403, "not_allowed");
    ben.put(&member(&cleo), &Value::Null).await.expect(201);
    ben.delete(&member(&cleo)).await.refused(403, "not_allowed");
    cleo.delete(&member(&cleo)).await.refused(403, "leaving_restricted");
    ada.delete(&member(&ada)).await.refused(409, "owner_leaves");
    ada.put(&member(&ben), &json!({"role": "admin"})).await.expect(200);
    ben.delete(&member(&ben)).await.expect(204);
    permit(&ada, group, json!({"leaving": "everyone"})).await;
    cleo.delete(&member(&cleo)).await.expect(204);
    let room = ada.put("/rooms/hall", &Value::Null).await.expect(201)["id"].as_i64();
    permit(&ada, room.expect("an id"), json!({"leaving": "admins"})).await;
    cleo.put("/rooms/hall", &Value::Null).await.expect(200);
    let path = format!("/chats/{}/members/{}", room.expect("an id"), cleo.id);
    cleo.delete(&path).await.refused(403, "leaving_restricted");
}

async fn who_may_not_leave_is_taken_out_or_deletes_their_account(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("Staff", &[&ben, &cleo]).await;
    permit(&ada, group, json!({"leaving": "admins"})).await;
    let mut socket = ada.socket().await;
    ada.delete(&format!("/chats/{group}/members/{}", ben.id)).await.expect(204);
    assert_eq!(socket.push_of("member.left").await["data"]["user_id"], ben.id);
    let goodbye = json!({"password": tests::PASSWORD, "messages": "keep"});
    cleo.call(Method::DELETE, "/users/me", &goodbye).await.expect(204);
    assert_eq!(socket.push_of("member.left").await["data"]["user_id"], cleo.id);
    assert_eq!(ada.chat(group).await["member_count"], 1);
}

async fn nobody_whispers_where_that_is_turned_off(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("Class", &[&ben, &cleo]).await;
    let messages = format!("/chats/{group}/messages");
    let psst = json!({"text": "psst", "to": cleo.id});
    let said = ben.post(&messages, &psst).await.expect(201);
    let whispers = said["chat_id"].as_i64().expect("an id");
    assert_eq!(ben.chat(whispers).await["permissions"], Value::Null);
    permit(&ada, group, json!({"whispering": "nobody"})).await;
    ben.post(&messages, &psst).await.refused(403, "whispering_restricted");
    let open = format!("/chats/{group}/whispers/{}", cleo.id);
    ada.put(&open, &Value::Null).await.refused(403, "whispering_restricted");
    let more = json!({"text": "and?"});
    let inside = format!("/chats/{whispers}/messages");
    cleo.post(&inside, &more).await.refused(403, "whispering_restricted");
    let thumb = format!("/messages/{}/reactions/%F0%9F%91%8D", said["id"]);
    cleo.put(&thumb, &Value::Null).await.refused(403, "whispering_restricted");
    let message = format!("{inside}/{}", said["id"]);
    let edit = json!({"text": "hush"});
    ben.patch(&message, &edit).await.refused(403, "whispering_restricted");
    assert_eq!(cleo.history(whispers).await.len(), 1, "it is there to be read");
    let outside = json!({"permissions": {"posting": "admins"}});
    let refused = ben.patch(&format!("/chats/{whispers}"), &outside).await;
    refused.refused(403, "not_allowed");
    permit(&ada, group, json!({"whispering": "everyone"})).await;
    cleo.post(&inside, &more).await.expect(201);
}

async fn only_the_owner_sets_permissions(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let group = ada.group("News", &[&ben]).await;
    let path = format!("/chats/{group}");
    let admin = json!({"role": "admin"});
    ada.put(&format!("{path}/members/{}", ben.id), &admin).await.expect(200);
    let wanted = json!({"permissions": {"posting": "admins"}});
    ben.patch(&path, &wanted).await.refused(403, "not_allowed");
    cleo.patch(&path, &wanted).await.refused(404, "chat_not_found");
    let direct = ada.direct(&ben).await;
    ada.patch(&format!("/chats/{direct}"), &wanted).await.refused(403, "not_allowed");
    for (permissions, field) in [
        (json!({"posting": "owner"}), "permissions.posting"),
        (json!({"posting": true}), "permissions.posting"),
        (json!({"singing": "everyone"}), "permissions"),
        (json!("everyone"), "permissions"),
    ] {
        let body = json!({ "permissions": permissions });
        let refused = ada.patch(&path, &body).await.refused(400, "invalid");
        let named = refused["errors"][0]["field"].as_str().expect("a field").to_owned();
        assert!(named.starts_with("permissions"), "{refused}, {field}");
    }
    let room = ada.put("/rooms/hall", &Value::Null).await.expect(201)["id"].clone();
    let inviting = json!({"permissions": {"inviting": "everyone"}});
    let refused = ada.patch(&format!("/chats/{room}"), &inviting).await;
    refused.refused_field(400, "permissions", "permission_unsuitable");
    assert_eq!(ada.chat(group).await["version"], 2, "nothing was changed");
    assert_eq!(ada.chat(group).await["permissions"], usual_but(&json!({})));
}

async fn a_host_says_what_its_chats_permit(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write,projects:write").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    let members = json!([{"user_id": "ext:17", "role": "owner"}, {"user_id": "ext:18"}]);
    let put = async |permissions: Value| {
        let news = json!({"title": "News", "members": members, "permissions": permissions});
        shop.call(Method::PUT, "/chats/ext:news", &news).await
    };
    let made = put(json!({"posting": "admins"})).await.expect(201);
    assert_eq!(made["permissions"], usual_but(&json!({"posting": "admins"})));
    let id = made["id"].as_i64().expect("an id");
    let messages = format!("/chats/{id}/messages");
    ben.post(&messages, &json!({"text": "Hello"})).await.refused(403, "posting_restricted");
    ada.send(id, "News").await;
    let mut socket = ben.socket().await;
    assert_eq!(put(json!({})).await.expect(200)["version"], 1, "what is not said stays");
    let quiet = put(json!({"leaving": "admins", "posting": "everyone"})).await.expect(200);
    assert_eq!(quiet["permissions"], usual_but(&json!({"leaving": "admins"})));
    let told = socket.push_of("chat.updated").await;
    assert_eq!(told["data"]["permissions"], quiet["permissions"]);
    ben.send(id, "Hello").await;
    let out = ben.delete(&format!("/chats/{id}/members/{}", ben.id)).await;
    out.refused(403, "leaving_restricted");

    let people = [ada.id, ben.id];
    let project = |permissions: Value| json!({"title": "Bridge", "members": people, "permissions": permissions});
    let path = "/projects/7/chat";
    let refused = shop.call(Method::PUT, path, &project(json!({"leaving": "admins"}))).await;
    refused.refused_field(400, "permissions", "permission_unsuitable");
    let built = shop.call(Method::PUT, path, &project(json!({"posting": "admins"}))).await;
    let built = built.expect(201)["chat"].clone();
    assert_eq!(built["permissions"], usual_but(&json!({"posting": "admins"})));
    let inside = format!("/chats/{}/messages", built["id"]);
    ada.post(&inside, &json!({"text": "Hello"})).await.refused(403, "posting_restricted");
    let refused = shop.call(Method::PUT, path, &project(json!({"inviting": "everyone"}))).await;
    refused.refused_field(400, "permissions", "permission_unsuitable");
}

async fn what_was_on_its_way_comes_before_or_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let group = ada.group("News", &[&ben]).await;
    let writer = ben.clone();
    let writing = tokio::spawn(async move {
        let path = format!("/chats/{group}/messages");
        // Until the server says that it is over.
        for nth in 0.. {
            let sent = writer.post(&path, &json!({"text": format!("{nth}")})).await;
            if sent.status != 201 {
                sent.refused(403, "posting_restricted");
                return nth;
            }
        }
        unreachable!("it is refused one day")
    });
    let mut socket = ada.socket().await;
    socket.push_of("message.created").await;
    let set = permit(&ada, group, json!({"posting": "admins"})).await["version"].clone();
    let sent = within("the refusal", writing).await.expect("no panic");
    let history = ada.history(group).await;
    assert_eq!(history.len(), sent, "what was acknowledged is there, and nothing else");
    let last = history.last().expect("a message")["version"].as_i64();
    assert!(last < set.as_i64(), "{last:?}, {set}");
}
