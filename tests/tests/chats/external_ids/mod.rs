//! Ids that a host gave to its people and chats, wherever an id is taken and shown.

mod routes;

use crate::leaks::ask;
use tests::{Engine, Method, Person, Server, Socket, Value, behind_hosts, json, on_both};

on_both!(
    people_are_shown_with_both_ids,
    chats_are_shown_with_both_ids,
    bodies_take_external_ids,
    a_chat_is_given_one_by_people_of_its_host,
    searches_take_external_ids,
    frames_take_external_ids,
    pushes_carry_both_ids,
    frames_do_not_tell_what_is_hidden,
    pictures_are_found_by_whoever_asks,
    a_deleted_account_has_no_external_id,
    dialects_know_no_external_ids,
);

/// The form of an answer: what is there, and of which type.
fn shown(body: &Value) -> Value {
    match body {
        Value::Null => Value::Null,
        Value::Bool(_) => json!("a truth"),
        Value::Number(_) => json!("a number"),
        Value::String(_) => json!("a text"),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, of)| (name.clone(), shown(of))).collect())
        }
    }
}

/// A refusal without the number that the log has for it.
fn hidden(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request_id");
    }
    body
}

/// Ada, an admin, and Ben, of the shop, and their group `order/7`.
struct Scene {
    server: Server,
    ada: Person,
    ben: Person,
    chat: i64,
}

async fn scene(engine: Engine) -> Scene {
    let server = behind_hosts(engine).await;
    let ada = Person::admin_of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    let group = json!({"title": "Order", "members": ["ext:18"], "external_id": "order/7"});
    let chat = ada.post("/chats", &group).await.expect(201);
    assert_eq!(chat["external_id"], "order/7");
    let chat = chat["id"].as_i64().expect("an id");
    Scene { server, ada, ben, chat }
}

const CHAT: &str = "/chats/ext:order%2F7";

/// The external id of one on a list.
fn external_id(list: &[Value], id: i64) -> Value {
    let found = list.iter().find(|one| one["id"] == id || one["user_id"] == id);
    found.expect("it is on the list")["external_id"].clone()
}

async fn people_are_shown_with_both_ids(engine: Engine) {
    let Scene { server, ada, ben, .. } = scene(engine).await;
    let native = Person::register(&server, "Native").await;
    let me = ada.get("/users/me").await.expect(200);
    assert_eq!((&me["id"], &me["external_id"]), (&json!(ada.id), &json!("17")));
    let somebody = native.get(&format!("/users/{}", ben.id)).await.expect(200);
    assert_eq!(somebody["external_id"], "18");
    assert_eq!(native.get("/users/me").await.expect(200)["external_id"], Value::Null);
    for path in ["/users", "/admin/users", &format!("{CHAT}/members")] {
        assert_eq!(external_id(&ada.all(path).await, ben.id), "18", "{path}");
    }
    let account = ada.get("/admin/users/ext:18").await.expect(200);
    assert_eq!((&account["id"], &account["external_id"]), (&json!(ben.id), &json!("18")));
    ben.put("/users/ext:17/block", &Value::Null).await.expect(204);
    assert_eq!(ben.all("/users/me/blocks").await[0]["user"]["external_id"], "17");
    ben.delete("/users/ext:17/block").await.expect(204);
    ada.put(&format!("{CHAT}/bans/ext:18"), &Value::Null).await.expect(204);
    assert_eq!(ada.all(&format!("{CHAT}/bans")).await[0]["user"]["external_id"], "18");
    let refreshed = json!({"refresh_token": ben.refresh});
    let refreshed = ben.api.post("/auth/refresh", &refreshed).await.expect(200);
    assert_eq!(refreshed["user"]["external_id"], "18");
}

