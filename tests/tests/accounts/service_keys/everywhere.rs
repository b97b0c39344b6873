//! Keys that reach every chat as themselves, to read and to moderate.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Method, Person, Server, ServiceKeyClient, Value, behind_hosts, json, on_both};

on_both!(
    a_key_with_the_scope_reads_every_chat,
    without_the_scope_a_key_learns_nothing_of_a_chat,
    whispers_need_a_scope_of_their_own,
    a_key_with_the_scope_moderates_every_chat,
    what_a_key_did_is_in_the_audit_log,
    a_key_hands_over_and_deletes,
    reading_is_not_moderating,
    whom_a_key_acts_as_reaches_their_own_chats,
    a_person_lists_their_own_chats,
);

const READ: &str = "people:read,chats:read,messages:read,media:read";
const WRITE: &str = "chats:write,messages:write";

/// A group of three, in which something was said, with a file.
struct Scene {
    server: Server,
    ada: Person,
    bob: Person,
    cleo: Person,
    group: i64,
    message: Value,
    file: Value,
}

async fn scene(engine: Engine) -> Scene {
    let server = Server::start(engine).await;
    let [ada, bob, cleo] = Person::several(&server, ["Ada", "Bob", "Cleo"]).await;
    let group = ada.group("An order", &[&bob, &cleo]).await;
    let file = ada.upload("bill.txt").await["id"].clone();
    let body = json!({"text": "xylophone for sale", "attachments": [file]});
    let message = ada.post(&format!("/chats/{group}/messages"), &body).await.expect(201);
    Scene { server, ada, bob, cleo, group, message, file }
}

async fn key(server: &Server, name: &str, scopes: &[&str]) -> ServiceKeyClient {
    ServiceKeyClient::add(server, name, &scopes.join(",")).await
}

