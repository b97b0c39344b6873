//! `confab import`, by its page's own example.

use std::fs;
use tests::{Engine, Person, Server, ServiceKeyClient, json, on_both};

on_both!(
    the_documented_lines_are_taken_over,
    what_cannot_be_taken_over_is_named,
    what_came_before_a_line_that_is_too_long_is_taken_over,
);

fn example() -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/how-to/import.md");
    let page = fs::read_to_string(page).expect("the page");
    let example = page.split("```jsonl\n").nth(1).expect("an example");
    example.split("```").next().expect("its end").to_owned()
}

/// Runs it and returns what it printed, and what it complained of. It fails if a line was skipped.
async fn import(server: &Server, lines: &str) -> (String, String) {
    let run = server.run(&["import", "-"], lines).await;
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.success(), !complaints.contains("skipped"), "{complaints}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&run.stdout), text(&run.stderr))
}

async fn the_documented_lines_are_taken_over(engine: Engine) {
    let server = Server::start(engine).await;
    // As a file that was made on Windows.
    let (printed, complaints) = import(&server, &format!("\u{feff}{}", example())).await;
    assert!(!complaints.contains("skipped"), "{complaints}");
    let expected = "chat: 4 added, 0 there already, 0 skipped\n\
        member: 1 added, 0 there already, 0 skipped\n\
        message: 5 added, 0 there already, 0 skipped\n\
        read: 1 added, 0 there already, 0 skipped\n\
        star: 1 added, 0 there already, 0 skipped\n\
        user: 4 added, 0 there already, 0 skipped\n";
    assert_eq!(printed, expected);
    let (printed, _) = import(&server, &example()).await;
    let again: Vec<_> = printed.lines().filter(|line| !line.contains(": 0 added")).collect();
    assert!(again.is_empty(), "nothing is taken over twice: {again:?}");
    people_find_what_they_had(&server).await;
}

async fn a_host_finds_what_it_kept(server: &Server, ada: &Person) {
    let order = ada.chat(24).await;
    assert_eq!(
        (&order["external_id"], &order["data"]),
        (&json!("order-7"), &json!({"state": "sold"}))
    );
    let card = &ada.history(24).await[0];
    let expected = (&json!("app"), &json!({"lines": ["kettle"]}));
    assert_eq!((&card["kind"], &card["data"]), expected);
    let found = ada.get("/messages/search?q=data:kettle").await.expect(200);
    assert_eq!(found["items"], json!([card]));
    let shop =
        ServiceKeyClient::add_of(server, "https://shop.example", "Shop", "people:read").await;
    let dora = shop.get("/users/ext:17").await.expect(200);
    assert_eq!((&dora["id"], &dora["data"]), (&json!(31), &json!({"plan": "gold"})));
}

async fn people_find_what_they_had(server: &Server) {
    // Two of them come with the hash of a password, by bcrypt and as Django keeps it: the one that tests use.
    let api = tests::Api::of(server).await;
    let login = json!({"username": "Ada", "password": tests::PASSWORD});
    let ada = Person::signed_in(api.clone(), &api.post("/auth/login", &login).await.expect(200));
    assert_eq!(ada.id, 12);
    let login = json!({"username": "cleo", "password": tests::PASSWORD});
    api.post("/auth/login", &login).await.expect(200);
    let wrong = json!({"username": "cleo", "password": "tree-lamp-kettle-43"});
    api.post("/auth/login", &wrong).await.refused(401, "wrong_credentials");
    let ben = json!({"username": "ben", "password": tests::PASSWORD});
    api.post("/auth/login", &ben).await.refused(401, "wrong_credentials");
    let history = ada.history(21).await;
    let shown: Vec<_> = history.iter().map(|m| (m["id"].clone(), m["text"].clone())).collect();
    assert_eq!(shown, [(json!(110), json!("Hello")), (json!(111), json!("Hello, Ada"))]);
    assert_eq!(history[0]["created_at"], "2025-08-07T13:39:12.650113Z");
    assert_eq!(history[1]["reply_to"], 110);
    let starred = ada.get("/messages/starred").await.expect(200);
    assert_eq!(starred["items"][0]["id"], 111);
    let found = ada.get("/messages/search?q=everybody").await.expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(ada.chat(21).await["unread_count"], 0);
    assert_eq!(ada.chat(22).await["title"], "Lunch");
    a_host_finds_what_it_kept(server, &ada).await;
    // And life goes on.
    let next = ada.send(21, "Here we are").await;
    assert!(next["id"].as_i64() > Some(114), "{next}");
    let new = Person::register(server, "New").await;
    assert!(new.id > 31);
}