async fn chats_are_shown_with_both_ids(engine: Engine) {
    let Scene { server: _server, ada, ben, chat } = scene(engine).await;
    for path in ["/chats", "/admin/chats"] {
        assert_eq!(external_id(&ada.all(path).await, chat), "order/7", "{path}");
    }
    let direct = ben.put("/chats/direct/ext:17", &Value::Null).await.expect(201);
    let peer = &direct["peer"]["external_id"];
    assert_eq!((&direct["external_id"], peer), (&Value::Null, &json!("17")));
    let changes = ben.get(&format!("{CHAT}/changes?since=0")).await.expect(200);
    assert_eq!(changes["chat"]["external_id"], "order/7");
    let members = changes["members"].as_array().expect("members");
    let both = [ada.id, ben.id].map(|id| external_id(members, id));
    assert_eq!(both, [json!("17"), json!("18")]);
    let export = ada.get("/users/me/export").await.expect(200);
    let export = export.as_str().expect("lines").to_owned();
    for told in [r#""external_id":"17""#, r#""external_id":"order/7""#] {
        assert!(export.contains(told), "{export}");
    }
}

async fn bodies_take_external_ids(engine: Engine) {
    let Scene { server, ada, ben, chat } = scene(engine).await;
    let cleo = Person::of_host(&server, "shop", "19").await;
    let members = json!([ben.id, "ext:19", "ext:17", "ext:18"]);
    let made = ada.post("/chats", &json!({"title": "All", "members": members})).await.expect(201);
    assert_eq!((&made["member_count"], &made["external_id"]), (&json!(3), &Value::Null));
    let members = json!(["ext:18", cleo.id]);
    let project = json!({"title": "Project", "members": members, "owner": "ext:19"});
    let project = ada.put("/projects/5/chat", &project).await.expect(201);
    assert_eq!(project["members"], json!([ben.id, cleo.id]));
    let whisper = json!({"text": "psst", "to": "ext:17"});
    let whisper = ben.post(&format!("{CHAT}/messages"), &whisper).await.expect(201);
    assert_ne!(whisper["chat_id"], chat);
    for (unknown, known) in [("ext:1", "999999999"), ("ext:Native", "999999998")] {
        let number: i64 = known.parse().expect("a number");
        for (path, of) in [
            ("/chats".to_owned(), json!({"title": "x", "members": ["?"]})),
            (format!("{CHAT}/messages"), json!({"text": "x", "to": "?"})),
        ] {
            let with = |id: &Value| {
                let text = of.to_string().replace("\"?\"", &id.to_string());
                text.parse::<Value>().expect("JSON")
            };
            let expected = ada.post(&path, &with(&json!(number))).await;
            assert!(expected.status >= 400, "{path}: {}", expected.body);
            let answer = ada.post(&path, &with(&json!(unknown))).await;
            let told = (answer.status, hidden(&answer.body));
            assert_eq!(told, (expected.status, hidden(&expected.body)), "{path}");
        }
    }
    for (members, code) in
        [(json!(["18"]), "wrong_type"), (json!([null]), "wrong_type"), (json!([1.5]), "wrong_type")]
    {
        let refused = ada.post("/chats", &json!({"title": "x", "members": members})).await;
        refused.refused_field(400, "members[0]", code);
    }
    let too_long = format!("ext:{}", "x".repeat(256));
    for bad in [json!(0), json!("ext:"), json!("ext:a\u{0}"), json!("ext:a\nb"), json!(too_long)] {
        let refused = ada.post("/chats", &json!({"title": "x", "members": [bad]})).await;
        refused.refused_field(400, "members", "invalid_id");
    }
}

