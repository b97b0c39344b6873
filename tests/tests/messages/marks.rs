//! What people put on messages: pins and stars; and what messages said before.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Engine, Follower, Person, Replica, Server, Value, json, on_both};

on_both!(
    a_pin_is_shown_to_everybody,
    who_may_pin_is_as_the_table_says,
    what_was_said_before_is_kept,
    a_star_is_ones_own,
    stars_end_with_what_one_can_see,
    what_is_answered_comes_along,
);

fn pin(chat: i64, message: &Value) -> String {
    format!("/chats/{chat}/pins/{}", message["id"])
}

fn star(message: &Value) -> String {
    format!("/messages/{}/star", message["id"])
}

async fn a_pin_is_shown_to_everybody(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let (first, second) = (ada.send(chat, "first").await, ada.send(chat, "second").await);
    assert_eq!(first["pinned_at"], Value::Null);
    let mut away = Follower::new(grace.clone(), Replica::download(&grace).await);
    let mut socket = grace.socket().await;
    let pinned = ada.put(&pin(chat, &first), &Value::Null).await.expect(200);
    assert!(pinned["pinned_at"].is_string());
    assert_eq!(pinned["version"], 4);
    let push = socket.push_of("message.updated").await;
    assert_eq!((&push["data"], &push["version"]), (&pinned, &json!(4)));
    assert_eq!(ada.put(&pin(chat, &first), &Value::Null).await.expect(200), pinned);
    let later = grace.put(&pin(chat, &second), &Value::Null).await.expect(200);
    let expected = json!({"items": [later, pinned], "next": null});
    assert_eq!(grace.get(&format!("/chats/{chat}/pins")).await.expect(200), expected);
    ada.delete(&pin(chat, &second)).await.expect(200);
    ada.delete(&format!("/chats/{chat}/messages/{}", first["id"])).await.expect(200);
    let nothing = json!({"items": [], "next": null});
    assert_eq!(grace.get(&format!("/chats/{chat}/pins")).await.expect(200), nothing);
    ada.put(&pin(chat, &first), &Value::Null).await.refused(409, "message_deleted");
    away.catch_up().await;
    assert_eq!(away.replica, Replica::download(&grace).await, "resuming brings it");
}

async fn who_may_pin_is_as_the_table_says(engine: Engine) {
    let server = Server::start(engine).await;
    let names = ["Owner", "Deputy", "Member", "Eve"];
    let [owner, admin, member, eve] = Person::several(&server, names).await;
    let group = owner.group("Group", &[&admin, &member]).await;
    let role = format!("/chats/{group}/members/{}", admin.id);
    owner.put(&role, &json!({"role": "admin"})).await.expect(200);
    let sent = member.send(group, "pin me").await;
    member.put(&pin(group, &sent), &Value::Null).await.refused(403, "not_allowed");
    admin.put(&pin(group, &sent), &Value::Null).await.expect(200);
    member.delete(&pin(group, &sent)).await.refused(403, "not_allowed");
    owner.delete(&pin(group, &sent)).await.expect(200);

    eve.put(&pin(group, &sent), &Value::Null).await.refused(404, "message_not_found");
    eve.get(&format!("/chats/{group}/pins")).await.refused(404, "chat_not_found");
    eve.get("/chats/999999/pins").await.refused(404, "chat_not_found");
    let missing = json!({"id": 999_999});
    owner.put(&pin(group, &missing), &Value::Null).await.refused(404, "message_not_found");
    let notes = owner.direct(&owner).await;
    owner.put(&pin(notes, &sent), &Value::Null).await.refused(404, "message_not_found");
    let wrong = owner.put(&format!("/chats/{group}/pins/x"), &Value::Null).await;
    wrong.refused_field(400, "message_id", "invalid_id");
    owner.delete(&format!("/chats/{group}/members/{}", admin.id)).await.expect(204);
    admin.put(&pin(group, &sent), &Value::Null).await.refused(404, "message_not_found");
    for n in 0..50 {
        let sent = owner.send(group, &n.to_string()).await;
        owner.put(&pin(group, &sent), &Value::Null).await.expect(200);
    }
    owner.put(&pin(group, &sent), &Value::Null).await.refused(409, "too_many_pins");
}

async fn what_was_said_before_is_kept(engine: Engine) {
    let server = Server::start(engine).await;
    let [owner, author, member, eve] =
        Person::several(&server, ["Owner", "Author", "Member", "Eve"]).await;
    let group = owner.group("Group", &[&author, &member]).await;
    let sent = author.send(group, "one").await;
    let message = format!("/chats/{group}/messages/{}", sent["id"]);
    let edits = format!("{message}/edits");
    let nothing = json!({"items": [], "next": null});
    assert_eq!(author.get(&edits).await.expect(200), nothing);
    let edited = author.patch(&message, &json!({"text": "two"})).await.expect(200);
    author.patch(&message, &json!({"text": "three"})).await.expect(200);
    let expected = json!({"items": [
        {"text": "one", "written_at": sent["created_at"]},
        {"text": "two", "written_at": edited["edited_at"]},
    ], "next": null});
    assert_eq!(author.get(&edits).await.expect(200), expected);
    assert_eq!(owner.get(&edits).await.expect(200), expected, "the group's admins may look");
    member.get(&edits).await.refused(403, "not_allowed");
    eve.get(&edits).await.refused(404, "message_not_found");
    let missing = format!("/chats/{group}/messages/999999/edits");
    eve.get(&missing).await.refused(404, "message_not_found");
    owner.get(&missing).await.refused(404, "message_not_found");
    let notes = author.direct(&author).await;
    let astray = format!("/chats/{notes}/messages/{}/edits", sent["id"]);
    author.get(&astray).await.refused(404, "message_not_found");
    author.delete(&message).await.expect(200);
    assert_eq!(author.get(&edits).await.expect(200), nothing, "a deletion takes them");
    author.delete(&format!("/chats/{group}/members/{}", author.id)).await.expect(204);
    author.get(&edits).await.refused(404, "message_not_found");
}