/// What cannot be taken over, a line each.
fn refused_lines() -> Vec<String> {
    let made = r#""created_at": "2025-01-01T00:00:00Z""#;
    vec![
        format!(r#"{{"type": "user", "id": 1, "username": "ada", {made}}}"#),
        format!(r#"{{"type": "user", "id": 2, "username": "ADA", {made}}}"#),
        format!(r#"{{"type": "user", "id": 0, "username": "ben", {made}}}"#),
        format!(
            r#"{{"type": "user", "id": 3, "username": "cleo", "password_hash": "md5$x", {made}}}"#
        ),
        r#"{"type": "user", "id": 4, "username": "dora", "created_at": "yesterday"}"#.to_owned(),
        "not JSON".to_owned(),
        String::new(),
        format!(
            r#"{{"type": "chat", "id": 5, "kind": "group", "title": "x", "members": [1], {made}}}"#
        ),
        format!(r#"{{"type": "chat", "id": 5, "kind": "direct", "members": [1, 9], {made}}}"#),
        format!(r#"{{"type": "chat", "id": 6, "kind": "direct", "members": [1], {made}}}"#),
        format!(r#"{{"type": "message", "id": 8, "chat": 6, "author": 1, "text": "b", {made}}}"#),
        format!(r#"{{"type": "message", "id": 7, "chat": 6, "author": 1, "text": "a", {made}}}"#),
        format!(r#"{{"type": "message", "id": 9, "chat": 6, "author": 1, "text": " ", {made}}}"#),
        format!(r#"{{"type": "message", "id": 9, "chat": 99, "author": 1, "text": "x", {made}}}"#),
        r#"{"type": "star", "user": 2, "message": 8}"#.to_owned(),
        r#"{"type": "read", "user": 1, "message": 99}"#.to_owned(),
        format!(r#"{{"type": "user", "id": 4503599627370497, "username": "last", {made}}}"#),
        format!(
            r#"{{"type": "user", "id": 5, "username": "eve", "password_hash": "pbkdf2_sha256$9000000$s$x", {made}}}"#
        ),
        format!(
            r#"{{"type": "user", "id": 6, "username": "fay", "password_hash": "pbkdf2_sha256$9000000$s$oHzufTXO4YwYqtP+z3lIo1+lTlTmjCjLHJeMZY/4jpc=", {made}}}"#
        ),
        format!(
            r#"{{"type": "user", "id": 7, "username": "gus", "password_hash": "$2b$18$abcdefghijklmnopqrstuuYPTLO5VmTBID1jIgEkU73rS5HHCL1Ky", {made}}}"#
        ),
        format!(
            r#"{{"type": "message", "id": 10, "chat": 6, "author": 1, "text": "a\u0007", {made}}}"#
        ),
        format!(
            r#"{{"type": "chat", "id": 7, "kind": "group", "title": "x\ny", "owner": 1, {made}}}"#
        ),
        format!(
            r#"{{"type": "chat", "id": 7, "kind": "group", "title": "x", "description": "\u001b[2J", "owner": 1, {made}}}"#
        ),
        format!(
            r#"{{"type": "user", "id": 8, "username": "hal", "password_hash": "$2b$+9$abcdefghijklmnopqrstuuYPTLO5VmTBID1jIgEkU73rS5HHCL1Ky", {made}}}"#
        ),
        format!(r#"{{"type": "user", "id": 9, "username": "ivy", "external_id": "17", {made}}}"#),
        format!(r#"{{"type": "user", "id": 9, "username": "ivy", "data": [1], {made}}}"#),
        format!(
            r#"{{"type": "chat", "id": 8, "kind": "room", "title": "x", "issuer": "i", "external_id": "x", {made}}}"#
        ),
        format!(
            r#"{{"type": "message", "id": 10, "chat": 6, "author": 1, "kind": "app", "text": "x", {made}}}"#
        ),
    ]
}

async fn what_cannot_be_taken_over_is_named(engine: Engine) {
    let server = Server::prepare(engine, &[]).await;
    let lines = refused_lines();
    let (printed, complaints) = import(&server, &lines.join("\n")).await;
    let expected = "chat: 1 added, 0 there already, 5 skipped\n\
        message: 1 added, 0 there already, 5 skipped\n\
        read: 0 added, 0 there already, 1 skipped\n\
        star: 0 added, 0 there already, 1 skipped\n\
        unreadable: 0 added, 0 there already, 2 skipped\n\
        user: 1 added, 0 there already, 10 skipped\n";
    assert_eq!(printed, expected, "{complaints}");
    assert!(complaints.contains("24 lines were skipped"), "{complaints}");
    for complaint in [
        "line 2: user skipped: another account has this name",
        "line 3: user skipped: an id is a whole number",
        "line 4: user skipped: password_hash is neither bcrypt nor pbkdf2_sha256",
        "line 5: unreadable skipped:",
        "line 6: unreadable skipped:",
        "line 8: chat skipped: a group has an owner",
        "line 9: chat skipped: one of its people is not there",
        "line 12: message skipped: its chat has a later message already",
        "line 13: message skipped: the text must not be empty",
        "line 14: message skipped: the chat, or its author in it, is not there",
        "line 15: star skipped: the message, or the person in its chat, is not there",
        "line 16: read skipped: the message, or the person in its chat, is not there",
        "line 17: user skipped: an id that is taken over is 4503599627370496 at most",
        "line 18: user skipped: password_hash is neither bcrypt nor pbkdf2_sha256",
        "line 19: user skipped: password_hash takes too long to compare: rounds 9000000, at most 2000000",
        "line 20: user skipped: password_hash takes too long to compare: cost 18, at most 14",
        "line 21: message skipped: the text must not contain control characters",
        "line 22: chat skipped: the title must not contain control or invisible characters",
        "line 23: chat skipped: the description must not contain control characters",
        "line 24: user skipped: password_hash is neither bcrypt nor pbkdf2_sha256",
        "line 25: user skipped: an external_id is given with its issuer",
        "line 26: user skipped: data is a JSON object",
        "line 27: chat skipped: only a group has an external_id",
        "line 28: message skipped: a message of the kind app has data",
    ] {
        assert!(complaints.contains(complaint), "{complaint} is not in:\n{complaints}");
    }
    let missing = server.run(&["import", "no-such-file.jsonl"], "").await;
    assert!(!missing.status.success());
}

async fn what_came_before_a_line_that_is_too_long_is_taken_over(engine: Engine) {
    let server = Server::start(engine).await;
    let whole = example();
    // The last ones before it are messages, which wait for each other.
    let (before, _) = whole.split_once("{\"type\": \"star\"").expect("a star");
    let cut = format!("{before}{}\n", "x".repeat(1024 * 1024));
    let run = server.run(&["import", "-"], &cut).await;
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(!run.status.success() && complaint.contains("1048576 bytes at most"), "{complaint}");
    let (printed, _) = import(&server, &whole).await;
    assert!(printed.contains("message: 0 added, 5 there already, 0 skipped"), "{printed}");
}
