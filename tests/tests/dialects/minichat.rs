//! What `minichat` has that no other protocol has: groups that are joined by their number, direct chats that
//! are left, and sockets that end with being in the room.

use tests::{Engine, JsonSocket, Person, Server, Value, json, on_both, within};

on_both!(
    a_group_is_joined_by_its_number_and_no_other_chat_is,
    whoever_leaves_is_out_and_hears_nothing_more,
    a_direct_chat_that_was_left_is_there_when_it_is_opened_again,
    a_group_of_two_that_is_archived_stays_open,
    whoever_has_no_business_in_a_room_gets_no_socket,
    somebody_goes_with_their_last_socket,
    who_is_blocked_says_nothing,
);

const NO_ROOM: &str = "Комната не найдена";

async fn call(
    who: &Person,
    server: &Server,
    (method, path): (&str, &str),
    body: Value,
) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method.parse().expect("a method"), server.url(path));
    let request = request.bearer_auth(&who.access).json(&body);
    let answer = within(path, request.send()).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

async fn post(who: &Person, server: &Server, path: &str) -> (u16, Value) {
    call(who, server, ("POST", path), json!({})).await
}

async fn get(who: &Person, server: &Server, path: &str) -> (u16, Value) {
    call(who, server, ("GET", path), json!({})).await
}

async fn socket(who: &Person, server: &Server, room: i64) -> Result<JsonSocket, u16> {
    let path = format!("/ws/chat/{room}/?token={}", who.access);
    JsonSocket::open(server.address(), &path, None).await.map_err(|(status, _)| status)
}

/// A group, as `who` makes it.
async fn group(who: &Person, server: &Server) -> i64 {
    let wanted = json!({"name": "Lunch", "chat_type": "group", "participants": [2]});
    let (status, made) = call(who, server, ("POST", "/api/chat/rooms/"), wanted).await;
    assert_eq!((status, &made["participants_count"]), (201, &json!(1)), "{made}");
    made["id"].as_i64().expect("an id")
}

async fn join(who: &Person, server: &Server, room: i64) -> (u16, Value) {
    post(who, server, &format!("/api/chat/rooms/{room}/join/")).await
}

async fn leave(who: &Person, server: &Server, room: i64) -> (u16, Value) {
    post(who, server, &format!("/api/chat/rooms/{room}/leave/")).await
}

fn rooms_in((status, rooms): (u16, Value)) -> Vec<i64> {
    assert_eq!(status, 200, "{rooms}");
    let rooms = rooms.as_array().expect("a list").iter();
    rooms.map(|room| room["id"].as_i64().expect("an id")).collect()
}

async fn a_group_is_joined_by_its_number_and_no_other_chat_is(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let open = group(&ada, &server).await;
    let joined = (200, json!({"message": "Успешно присоединились к комнате"}));
    for _ in 0..2 {
        assert_eq!(join(&ben, &server, open).await, joined);
    }
    let path = format!("/api/chat/rooms/{open}/");
    let (status, renamed) = call(&ben, &server, ("PATCH", &path), json!({"name": "Dinner"})).await;
    assert_eq!((status, &renamed["name"]), (200, &json!("Dinner")), "{renamed}");

    let (_, alone) =
        call(&ada, &server, ("POST", "/api/chat/rooms/"), json!({"name": "Notes"})).await;
    assert_eq!(alone["chat_type"], "direct", "unless it is said otherwise");
    let alone = alone["id"].as_i64().expect("an id");
    let invited = ada.group("Invited", &[&ben]).await;
    let direct = ada.direct(&ben).await;
    for room in [alone, invited, direct, 9_999] {
        let refused = (404, json!({"error": NO_ROOM, "detail": NO_ROOM}));
        assert_eq!(join(&eve, &server, room).await, refused, "{room}");
        assert_eq!(leave(&eve, &server, room).await, refused, "{room}");
    }
    assert_eq!(leave(&eve, &server, open).await.0, 200, "though not in it");
    ada.put(&format!("/chats/{open}/bans/{}", eve.id), &json!({})).await.expect(204);
    assert_eq!(join(&eve, &server, open).await.0, 403);
}

async fn whoever_leaves_is_out_and_hears_nothing_more(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = group(&ada, &server).await;
    join(&ben, &server, room).await;
    let mut his = socket(&ben, &server, room).await.expect("a socket");
    let mut hers = socket(&ada, &server, room).await.expect("a socket");
    // Who does not own it leaves it by deleting it.
    let path = format!("/api/chat/rooms/{room}/");
    assert_eq!(call(&ben, &server, ("DELETE", &path), json!({})).await.0, 204);
    while his.next().await.is_ok() {}
    assert_eq!(rooms_in(get(&ben, &server, "/api/chat/rooms/").await), [0_i64; 0]);
    assert_eq!(get(&ben, &server, &path).await.0, 404);
    assert_eq!(socket(&ben, &server, room).await.map(drop), Err(403));
    // Its owner leaves it to nobody.
    assert_eq!(leave(&ada, &server, room).await.0, 200);
    while hers.next().await.is_ok() {}
    assert_eq!(join(&ben, &server, room).await.0, 200, "it is still there");
}