async fn a_star_is_ones_own(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let (first, second) = (ada.send(chat, "first").await, ada.send(chat, "second").await);
    let mut hers = grace.socket().await;
    let mut his = ada.socket().await;
    grace.put(&star(&first), &Value::Null).await.expect(204);
    let push = hers.push_of("star").await;
    let data = json!({"message_id": first["id"], "starred": true});
    assert_eq!(push, json!({"type": "star", "chat": chat, "data": data}));
    grace.put(&star(&first), &Value::Null).await.expect(204);
    hers.ask(json!({"type": "star", "message": second["id"]})).await;
    let history = format!("/chats/{chat}/messages");
    let page = grace.get(&history).await.expect(200);
    assert_eq!(page["starred"], json!([first["id"], second["id"]]));
    assert_eq!(page["items"], json!([first, second]), "the messages themselves stay as they were");
    assert_eq!(ada.get(&history).await.expect(200)["starred"], json!([]));
    assert_eq!(ada.chat(chat).await["version"], 3);
    let starred = grace.get("/messages/starred?limit=1").await.expect(200);
    assert_eq!(starred["items"], json!([second]));
    let next =
        format!("/messages/starred?limit=1&cursor={}", starred["next"].as_str().expect("more"));
    assert_eq!(grace.get(&next).await.expect(200), json!({"items": [first], "next": null}));
    let none = json!({"items": [], "next": null});
    assert_eq!(ada.get("/messages/starred").await.expect(200), none);
    hers.ask(json!({"type": "star", "message": second["id"], "on": false})).await;
    grace.delete(&star(&second)).await.expect(204);
    assert_eq!(grace.all("/messages/starred").await, std::slice::from_ref(&first));
    // Nobody else is told: what comes next is the next message.
    ada.send(chat, "the end").await;
    his.push_of("message.created").await;
    assert!(his.take_pushes().iter().all(|push| push["type"] != "star"));
    for wrong in ["cursor=x", "limit=0", "what=1"] {
        grace.get(&format!("/messages/starred?{wrong}")).await.refused(400, "invalid");
    }
}

async fn stars_end_with_what_one_can_see(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, eve] = Person::several(&server, ["Ada", "Grace", "Eve"]).await;
    let group = ada.group("Group", &[&grace]).await;
    let (kept, gone) = (ada.send(group, "kept").await, ada.send(group, "gone").await);
    for path in [star(&kept), star(&json!({"id": 999_999}))] {
        eve.put(&path, &Value::Null).await.refused(404, "message_not_found");
        eve.delete(&path).await.refused(404, "message_not_found");
    }
    eve.put("/messages/x/star", &Value::Null).await.refused_field(400, "message_id", "invalid_id");
    for message in [&kept, &gone] {
        grace.put(&star(message), &Value::Null).await.expect(204);
    }
    ada.delete(&format!("/chats/{group}/messages/{}", gone["id"])).await.expect(200);
    assert_eq!(grace.all("/messages/starred").await, std::slice::from_ref(&kept));
    grace.put(&star(&gone), &Value::Null).await.refused(409, "message_deleted");
    ada.delete(&format!("/chats/{group}/members/{}", grace.id)).await.expect(204);
    assert!(grace.all("/messages/starred").await.is_empty());
    grace.put(&star(&kept), &Value::Null).await.refused(404, "message_not_found");
    ada.put(&format!("/chats/{group}/members/{}", grace.id), &Value::Null).await.expect(201);
    assert_eq!(grace.all("/messages/starred").await, [kept]);
}

async fn what_is_answered_comes_along(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let question = ada.send(chat, "why?").await;
    let path = format!("/chats/{chat}/messages");
    let reply = json!({"text": "because", "reply_to": question["id"]});
    let answer = grace.post(&path, &reply).await.expect(201);
    let page = ada.get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!((&page["items"], &page["quoted"]), (&json!([answer]), &json!([question])));
    assert_eq!(ada.get(&path).await.expect(200)["quoted"], json!([]), "it is on the page");
    let changes = ada.get(&format!("/chats/{chat}/changes?since=2")).await.expect(200);
    assert_eq!(changes["quoted"], json!([question]));
    let mut socket = ada.socket().await;
    let resumed = socket.ask(json!({"type": "resume", "chats": {chat.to_string(): 2}})).await;
    assert_eq!(resumed["chats"][chat.to_string()]["quoted"], json!([question]));
}
