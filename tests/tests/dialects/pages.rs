//! Lists of dialects go on with their `Link` header.

use domain::limits::PAGE_BYTES;
use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    lists_go_on_by_their_link,
    what_is_no_page_is_refused,
    pages_of_long_messages_are_shorter,
    deleted_messages_take_nobodys_place,
);

/// A page, and the address of the next one.
async fn page(server: &Server, who: &Person, path: &str) -> (u16, Value, Option<String>) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let scheme = if path.starts_with("/api/chats/") { "Token" } else { "Bearer" };
    let token = format!("{scheme} {}", who.access);
    let request = client.get(server.url(path)).header("authorization", token);
    let answer = request.send().await.expect("an answer");
    let link = answer.headers().get("link").map(|link| link.to_str().expect("a text").to_owned());
    let next = link.map(|link| {
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next.unwrap_or_else(|| panic!("{link}")).to_owned()
    });
    (answer.status().as_u16(), answer.json().await.expect("JSON"), next)
}

/// The ids of all rows, page by page of two.
async fn walked(server: &Server, who: &Person, path: &str, rows: &str) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut next = Some(format!("{path}limit=2"));
    while let Some(path) = next {
        let (status, body, following) = page(server, who, &path).await;
        assert_eq!(status, 200, "{path}: {body}");
        let rows = body.pointer(rows).and_then(Value::as_array).expect("an array");
        assert!(rows.len() <= 2 && (rows.len() == 2 || following.is_none()), "{path}: {body}");
        ids.extend(rows.iter().map(|row| row["id"].as_i64().expect("an id")));
        next = following;
    }
    ids
}

async fn lists_go_on_by_their_link(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let room = ada.put("/rooms/salon", &Value::Null).await.expect(201)["id"].clone();
    let room = room.as_i64().expect("an id");
    let mut said = Vec::new();
    for nth in 0..5 {
        said.push(ada.send(room, &format!("number {nth}")).await["id"].as_i64().expect("an id"));
    }
    for (path, rows) in [
        (format!("/api/chats/{room}/get_messages/?"), ""),
        (format!("/api/chat/rooms/{room}/history/?"), "/messages"),
        (format!("/api/chat/messages/?room={room}&"), ""),
    ] {
        let mut ids = walked(&server, &ada, &path, rows).await;
        ids.sort_unstable();
        assert_eq!(ids, said, "{path}");
    }

    let mut chats = vec![room];
    for other in [&ben, &cleo] {
        chats.push(ada.direct(other).await);
    }
    for path in ["/api/chats/?", "/api/chat/rooms/?"] {
        let mut ids = walked(&server, &ada, path, "").await;
        ids.sort_unstable();
        assert_eq!(ids, chats, "{path}");
    }
}

async fn what_is_no_page_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=999999", "limit"),
        ("limit=x", "limit"),
        ("before=x", "before"),
        ("before=0", "before"),
        ("before=9223372036854775808", "before"),
    ] {
        for path in ["/api/chats/", "/api/chat/rooms/"] {
            let (status, body, _) = page(&server, &ada, &format!("{path}?{query}")).await;
            let told = json!({field: ["A valid integer is required."]});
            assert_eq!((status, body), (400, told), "{path}?{query}");
        }
    }
}

async fn pages_of_long_messages_are_shorter(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let room = ada.put("/rooms/salon", &Value::Null).await.expect(201)["id"].clone();
    let room = room.as_i64().expect("an id");
    let text = "🦊".repeat(8_192);
    let mut said = Vec::new();
    for _ in 0..40 {
        said.push(ada.send(room, &text).await["id"].as_i64().expect("an id"));
    }
    let history = format!("/api/chat/messages/?room={room}");
    let (mut ids, mut next, mut pages) = (Vec::new(), Some(history), 0);
    while let Some(path) = next {
        let (status, body, following) = page(&server, &ada, &path).await;
        assert_eq!(status, 200, "{path}");
        let length = body.to_string().len();
        assert!(length < PAGE_BYTES + 2 * text.len(), "{path}: {length} bytes");
        let rows = body.as_array().expect("an array");
        ids.extend(rows.iter().map(|row| row["id"].as_i64().expect("an id")));
        (next, pages) = (following, pages + 1);
    }
    ids.sort_unstable();
    assert_eq!((ids, pages), (said, 2));
}

async fn deleted_messages_take_nobodys_place(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    let mut said = Vec::new();
    for nth in 0..9 {
        said.push(ada.send(chat, &format!("number {nth}")).await["id"].as_i64().expect("an id"));
    }
    for id in &said[4..] {
        ada.delete(&format!("/chats/{chat}/messages/{id}")).await.expect(200);
    }
    for (path, rows) in [
        (format!("/api/chats/{chat}/get_messages/?"), ""),
        (format!("/api/chat/rooms/{chat}/history/?"), "/messages"),
        (format!("/api/chat/messages/?room={chat}&"), ""),
    ] {
        let (_, body, _) = page(&server, &ada, &format!("{path}limit=2")).await;
        let shown = body.pointer(rows).and_then(Value::as_array).expect("an array");
        let shown: Vec<_> = shown.iter().map(|row| row["id"].as_i64().expect("an id")).collect();
        assert_eq!(shown, said[2..4], "{path}");
        let mut all = walked(&server, &ada, &path, rows).await;
        all.sort_unstable();
        assert_eq!(all, said[..4], "{path}");
    }
}