async fn a_key_with_the_scope_reads_every_chat(engine: Engine) {
    let Scene { server, ada, bob, group, message, file, .. } = scene(engine).await;
    let shop = key(&server, "Shop", &[READ, "all_chats:read"]).await;
    let (chat, id) = (format!("/chats/{group}"), message["id"].clone());
    ada.put(&format!("{chat}/pins/{id}"), &Value::Null).await.expect(200);
    ada.put(&format!("{chat}/members/{}", bob.id), &json!({"role": "admin"})).await.expect(200);
    let cut = json!({"text": "xylophone for sale, cheap"});
    let edited = ada.patch(&format!("{chat}/messages/{id}"), &cut).await.expect(200);

    let shown = shop.get(&chat).await.expect(200);
    let of_ada = ada.chat(group).await;
    for same in ["id", "kind", "title", "version", "member_count", "last_seq", "last_message"] {
        assert_eq!(shown[same], of_ada[same], "{same}");
    }
    assert_eq!((&shown["unread_count"], &shown["peer"]), (&json!(0), &Value::Null));
    let members = shop.get(&format!("{chat}/members")).await.expect(200);
    assert_eq!(members, ada.get(&format!("{chat}/members")).await.expect(200));
    for path in ["messages", "messages?after=0&limit=1", "pins", "changes?since=0", "bans"] {
        let path = format!("{chat}/{path}");
        let (mine, theirs) = (shop.get(&path).await, ada.get(&path).await);
        assert_eq!(mine.expect(200), theirs.expect(200), "{path}");
    }
    assert_eq!(shop.get(&format!("{chat}/messages/{id}")).await.expect(200), edited);
    let edits = shop.get(&format!("{chat}/messages/{id}/edits")).await.expect(200);
    assert_eq!(edits["items"][0]["text"], "xylophone for sale");
    assert_eq!(shop.get(&format!("/media/{file}")).await.status, 200);
    let found = shop.get(&format!("/messages/search?q=xylo&in={group}")).await;
    assert_eq!(found.expect(200)["items"][0]["id"], id);
    let everywhere = shop.get("/messages/search?q=xylo").await.expect(200);
    assert_eq!(everywhere["items"], json!([]), "without a chat it searches its own");

    // Between two people, and page by page.
    let direct = ada.direct(&bob).await;
    ada.send(direct, "between us").await;
    let said = shop.get(&format!("/chats/{direct}/messages")).await.expect(200);
    assert_eq!(said["items"][0]["text"], "between us");
    assert_eq!(shop.get("/chats").await.expect(200)["items"], json!([]), "it is in none");
    let mut listed = Vec::new();
    let mut next = String::new();
    loop {
        let page = shop.get(&format!("/chats?all=true&limit=1{next}")).await.expect(200);
        let items = page["items"].as_array().expect("items");
        listed.extend(items.iter().map(|chat| chat["id"].as_i64().expect("an id")));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(listed, [group, direct]);
    shop.get("/chats?all=true&archived=true").await.refused_field(
        400,
        "query",
        "conflicting_parameters",
    );
    for path in ["/chats/999999", "/chats/999999/messages", "/chats/999999/members"] {
        shop.get(path).await.refused(404, "chat_not_found");
    }
    shop.get(&format!("{chat}/messages/999999")).await.refused(404, "message_not_found");
    // It is in none of them by that, and nobody sees it there.
    let path = format!("{chat}/messages");
    let sending = key(&server, "Sending", &[READ, WRITE, "all_chats:write"]).await;
    let sent = sending.call(Method::POST, &path, &json!({"text": "x"})).await;
    sent.refused(404, "chat_not_found");
    assert_eq!(ada.chat(group).await["member_count"], 3);
}

async fn without_the_scope_a_key_learns_nothing_of_a_chat(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let order = json!({"title": "Order 7", "members": [{"user_id": "ext:17"}]});
    let there = shop.call(Method::PUT, "/chats/ext:7", &order).await.expect(201)["id"].clone();
    let message = ada.send(there.as_i64().expect("an id"), "hello").await["id"].clone();
    let blind = key(&server, "Blind", &[READ, WRITE]).await;
    let none = Value::Null;
    let role = json!({"role": "admin"});
    let title = json!({"title": "Mine"});
    let text = json!({"data": {"a": 1}});
    let tries: [(Method, &str, &Value, &str); 20] = [
        (Method::GET, "", &none, "all_chats:read"),
        (Method::GET, "/members", &none, "all_chats:read"),
        (Method::GET, "/messages", &none, "all_chats:read"),
        (Method::GET, "/messages/{message}", &none, "all_chats:read"),
        (Method::GET, "/messages/{message}/edits", &none, "all_chats:read"),
        (Method::GET, "/pins", &none, "all_chats:read"),
        (Method::GET, "/bans", &none, "all_chats:read"),
        (Method::GET, "/changes?since=0", &none, "all_chats:read"),
        (Method::PATCH, "", &title, "all_chats:write"),
        (Method::DELETE, "", &none, "all_chats:write"),
        (Method::PUT, "/members/ext:17", &role, "all_chats:write"),
        (Method::DELETE, "/members/ext:17", &none, "all_chats:write"),
        (Method::PUT, "/bans/ext:17", &none, "all_chats:write"),
        (Method::DELETE, "/bans/ext:17", &none, "all_chats:write"),
        (Method::PUT, "/silences/ext:17", &none, "all_chats:write"),
        (Method::DELETE, "/silences/ext:17", &none, "all_chats:write"),
        (Method::PATCH, "/messages/{message}", &text, "all_chats:write"),
        (Method::DELETE, "/messages/{message}", &none, "all_chats:write"),
        (Method::PUT, "/pins/{message}", &none, "all_chats:write"),
        (Method::DELETE, "/pins/{message}", &none, "all_chats:write"),
    ];
    for (method, path, body, scope) in tries {
        let mut told = Vec::new();
        // It is told the same of a chat that is there as of one that is not.
        for chat in [there.to_string(), "ext:7".into(), "999999".into(), "ext:none".into()] {
            for message in [message.to_string(), "999999".to_owned()] {
                let path = format!("/chats/{chat}{}", path.replace("{message}", &message));
                let refused = blind.call(method.clone(), &path, body).await;
                let mut refused = refused.refused(403, "scope_missing");
                assert!(refused["detail"].as_str().expect("a text").contains(scope), "{refused}");
                refused["request_id"] = Value::Null;
                told.push(refused);
            }
        }
        assert!(told.iter().all(|refused| *refused == told[0]), "{method} {path}: {told:?}");
    }
    blind.get("/chats?all=true").await.refused(403, "scope_missing");
    for chat in [there.to_string(), "ext:7".into(), "999999".into()] {
        let found = blind.get(&format!("/messages/search?q=hello in:{chat}")).await;
        found.refused(403, "scope_missing");
    }
    assert_eq!(ada.chat(there.as_i64().expect("an id")).await["title"], "Order 7");
}

async fn whispers_need_a_scope_of_their_own(engine: Engine) {
    let Scene { server, ada, bob, group, .. } = scene(engine).await;
    let body = json!({"text": "psst", "to": bob.id});
    let whisper = ada.post(&format!("/chats/{group}/messages"), &body).await.expect(201);
    let (chat, id) = (&whisper["chat_id"], &whisper["id"]);
    let blind = key(&server, "Blind", &[READ, WRITE, "all_chats:write"]).await;
    let seeing = key(&server, "Seeing", &[READ, "all_chats:read,whispers:read"]).await;
    for path in [format!("/chats/{chat}"), format!("/chats/{chat}/messages")] {
        blind.get(&path).await.refused(404, "chat_not_found");
        seeing.get(&path).await.expect(200);
    }
    for place in [chat.to_string(), group.to_string()] {
        let path = format!("/chats/{place}/messages/{id}");
        blind.get(&path).await.refused(404, "message_not_found");
        let deleted = blind.call(Method::DELETE, &path, &Value::Null).await;
        deleted.refused(404, "message_not_found");
    }
    let found = blind.get(&format!("/messages/search?q=psst in:{chat}")).await.expect(200);
    assert_eq!(found["items"], json!([]));
    let count = async |key: &ServiceKeyClient| {
        let listed = key.get("/chats?all=true").await.expect(200);
        listed["items"].as_array().map(Vec::len)
    };
    assert_eq!((count(&blind).await, count(&seeing).await), (Some(1), Some(2)));
}

async fn a_key_with_the_scope_moderates_every_chat(engine: Engine) {
    let Scene { server, ada, bob, cleo, group, message, .. } = scene(engine).await;
    let shop = key(&server, "Shop", &[READ, WRITE, "all_chats:write"]).await;
    let me = shop.get("/users/me").await.expect(200)["id"].clone();
    let mut of_ada = ada.socket().await;
    let (chat, id) = (format!("/chats/{group}"), &message["id"]);
    let put = async |path: String, body: &Value| shop.call(Method::PUT, &path, body).await;
    let delete = async |path: String| shop.call(Method::DELETE, &path, &Value::Null).await;

    let pinned = put(format!("{chat}/pins/{id}"), &Value::Null).await.expect(200);
    assert!(pinned["pinned_at"].is_string(), "{pinned}");
    assert_eq!(of_ada.push_of("message.updated").await["data"], pinned);
    delete(format!("{chat}/pins/{id}")).await.expect(200);

    let data = json!({"data": {"state": "sold"}});
    let patched = shop.call(Method::PATCH, &format!("{chat}/messages/{id}"), &data).await;
    assert_eq!(patched.expect(200)["data"], json!({"state": "sold"}));
    let words = json!({"text": "not mine"});
    let said = shop.call(Method::PATCH, &format!("{chat}/messages/{id}"), &words).await;
    said.refused(403, "not_allowed");

    let reason = json!({"reason": "Shouting"});
    put(format!("{chat}/bans/{}", cleo.id), &reason).await.expect(204);
    let left = of_ada.push_of("member.left").await;
    assert_eq!(left["data"]["user_id"], cleo.id);
    let bans = ada.all(&format!("{chat}/bans")).await;
    assert_eq!((&bans[0]["banned_by"], &bans[0]["reason"]), (&me, &json!("Shouting")));
    let back = put(format!("{chat}/members/{}", cleo.id), &Value::Null).await;
    back.refused(403, "banned");
    delete(format!("{chat}/bans/{}", cleo.id)).await.expect(204);
    delete(format!("{chat}/bans/{}", cleo.id)).await.refused(404, "ban_not_found");
    put(format!("{chat}/members/{}", cleo.id), &Value::Null).await.expect(201);
    // Who left by themselves comes back by the host's word.
    bob.delete(&format!("{chat}/members/{}", bob.id)).await.expect(204);
    put(format!("{chat}/members/{}", bob.id), &json!({"role": "admin"})).await.expect(201);
    delete(format!("{chat}/members/{}", bob.id)).await.expect(204);
    bob.get(&chat).await.refused(404, "chat_not_found");
    delete(format!("{chat}/members/{}", bob.id)).await.refused(404, "member_not_found");
    // The owner hands it over first.
    delete(format!("{chat}/members/{}", ada.id)).await.refused(403, "not_allowed");
    put(format!("{chat}/bans/{}", ada.id), &Value::Null).await.refused(403, "not_allowed");

    let quiet = json!({"slow_mode": 60, "permissions": {"posting": "admins"}});
    let changed = shop.call(Method::PATCH, &chat, &quiet).await.expect(200);
    assert_eq!(changed["permissions"]["posting"], "admins");
    let mut words = json!({"text": "may I?"});
    let path = format!("{chat}/messages");
    cleo.post(&path, &words).await.refused(403, "posting_restricted");
    words["text"] = json!("I may");
    ada.post(&path, &words).await.expect(201);

    let gone = delete(format!("{chat}/messages/{id}")).await.expect(200);
    assert!(gone["deleted_at"].is_string(), "{gone}");
    // Also between two people, where nobody is an admin.
    let direct = ada.direct(&bob).await;
    let said = ada.send(direct, "rude").await["id"].clone();
    delete(format!("/chats/{direct}/messages/{said}")).await.expect(200);
    assert_eq!(bob.history(direct).await[0]["text"], "");
    for path in ["/chats/999999", "/chats/999999/members/1", "/chats/999999/bans/1"] {
        delete(path.to_owned()).await.refused(404, "chat_not_found");
    }
    delete(format!("{chat}/messages/999999")).await.refused(404, "message_not_found");
}

async fn what_a_key_did_is_in_the_audit_log(engine: Engine) {
    let Scene { server, ada, bob, cleo, group, message, .. } = scene(engine).await;
    let root = Person::admin(&server, "Root").await;
    let shop = key(&server, "Shop", &[READ, WRITE, "all_chats:write"]).await;
    let me = shop.get("/users/me").await.expect(200)["id"].clone();
    let (chat, id) = (format!("/chats/{group}"), &message["id"]);
    let role = json!({"role": "admin"});
    let slow = json!({"slow_mode": 5});
    let data = json!({"data": {"a": 1}});
    let none = &Value::Null;
    for (method, path, body, status) in [
        (Method::PUT, format!("{chat}/pins/{id}"), none, 200),
        (Method::PUT, format!("{chat}/pins/{id}"), none, 200),
        (Method::DELETE, format!("{chat}/pins/{id}"), none, 200),
        (Method::PUT, format!("{chat}/members/{}", bob.id), &role, 200),
        (Method::DELETE, format!("{chat}/members/{}", bob.id), none, 204),
        (Method::PUT, format!("{chat}/bans/{}", cleo.id), none, 204),
        (Method::DELETE, format!("{chat}/bans/{}", cleo.id), none, 204),
        (Method::PUT, format!("{chat}/members/{}", cleo.id), none, 201),
        (Method::PUT, format!("{chat}/silences/{}", cleo.id), none, 204),
        (Method::DELETE, format!("{chat}/silences/{}", cleo.id), none, 204),
        (Method::PATCH, chat.clone(), &slow, 200),
        (Method::PATCH, chat.clone(), &data, 200),
        (Method::DELETE, format!("{chat}/messages/{id}"), none, 200),
        (Method::DELETE, format!("{chat}/members/{}", ada.id), none, 403),
        (Method::DELETE, chat.clone(), none, 204),
    ] {
        let answer = shop.call(method.clone(), &path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
    let lines = root.all("/admin/audit?kind=change").await;
    let told: Vec<_> = lines.iter().rev().filter(|line| line["actor_id"] == me).collect();
    let told: Vec<_> = told
        .iter()
        .map(|line| {
            let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", word("action"), line["target_id"], word("detail"))
        })
        .collect();
    let moderated = |did: String| format!("chat.moderated {group} {did}");
    let expected = [
        moderated(format!("pinned message {id}")),
        moderated(format!("unpinned message {id}")),
        moderated(format!("made user {} admin", bob.id)),
        moderated(format!("removed user {}", bob.id)),
        moderated(format!("banned user {}", cleo.id)),
        moderated(format!("lifted the ban of user {}", cleo.id)),
        moderated(format!("made user {} member", cleo.id)),
        moderated(format!("silenced user {}", cleo.id)),
        moderated(format!("lifted the silence of user {}", cleo.id)),
        moderated("changed its settings".to_owned()),
        format!("message.deleted {id} "),
        format!("chat.deleted {group} group \"An order\""),
    ];
    assert_eq!(told, expected);
}

async fn a_key_hands_over_and_deletes(engine: Engine) {
    let Scene { server, ada, bob, cleo, group, .. } = scene(engine).await;
    let shop = key(&server, "Shop", &[READ, WRITE, "all_chats:write"]).await;
    let chat = format!("/chats/{group}");
    let owner = json!({"role": "owner"});
    shop.call(Method::PUT, &format!("{chat}/members/{}", bob.id), &owner).await.expect(200);
    let role = async |person: &Person| person.chat(group).await["role"].clone();
    assert_eq!((role(&ada).await, role(&bob).await), (json!("admin"), json!("owner")));
    shop.call(Method::DELETE, &format!("{chat}/members/{}", ada.id), &Value::Null)
        .await
        .expect(204);
    // Somebody who is not in comes in and owns it.
    shop.call(Method::PUT, &format!("{chat}/members/{}", ada.id), &owner).await.expect(201);
    assert_eq!((role(&ada).await, role(&bob).await), (json!("owner"), json!("admin")));
    shop.call(Method::DELETE, &chat, &Value::Null).await.expect(204);
    for person in [&ada, &bob, &cleo] {
        person.get(&chat).await.refused(404, "chat_not_found");
    }
    shop.get(&chat).await.refused(404, "chat_not_found");
    assert_eq!(shop.get("/chats?all=true").await.expect(200)["items"], json!([]));
}

async fn reading_is_not_moderating(engine: Engine) {
    let Scene { server, group, message, .. } = scene(engine).await;
    let reader = key(&server, "Reader", &[READ, WRITE, "all_chats:read"]).await;
    let (chat, id) = (format!("/chats/{group}"), &message["id"]);
    reader.get(&chat).await.expect(200);
    for (method, path) in [
        (Method::DELETE, chat.clone()),
        (Method::DELETE, format!("{chat}/messages/{id}")),
        (Method::PUT, format!("{chat}/pins/{id}")),
    ] {
        let refused = reader.call(method, &path, &Value::Null).await.refused(403, "scope_missing");
        let detail = refused["detail"].as_str().expect("a text");
        assert!(detail.contains("all_chats:write"), "{detail}");
    }
    // Every route still asks for its own scope.
    let only = key(&server, "Only", &["all_chats:write"]).await;
    for path in [chat.clone(), format!("{chat}/messages"), "/chats?all=true".to_owned()] {
        only.get(&path).await.refused(403, "scope_missing");
    }
    let few = key(&server, "Few", &["chats:read,all_chats:read"]).await;
    assert_eq!(few.get(&chat).await.expect(200)["last_message"], Value::Null);
    few.get(&format!("{chat}/messages")).await.refused(403, "scope_missing");
}

async fn whom_a_key_acts_as_reaches_their_own_chats(engine: Engine) {
    let Scene { server, ada, bob, cleo, group, .. } = scene(engine).await;
    let shop = key(&server, "Shop", &[READ, WRITE, "all_chats:write,act_as"]).await;
    let direct = ada.direct(&bob).await;
    ada.send(direct, "between us").await;
    for path in [format!("/chats/{direct}"), format!("/chats/{direct}/messages")] {
        shop.get_as(&cleo, &path).await.refused(404, "chat_not_found");
        shop.get_as(&bob, &path).await.expect(200);
    }
    shop.get_as(&cleo, "/chats?all=true").await.refused(403, "key_needed");
    let ban = format!("/chats/{group}/bans/{}", bob.id);
    let cleos = cleo.id.to_string();
    let refused = shop.call_as(&[&cleos], Method::PUT, &ban, &Value::Null).await;
    refused.refused(403, "not_allowed");
    // It marks as read for them.
    let path = format!("/chats/{direct}/read");
    let bobs = bob.id.to_string();
    let marked = shop.call_as(&[&bobs], Method::PUT, &path, &json!({"seq": 1})).await;
    marked.expect(200);
    assert_eq!(bob.chat(direct).await["unread_count"], 0);
    let itself = shop.call(Method::PUT, &path, &json!({"seq": 1})).await;
    itself.refused(404, "chat_not_found");
}

async fn a_person_lists_their_own_chats(engine: Engine) {
    let Scene { server, bob, .. } = scene(engine).await;
    let root = Person::admin(&server, "Root").await;
    for person in [&bob, &root] {
        person.get("/chats?all=true").await.refused(403, "key_needed");
        person.get("/chats?all=false").await.expect(200);
    }
}
