//! What the conversations that were recorded with the original `rooms` server do not show, since it does it

#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]
//! wrong.

use tests::{Engine, JsonSocket, Person, Server, Value, json, on_both, with_token};

on_both!(
    a_private_message_reaches_both_wherever_they_are,
    two_messages_may_be_called_alike,
    a_message_keeps_the_role_it_was_written_with,
    whoever_wrote_in_a_room_deletes_it,
    a_refresh_token_is_good_until_its_session_ends,
);

async fn enter(server: &Server, person: &Person, room: &str) -> JsonSocket {
    let path = format!("/api/chat/{room}/");
    let path = with_token(&path, person).await.expect("a token");
    JsonSocket::open(server.address(), &path, None)
        .await
        .unwrap_or_else(|refused| panic!("{refused:?}"))
}

fn say(text: &str) -> String {
    json!({"action": "send_message", "data": {"text": text}, "request_id": 1}).to_string()
}

fn whisper(to: &Person, text: &str) -> String {
    let data = json!({"text": text, "userId": to.id.to_string()});
    json!({"action": "send_private_message", "data": data, "request_id": 1}).to_string()
}

async fn hear(wire: &mut JsonSocket, text: &str) -> Value {
    wire.until(text, |frame| frame["message"] == text).await
}

async fn ask(
    server: &Server,
    (method, path): (&str, &str),
    token: &str,
    body: Value,
) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method.parse().expect("a method"), server.url(path));
    let answer = request.bearer_auth(token).json(&body).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

async fn a_private_message_reaches_both_wherever_they_are(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let mut hers = [enter(&server, &ada, "one").await, enter(&server, &ada, "two").await];
    let mut his = [enter(&server, &ben, "three").await, enter(&server, &ben, "two").await];
    let mut other = enter(&server, &eve, "two").await;
    hers[0].send(&whisper(&ben, "psst")).await;
    for wire in hers.iter_mut().chain(&mut his) {
        let frame = hear(wire, "Private: psst").await;
        assert_eq!(frame["user"], format!("{}_Ada", ada.id));
    }
    // Wherever he comes next it is shown to him, and to nobody else.
    let frame = hear(&mut enter(&server, &ben, "four").await, "Private: psst").await;
    assert_eq!(frame["is_private"], true);
    hers[1].send(&say("for all")).await;
    loop {
        let frame = other.next().await.expect("the socket stays open");
        assert!(!frame.to_string().contains("psst"), "{frame}");
        if frame["message"] == "for all" {
            break;
        }
    }
    // Nobody enters their conversation by its name.
    let name = format!("/api/chat/private_{}_{}/", ada.id, ben.id);
    let path = with_token(&name, &eve).await.expect("a token");
    let refused = JsonSocket::open(server.address(), &path, None).await.map(drop);
    assert_eq!(refused.expect_err("it is no room").0, 403);
    let rooms = ask(&server, ("GET", "/api/chat"), &ada.access, json!({})).await.1;
    let private = rooms["data"].as_array().expect("rooms").iter();
    let mut private = private.map(|room| (room["name"].clone(), room["id"].clone()));
    let (_, id) = private.next_back().expect("her conversation");
    let path = format!("/api/chat/{id}");
    for (person, status) in [(&ada, 200), (&ben, 200), (&eve, 403)] {
        assert_eq!(ask(&server, ("GET", &path), &person.access, json!({})).await.0, status);
    }
}

async fn two_messages_may_be_called_alike(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let mut wire = enter(&server, &ada, "hall").await;
    for text in ["first", "second"] {
        wire.send(&say(text)).await;
        assert_eq!(hear(&mut wire, text).await["id"], 1);
    }
}

async fn a_message_keeps_the_role_it_was_written_with(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, root] =
        [Person::register(&server, "Ada").await, Person::admin(&server, "Root").await];
    let mut wire = enter(&server, &ada, "hall").await;
    let account = format!("/admin/users/{}", ada.id);
    for (role, shown) in [("user", "user"), ("seller", "seller"), ("admin", "user")] {
        root.patch(&account, &json!({"role": role})).await.expect(200);
        wire.send(&say(role)).await;
        assert_eq!(hear(&mut wire, role).await["user_role"], shown, "{role}");
    }
    let mut wire = enter(&server, &ada, "hall").await;
    for (text, role) in [("user", "user"), ("seller", "seller")] {
        assert_eq!(hear(&mut wire, text).await["user_role"], role);
    }
    wire.send(&say("anew")).await;
    assert_eq!(hear(&mut wire, "anew").await["user_role"], "admin");
}

async fn whoever_wrote_in_a_room_deletes_it(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let owned = ada.put("/rooms/owned", &Value::Null).await.expect(201)["id"].clone();
    let _hers = enter(&server, &ada, "common").await;
    for (room, status) in [("owned", 403), ("common", 204)] {
        let mut his = enter(&server, &ben, room).await;
        his.send(&say("I was here")).await;
        hear(&mut his, "I was here").await;
        let rooms = ask(&server, ("GET", "/api/chat"), &ben.access, json!({})).await.1;
        let rooms = rooms["data"].as_array().expect("rooms").iter();
        let mut id = rooms.filter(|found| found["name"] == room).map(|found| found["id"].clone());
        let path = format!("/api/chat/delete/{}", id.next_back().expect("he wrote there"));
        assert_eq!(ask(&server, ("DELETE", &path), &ben.access, json!({})).await.0, status);
    }
    ada.get(&format!("/chats/{owned}")).await.expect(200);
}

async fn a_refresh_token_is_good_until_its_session_ends(engine: Engine) {
    let server = Server::start(engine).await;
    let profile = json!({"name": "Ann", "surname": "Test", "age": 30, "house": 1, "street": "A",
        "city": "B", "region": "C", "country": "D", "gender": "F"});
    let account = json!({"email": "ann@example.com", "password": "Correct-horse-77",
        "profile": profile});
    let post = async |path: &str, body: Value| ask(&server, ("POST", path), "stale", body).await;
    assert_eq!(post("/api/user/registration", account.clone()).await.0, 201);
    let taken = json!({"email": ["user model with this email already exists."]});
    assert_eq!(post("/api/user/registration", account.clone()).await, (400, taken));
    let (_, tokens) = post("/api/auth", account).await;
    let refresh = json!({"refresh": tokens["refresh"]});
    for _ in 0..3 {
        assert_eq!(post("/api/auth/refresh", refresh.clone()).await.0, 200);
    }
    let root = Person::admin(&server, "Root").await;
    let access = tokens["access"].as_str().expect("a token");
    let (_, me) = ask(&server, ("GET", "/api/v1/users/me"), access, json!({})).await;
    let account = format!("/admin/users/{}", me["id"]);
    root.patch(&account, &json!({"is_active": false})).await.expect(200);
    // A 401 would make the client ask again without end.
    assert_eq!(post("/api/auth/refresh", refresh).await.0, 400);
    assert_eq!(post("/api/auth/refresh", json!({"refresh": "nonsense"})).await.0, 401);
}
