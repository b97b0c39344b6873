//! Limits that whoever runs the server chose.

use tests::{Engine, Method, Person, Server, Value, json, on_both};

on_both!(
    limits_are_what_they_are_unless_chosen,
    what_is_chosen_holds_and_is_shown,
    a_chosen_number_of_members_holds,
    rates_are_chosen_by_class,
);

async fn limits_are_what_they_are_unless_chosen(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_RATE_LIMITS", "on")]).await;
    let ada = Person::register(&server, "Ada").await;
    let limits = ada.api.call(Method::GET, "/limits", None, &Value::Null).await.expect(200);
    assert_eq!((&limits["message_chars"], &limits["message_files"]), (&json!(8_192), &json!(10)));
    let bytes = (&limits["file_bytes"], &limits["picture_bytes"]);
    assert_eq!(bytes, (&json!(25 << 20), &json!(16 << 20)));
    assert_eq!(
        (&limits["group_members"], &limits["room_members"]),
        (&json!(1_000), &json!(10_000))
    );
    let rates = limits["rates"].as_array().expect("a list");
    let send = rates.iter().find(|rate| rate["class"] == "send").expect("a rate");
    assert_eq!(send["account"], json!({"burst": 20, "per_second": 5.0}));
    assert_eq!(send["address"], json!({"burst": 200, "per_second": 50.0}));
}

async fn what_is_chosen_holds_and_is_shown(engine: Engine) {
    let chosen =
        [("CONFAB_MESSAGE_CHARS", "5"), ("CONFAB_MESSAGE_FILES", "1"), ("CONFAB_FILE_SIZE", "1")];
    let server = Server::start_with(engine, &chosen).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let limits = ada.get("/limits").await.expect(200);
    assert_eq!(limits["message_chars"], 5);
    assert_eq!(limits["message_files"], 1);
    assert_eq!(
        (&limits["file_bytes"], &limits["picture_bytes"]),
        (&json!(1 << 20), &json!(1 << 20))
    );
    assert_eq!(limits["rates"], json!([]), "tests lift them");

    let chat = ada.group("Us", &[&ben]).await;
    let messages = format!("/chats/{chat}/messages");
    let sent = ada.post(&messages, &json!({"text": " 🦊🦊🦊🦊🦊 "})).await.expect(201);
    ada.post(&messages, &json!({"text": "123456"})).await.refused_field(400, "text", "too_long");
    let edit = format!("{messages}/{}", sent["id"]);
    ada.patch(&edit, &json!({"text": "123456"})).await.refused_field(400, "text", "too_long");
    ada.patch(&edit, &json!({"text": "12345"})).await.expect(200);
    let files =
        [ada.upload("one.txt").await["id"].clone(), ada.upload("two.txt").await["id"].clone()];
    let two = ada.post(&messages, &json!({"text": "", "attachments": files})).await;
    two.refused_field(400, "attachments", "too_many_attachments");
    ada.post(&messages, &json!({"text": "", "attachments": files[..1]})).await.expect(201);
    let upload = async |bytes| {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        let body = [head.as_bytes(), &vec![b'x'; bytes], b"\r\n--b--\r\n"].concat();
        let request = ada.api.request(Method::POST, "/attachments").bearer_auth(&ada.access);
        let request = request.header("content-type", "multipart/form-data; boundary=b");
        ada.api.answer_to(request.body(body)).await
    };
    upload(1 << 20).await.expect(201);
    upload((1 << 20) + 1).await.refused(413, "file_too_large");
    let request = ada.api.request(Method::GET, "/openapi.json").send().await.expect("an answer");
    let description: Value = request.json().await.expect("JSON");
    let message = &description["components"]["schemas"]["NewMessage"]["properties"];
    assert_eq!(message["text"]["maxLength"], 5);
    assert_eq!(message["attachments"]["maxItems"], 1);
}

async fn a_chosen_number_of_members_holds(engine: Engine) {
    let chosen = [("CONFAB_GROUP_MEMBERS", "2"), ("CONFAB_ROOM_MEMBERS", "2")];
    let server = Server::start_with(engine, &chosen).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let limits = ada.get("/limits").await.expect(200);
    assert_eq!((&limits["group_members"], &limits["room_members"]), (&json!(2), &json!(2)));
    let chat = ada.group("Us", &[&ben]).await;
    let three = json!({"title": "All", "members": [ben.id, cleo.id]});
    ada.post("/chats", &three).await.refused_field(400, "members", "too_many_members");
    let third = ada.put(&format!("/chats/{chat}/members/{}", cleo.id), &Value::Null).await;
    third.refused(409, "too_many_members");
    for person in [&ada, &ben] {
        person.put("/rooms/lobby", &Value::Null).await;
    }
    cleo.put("/rooms/lobby", &Value::Null).await.refused(409, "too_many_members");
}

async fn rates_are_chosen_by_class(engine: Engine) {
    let rates = [("CONFAB_RATE_LIMITS", "on"), ("CONFAB_RATES", "send=2:0.001")];
    let server = Server::start_with(engine, &rates).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    ada.send(chat, "one").await;
    ada.send(chat, "two").await;
    let third = ada.post(&format!("/chats/{chat}/messages"), &json!({"text": "three"})).await;
    third.refused(429, "rate_limited");
    ben.send(chat, "mine is counted for itself").await;
}
