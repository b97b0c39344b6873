//! Searching messages.

use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    messages_are_found_by_their_words,
    what_is_edited_or_deleted_is_found_no_more,
    filters_narrow_a_search,
    only_what_one_may_see_is_found,
    what_cannot_be_searched_is_refused,
    no_syntax_does_harm,
);

fn encoded(q: &str) -> String {
    q.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn search(person: &Person, q: &str) -> Vec<Value> {
    let found = person.get(&format!("/messages/search?q={}", encoded(q))).await.expect(200);
    found["items"].as_array().expect("items").clone()
}

async fn texts(person: &Person, q: &str) -> Vec<String> {
    let found = search(person, q).await;
    found.iter().map(|m| m["text"].as_str().expect("a text").to_owned()).collect()
}

async fn messages_are_found_by_their_words(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let first = ada.send(chat, "Tea at FOUR?").await;
    let second = grace.send(chat, "tea is fine").await;
    let base = ada.chat(chat).await;
    let found = ada.get("/messages/search?q=tea").await.expect(200);
    assert_eq!((&found["items"], &found["next"]), (&json!([second, first]), &Value::Null));
    assert_eq!(found["chats"][0]["id"], base["id"]);
    assert_eq!(search(&grace, "fou").await, std::slice::from_ref(&first), "a beginning is enough");
    assert_eq!(search(&grace, "te* four").await, std::slice::from_ref(&first));
    let page = ada.get("/messages/search?q=tea&limit=1").await.expect(200);
    assert_eq!(page["items"], json!([second]));
    let next =
        format!("/messages/search?q=tea&limit=1&cursor={}", page["next"].as_str().expect("more"));
    let page = ada.get(&next).await.expect(200);
    assert_eq!((&page["items"], &page["next"]), (&json!([first]), &Value::Null));
}

async fn what_is_edited_or_deleted_is_found_no_more(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let chat = ada.direct(&ada).await;
    let first = ada.send(chat, "Tea at FOUR?").await;
    ada.send(chat, "tea is fine").await;
    let path = format!("/chats/{chat}/messages/{}", first["id"]);
    ada.patch(&path, &json!({"text": "Coffee, naïve кофе 珈琲"})).await.expect(200);
    assert_eq!(texts(&ada, "tea").await, ["tea is fine"]);
    for q in ["coffee", "NAÏVE", "КОФЕ", "珈琲", "coff"] {
        assert_eq!(search(&ada, q).await.len(), 1, "{q}");
    }
    ada.delete(&path).await.expect(200);
    assert!(search(&ada, "coffee").await.is_empty());
}

async fn filters_narrow_a_search(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada Lovelace", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let notes = ada.direct(&ada).await;
    ada.send(chat, "tea one").await;
    grace.send(chat, "tea two").await;
    ada.send(notes, "tea three").await;
    for (q, expected) in [
        (format!("tea from:{}", grace.id), vec!["tea two"]),
        ("from:\"ada lovelace\" tea".into(), vec!["tea three", "tea one"]),
        (format!("tea in:{notes}"), vec!["tea three"]),
        ("tea before:2020-01-01".into(), vec![]),
        ("tea before:2999-01-01 from:grace".into(), vec!["tea two"]),
    ] {
        assert_eq!(texts(&ada, &q).await, expected, "{q}");
    }
    let query = format!("q=tea&from={}&in={chat}&before=2999-01-01", encoded("ADA lovelace"));
    let found = ada.get(&format!("/messages/search?{query}")).await.expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    let found = ada.get(&format!("/messages/search?in={notes}")).await.expect(200);
    assert_eq!(found["items"][0]["text"], "tea three", "a filter alone is a search");
}

async fn only_what_one_may_see_is_found(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, eve] = Person::several(&server, ["Ada", "Grace", "Eve"]).await;
    let group = ada.group("Group", &[&grace]).await;
    ada.send(group, "the secret word").await;
    for q in ["secret".to_owned(), format!("in:{group}"), format!("from:{}", ada.id)] {
        assert!(search(&eve, &q).await.is_empty(), "{q}");
        assert_eq!(search(&grace, &q).await.len(), 1, "{q}");
    }
    ada.delete(&format!("/chats/{group}/members/{}", grace.id)).await.expect(204);
    assert!(search(&grace, "secret").await.is_empty(), "a former member finds nothing");
    ada.put(&format!("/chats/{group}/members/{}", grace.id), &Value::Null).await.expect(201);
    assert_eq!(search(&grace, "secret").await.len(), 1);
    ada.delete(&format!("/chats/{group}")).await.expect(204);
    assert!(search(&ada, "secret").await.is_empty());
}

async fn what_cannot_be_searched_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let long = "x".repeat(201);
    for (query, field, code) in [
        ("", "q", "empty"),
        ("q=", "q", "empty"),
        ("q=%25", "q", "empty"),
        ("q=a%00b", "q", "nul_character"),
        ("from=a%00b", "from", "nul_character"),
        (&format!("q={long}"), "q", "too_long"),
        ("q=x&in=abc", "in", "invalid_id"),
        ("q=x&before=tomorrow", "before", "invalid_date"),
        ("q=x%20in:1&in=1", "in", "conflicting_parameters"),
        ("q=from:a%20from:b", "from", "conflicting_parameters"),
        ("q=before:2026-01-01&before=2026-01-02", "before", "conflicting_parameters"),
        ("q=x&cursor=abc", "cursor", "invalid_cursor"),
        ("q=x&limit=0", "limit", "limit_out_of_range"),
        ("q=x&what=1", "query", "wrong_type"),
    ] {
        ada.get(&format!("/messages/search?{query}")).await.refused_field(400, field, code);
    }
}

async fn no_syntax_does_harm(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let notes = ada.direct(&ada).await;
    ada.send(notes, "plain words OR AND NOT near").await;
    for q in [
        "plain OR nothing",
        "plain AND words",
        "NOT plain",
        "\"plain words\"",
        "plain NEAR/2 words",
        "words:plain",
        "-plain",
        "^plain",
        "{plain}",
        "plain & words",
        "plain | x",
        "!plain",
        "plain:*",
        "plain' OR '1'='1",
        "'; DROP TABLE message_search; --",
        "\\plain",
        "plain\\",
        "(((",
        "\"\"\"",
        "**",
        "plain*",
        "%plain%",
        "_c1",
        "_a1",
        "a\u{301}\u{301}",
        "\u{202e}plain",
        "plain\u{0301}",
        "from:\u{1}",
        "from:' plain",
        "in:1' plain",
        "👍 plain",
    ] {
        let answer = ada.get(&format!("/messages/search?q={}", encoded(q))).await;
        assert!(matches!(answer.status, 200 | 400), "{q}: {}", answer.body);
    }
    assert_eq!(texts(&ada, "pla*").await.len(), 1);
}