async fn a_chat_is_given_one_by_people_of_its_host(engine: Engine) {
    let Scene { server, ada, ben, .. } = scene(engine).await;
    let group = |id: &str| json!({"title": "Order", "external_id": id});
    for by in [&ada, &ben] {
        by.post("/chats", &group("order/7")).await.refused_field(
            409,
            "external_id",
            "external_id_taken",
        );
    }
    let other = Person::of_host(&server, "forum", "17").await;
    let same = other.post("/chats", &group("order/7")).await.expect(201);
    let found = other.get(CHAT).await.expect(200);
    assert_eq!(found["id"], same["id"], "the same id of another issuer is another chat");
    let native = Person::register(&server, "Native").await;
    let refused = native.post("/chats", &group("x")).await;
    refused.refused_field(400, "external_id", "external_id_without_host");
    for bad in ["", "a\u{0}", "a\nb", &"x".repeat(256)] {
        let refused = ada.post("/chats", &group(bad)).await;
        refused.refused_field(400, "external_id", "external_id_invalid");
    }
    let long = "\u{44f}".repeat(255);
    ada.post("/chats", &group(&long)).await.expect(201);
    ada.get(&format!("/chats/ext:{long}")).await.expect(200);
    let changed = ada.patch(CHAT, &json!({"external_id": "order/8"})).await;
    changed.refused_field(400, "external_id", "wrong_type");
    ada.delete(CHAT).await.expect(204);
    ada.get(CHAT).await.refused(404, "chat_not_found");
    let again = ben.post("/chats", &group("order/7")).await.expect(201);
    assert_eq!(again["external_id"], "order/7", "it is free once the chat is gone");
}

async fn searches_take_external_ids(engine: Engine) {
    let Scene { server, ada, ben, chat } = scene(engine).await;
    let sent = ben.send(chat, "needle by Ben").await;
    ada.send(chat, "needle by Ada").await;
    let second = ada.group("Second", &[&ben]).await;
    let elsewhere = ben.send(second, "needle elsewhere").await;
    let found = async |query: &str| {
        let page = ada.get(&format!("/messages/search?{query}")).await.expect(200);
        let items = page["items"].as_array().expect("items").iter();
        items.map(|message| message["id"].clone()).collect::<Vec<_>>()
    };
    let (both, one) = (vec![elsewhere["id"].clone(), sent["id"].clone()], vec![sent["id"].clone()]);
    assert_eq!(found("q=needle&from=ext:18").await, both);
    assert_eq!(found("q=needle%20from:ext:18").await, both);
    assert_eq!(found("q=needle&from=ext:18&in=ext:order/7").await, one);
    assert_eq!(found("q=needle%20from:ext:18%20in:ext:order/7").await, one);
    let nothing: Vec<Value> = Vec::new();
    for unknown in ["from=ext:1", "in=ext:8", "in=ext:7", "from=ext:Person%2018"] {
        assert_eq!(found(&format!("q=needle&{unknown}")).await, nothing, "{unknown}");
    }
    let native = Person::register(&server, "Native").await;
    let page = native.get("/messages/search?q=needle&in=ext:order/7").await.expect(200);
    assert_eq!(page["items"], json!([]));
    for field in ["from", "in"] {
        let refused = ada.get(&format!("/messages/search?q=x&{field}=ext:")).await;
        refused.refused_field(400, field, "invalid_id");
    }
}

async fn frames_take_external_ids(engine: Engine) {
    let Scene { server: _server, ada, ben, chat } = scene(engine).await;
    let mut socket = ben.socket().await;
    let name = "ext:order/7";
    let sent = socket.ask(json!({"type": "send", "chat": name, "text": "Hello"})).await;
    let message = sent["message"]["id"].clone();
    assert_eq!(sent["message"]["chat_id"], chat);
    let whisper = json!({"type": "send", "chat": name, "to": "ext:17", "text": "psst"});
    let whisper = socket.ask(whisper).await;
    assert_ne!(whisper["message"]["chat_id"], chat);
    for request in [
        json!({"type": "edit", "chat": name, "message": message, "text": "Hi"}),
        json!({"type": "react", "chat": name, "message": message, "emoji": "\u{1f44d}"}),
        json!({"type": "read", "chat": name, "seq": 1}),
        json!({"type": "typing", "chat": name}),
        json!({"type": "delete", "chat": name, "message": message}),
    ] {
        socket.ask(request).await;
    }
    let resumed = socket.ask(json!({"type": "resume", "chats": {name: 1}})).await;
    let version = ada.chat(chat).await["version"].clone();
    assert_eq!(resumed["chats"][name]["version"], version);
    let ahead = json!({"type": "resume", "chats": {name: 999}});
    assert_eq!(socket.ask(ahead).await["reset"], json!([name]));
    let by_both = json!({"type": "resume", "chats": {name: 1, chat.to_string(): version}});
    let by_both = socket.ask(by_both).await;
    assert_eq!(by_both["chats"][name]["version"], version);
    assert_eq!(by_both["chats"][chat.to_string()]["messages"], json!([]));
}