async fn a_direct_chat_that_was_left_is_there_when_it_is_opened_again(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let open = async |who: &Person, key: &str, other: &Person| {
        let wanted = json!({key: other.id.to_string()});
        call(who, &server, ("POST", "/api/chat/create-direct-chat/"), wanted).await
    };
    let (status, made) = open(&ben, "user_id", &ada).await;
    assert_eq!((status, &made["room"]["name"]), (201, &json!("Чат: Ben и Ada")), "{made}");
    let room = made["id"].as_i64().expect("an id");
    assert_eq!(open(&ada, "participant_id", &ben).await.0, 200);
    ben.send(room, "hello").await;
    let mut hers = socket(&ada, &server, room).await.expect("a socket");
    assert_eq!(leave(&ada, &server, room).await.0, 200);
    while hers.next().await.is_ok() {}
    let history = format!("/api/chat/rooms/{room}/history/");
    assert_eq!(rooms_in(get(&ada, &server, "/api/chat/rooms/").await), [0_i64; 0]);
    assert_eq!(get(&ada, &server, &history).await.0, 404);
    assert_eq!(get(&ada, &server, "/api/chat/messages/").await, (200, json!([])));
    assert_eq!(rooms_in(get(&ben, &server, "/api/chat/rooms/").await), [room]);
    let (status, again) = open(&ada, "user_id", &ben).await;
    assert_eq!((status, &again["id"]), (201, &json!(room)), "{again}");
    let (_, shown) = get(&ada, &server, &history).await;
    assert_eq!(shown["messages"][0]["content"], "hello");
}

async fn a_group_of_two_that_is_archived_stays_open(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = ada.group("Lunch", &[&ben]).await;
    let mut hers = socket(&ada, &server, room).await.expect("a socket");
    let path = format!("/chats/{room}/preferences");
    ada.patch(&path, &json!({"archived": true})).await.expect(200);
    assert_eq!(rooms_in(get(&ada, &server, "/api/chat/rooms/").await), [room]);
    ben.send(room, "hello").await;
    let said = hers.until("the message", |frame| frame["type"] == "chat_message").await;
    assert_eq!(said["message"], "hello", "{said}");
}

async fn whoever_has_no_business_in_a_room_gets_no_socket(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let room = ada.direct(&ben).await;
    assert_eq!(socket(&eve, &server, room).await.map(drop), Err(403));
    assert_eq!(socket(&ada, &server, 9_999).await.map(drop), Err(403));
    for path in [
        format!("/ws/chat/{room}/"),
        format!("/ws/chat/{room}/?token=bad"),
        format!("/ws/chat/{room}/?token={}", ada.refresh),
        format!("/ws/chat/x/?token={}", ada.access),
    ] {
        let opened = JsonSocket::open(server.address(), &path, None).await;
        assert_eq!(opened.map(drop).map_err(|(status, _)| status), Err(403), "{path}");
    }
    assert!(!server.log().contains(&ada.access), "a token is in the log");
    let slashless = format!("/ws/chat/{room}?token={}", ada.access);
    JsonSocket::open(server.address(), &slashless, None).await.expect("a socket");
}

async fn somebody_goes_with_their_last_socket(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = ada.direct(&ben).await;
    let mut hers = socket(&ada, &server, room).await.expect("a socket");
    let [first, second] = [
        socket(&ben, &server, room).await.expect("a socket"),
        socket(&ben, &server, room).await.expect("a socket"),
    ];
    let is_told = |online: bool| {
        move |frame: &Value| frame["type"] == "user_status" && frame["is_online"] == online
    };
    hers.until("that Ben is there", is_told(true)).await;
    first.close().await;
    let people = format!("/api/chat/rooms/{room}/participants/");
    let (_, shown) = get(&ada, &server, &people).await;
    assert_eq!(shown["participants"][1]["is_online"], true, "{shown}");
    second.close().await;
    hers.until("that Ben is gone", is_told(false)).await;
    let (_, shown) = get(&ada, &server, &people).await;
    assert_eq!(shown["participants"][1]["is_online"], false, "{shown}");
}

async fn who_is_blocked_says_nothing(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let room = ada.direct(&ben).await;
    let mut his = socket(&ben, &server, room).await.expect("a socket");
    ada.put(&format!("/users/{}/block", ben.id), &Value::Null).await.expect(204);
    his.send(r#"{"type": "chat_message", "message": "hello"}"#).await;
    his.until("an error", |frame| frame["type"] == "error").await;
    let message = json!({"room": room, "content": "hello"});
    let (status, _) = call(&ben, &server, ("POST", "/api/chat/messages/"), message).await;
    assert_eq!(status, 403);
    let wanted = json!({"user_id": ada.id});
    let path = ("POST", "/api/chat/create-direct-chat/");
    assert_eq!(call(&ben, &server, path, wanted).await.0, 403);
    assert_eq!(get(&ada, &server, "/api/chat/messages/").await, (200, json!([])));
}