async fn pushes_carry_both_ids(engine: Engine) {
    let Scene { server, ada, .. } = scene(engine).await;
    let mut of_ada = ada.socket().await;
    let cleo = Person::of_host(&server, "shop", "19").await;
    let mut of_cleo = cleo.socket().await;
    let group = json!({"title": "New", "members": ["ext:18"], "external_id": "order/9"});
    let made = ada.post("/chats", &group).await.expect(201)["id"].clone();
    let created = of_ada.push("the chat", |push| push["data"]["id"] == made).await;
    assert_eq!(created["data"]["external_id"], "order/9", "{created}");
    ada.put("/chats/ext:order%2F9/members/ext:19", &Value::Null).await.expect(201);
    for listener in [&mut of_ada, &mut of_cleo] {
        let joined = listener.push_of("member.joined").await;
        assert_eq!(joined["data"]["external_id"], "19", "{joined}");
    }
    ada.patch("/chats/ext:order%2F9", &json!({"title": "Old"})).await.expect(200);
    let updated = of_cleo.push_of("chat.updated").await;
    assert_eq!(updated["data"]["external_id"], "order/9", "{updated}");
}

/// How a frame is refused.
async fn problem(socket: &mut Socket, request: Value) -> Value {
    let id = socket.submit(request).await;
    hidden(&socket.answer(&id).await.expect("the socket stays open")["error"])
}

async fn frames_do_not_tell_what_is_hidden(engine: Engine) {
    let Scene { server, chat, .. } = scene(engine).await;
    let eve = Person::of_host(&server, "shop", "19").await;
    let native = Person::register(&server, "Native").await;
    let frames = |chat: &Value| {
        [
            json!({"type": "send", "chat": chat, "text": "x"}),
            json!({"type": "edit", "chat": chat, "message": 1, "text": "x"}),
            json!({"type": "delete", "chat": chat, "message": 1}),
            json!({"type": "react", "chat": chat, "message": 1, "emoji": "\u{1f44d}"}),
            json!({"type": "read", "chat": chat, "seq": 1}),
            json!({"type": "typing", "chat": chat}),
        ]
    };
    for by in [&eve, &native] {
        let mut socket = by.socket().await;
        let mine = by.group("Mine", &[]).await;
        for id in [json!(chat), json!("ext:order/7"), json!("ext:order/8")] {
            for (request, unknown) in frames(&id).into_iter().zip(frames(&json!(999_999_999))) {
                let expected = problem(&mut socket, unknown).await;
                assert_eq!(expected["status"], 404, "{expected}");
                assert_eq!(problem(&mut socket, request).await, expected, "{id}");
            }
        }
        let mut whisper = json!({"type": "send", "chat": mine, "to": 999_999_999, "text": "x"});
        let expected = problem(&mut socket, whisper.clone()).await;
        whisper["to"] = json!("ext:1");
        assert_eq!(problem(&mut socket, whisper).await, expected);
        // Who may not see a chat does not learn its number.
        let chats = json!({"ext:order/7": 0, "ext:order/8": 0, "999999999": 0});
        let resumed = socket.ask(json!({"type": "resume", "chats": chats})).await;
        assert_eq!(resumed["gone"], json!([999_999_999, "ext:order/7", "ext:order/8"]));
        for bad in ["ext:", "ext:a\u{0}", &format!("ext:{}", "x".repeat(256))] {
            let send = json!({"type": "send", "chat": bad, "text": "x"});
            let refused = socket.refused(send, "invalid").await;
            assert_eq!(refused["errors"][0]["code"], "invalid_id", "{refused}");
            let resume =
                socket.refused(json!({"type": "resume", "chats": {bad: 1}}), "invalid").await;
            assert_eq!(resume["errors"][0]["code"], "invalid_id", "{resume}");
        }
        let send = json!({"type": "send", "chat": "7", "text": "x"});
        let refused = socket.refused(send, "invalid").await;
        assert_eq!(refused["errors"][0]["code"], "wrong_type", "{refused}");
    }
}

async fn pictures_are_found_by_whoever_asks(engine: Engine) {
    let Scene { server, ada, ben, .. } = scene(engine).await;
    let other = Person::of_host(&server, "forum", "18").await;
    let path = "/users/ext:18/avatar";
    let drawn = |person: &Person| {
        let (api, id) = (person.api.clone(), person.id);
        async move { api.call(Method::GET, &format!("/users/{id}/avatar"), None, &Value::Null).await }
    };
    let answer = ada.get(path).await;
    assert_eq!(answer.headers["cache-control"], "private, no-cache");
    assert_eq!(answer.expect(200), drawn(&ben).await.expect(200));
    assert_eq!(other.get(path).await.expect(200), drawn(&other).await.expect(200));
    let key = ada.get("/media-key").await.expect(200)["query"].as_str().expect("a text").to_owned();
    let by_key = format!("{path}?{key}");
    let by_key = ada.api.call(Method::GET, &by_key, None, &Value::Null).await;
    assert_eq!(by_key.expect(200), drawn(&ben).await.expect(200));
    let unknown = ada.get("/users/999999999/avatar").await;
    let nobody = ada.api.call(Method::GET, path, None, &Value::Null).await;
    assert_eq!((nobody.status, hidden(&nobody.body)), (unknown.status, hidden(&unknown.body)));
    assert_eq!(nobody.status, 404);
}

async fn a_deleted_account_has_no_external_id(engine: Engine) {
    let Scene { server: _server, ada, ben, chat } = scene(engine).await;
    ben.send(chat, "Hello").await;
    let mut socket = ada.socket().await;
    ada.delete("/admin/users/ext:18").await.expect(204);
    let pushed = socket.push_of("member.updated").await;
    assert_eq!(pushed["data"]["external_id"], Value::Null, "{pushed}");
    let gone = ada.get(&format!("/users/{}", ben.id)).await.expect(200);
    assert_eq!((&gone["deleted"], &gone["external_id"]), (&json!(true), &Value::Null));
    ada.get("/users/ext:18").await.refused(404, "user_not_found");
}

async fn dialects_know_no_external_ids(engine: Engine) {
    let Scene { server: _server, ada, .. } = scene(engine).await;
    for (method, path, body) in [
        ("GET", "/api/chats/{chat}/", ""),
        ("GET", "/api/chats/{chat}/get_messages/", ""),
        ("POST", "/api/messages/", r#"{"chat": "{chat}", "text": "x"}"#),
        ("GET", "/api/chat/{chat}", ""),
        ("GET", "/api/chat/rooms/{chat}/", ""),
        ("GET", "/api/users/{user}/", ""),
        ("GET", "/auth/users/{user}/", ""),
        ("GET", "/api/v1/profile/{user}", ""),
    ] {
        let answer = async |chat: &str, user: &str| {
            let fill = |text: &str| text.replace("{chat}", chat).replace("{user}", user);
            ask(&ada, method, &fill(path), &fill(body)).await
        };
        let (status, known) = answer("ext:order%2F7", "ext:18").await;
        assert!((400..500).contains(&status), "{method} {path}: {status} {known}");
        let (other, unknown) = answer("ext:order%2F8", "ext:1").await;
        assert_eq!((status, hidden(&known)), (other, hidden(&unknown)), "{method} {path}");
    }
}
