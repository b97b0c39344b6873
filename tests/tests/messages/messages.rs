//! Sending, changing and reading messages.

use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    a_message_is_sent_and_read,
    any_text_that_can_be_shown_is_kept,
    a_text_is_refused_by_name,
    a_message_is_edited_by_its_author,
    a_deleted_message_leaves_a_tombstone,
    a_reply_names_a_message_of_the_same_chat,
    history_pages_have_exact_edges,
    a_client_id_sends_once,
);

async fn two(server: &Server) -> (Person, Person, i64) {
    let [ada, grace] = Person::several(server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    (ada, grace, chat)
}

async fn a_message_is_sent_and_read(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let sent = ada.send(chat, "  Hello\n ").await;
    assert_eq!((&sent["text"], &sent["author_id"]), (&json!("Hello"), &json!(ada.id)));
    assert_eq!((&sent["seq"], &sent["version"]), (&json!(1), &json!(2)));
    assert_eq!((&sent["chat_id"], &sent["reply_to"]), (&json!(chat), &Value::Null));
    let at = sent["created_at"].as_str().expect("a time");
    assert!(at.len() == "2026-08-11T14:08:46.388856Z".len() && at.ends_with('Z'), "{at}");
    let path = format!("/chats/{chat}/messages/{}", sent["id"]);
    assert_eq!(grace.get(&path).await.expect(200), sent);
    assert_eq!(grace.history(chat).await, std::slice::from_ref(&sent));
    assert_eq!(grace.chat(chat).await["last_message"], sent);

    // Many at once are numbered without a hole, each once.
    let sends = (0..40).map(|n| {
        let sender = if n % 2 == 0 { &ada } else { &grace };
        async move { sender.send(chat, &format!("message {n}")).await }
    });
    let mut sent: Vec<_> = futures_util::future::join_all(sends).await;
    sent.sort_by_key(|message| message["seq"].as_i64());
    let seqs: Vec<_> = sent.iter().map(|message| message["seq"].as_i64()).collect();
    assert_eq!(seqs, (2..=41).map(Some).collect::<Vec<_>>());
    assert_eq!(grace.history_after(chat, 1).await, sent);
}

async fn any_text_that_can_be_shown_is_kept(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let longest = "😀".repeat(8_192);
    let texts = [
        "🧑‍🚀 👩🏽‍💻 𝕏",
        "'; DROP TABLE messages; --",
        "line\nline\ttab",
        "\\ \" </script>",
        "עברית العربية \u{202e}",
        "%s %00 \u{feff}",
        &longest,
    ];
    for text in texts {
        ada.send(chat, text).await;
    }
    let stored = grace.history(chat).await;
    let stored: Vec<_> = stored.iter().map(|m| m["text"].as_str().expect("a text")).collect();
    assert_eq!(stored, texts.map(str::trim));
}

async fn a_text_is_refused_by_name(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, _, chat) = two(&server).await;
    let path = format!("/chats/{chat}/messages");
    let long = "x".repeat(8_193);
    for (text, code) in [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("a\0b", "nul_character"),
        ("a\u{1}b", "control_character"),
        ("a\u{85}b", "control_character"),
        (&long, "too_long"),
    ] {
        let body = json!({"text": text});
        ada.post(&path, &body).await.refused_field(400, "text", code);
    }
    for client_id in ["", "has space", "ünicode", &"x".repeat(65)] {
        let body = json!({"text": "x", "client_id": client_id});
        ada.post(&path, &body).await.refused_field(400, "client_id", "client_id_invalid");
    }
    assert!(ada.history(chat).await.is_empty());
    assert_eq!(ada.chat(chat).await["version"], 1, "refusals use up no number");
}

async fn a_message_is_edited_by_its_author(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let sent = ada.send(chat, "Helo").await;
    let path = format!("/chats/{chat}/messages/{}", sent["id"]);
    let edited = ada.patch(&path, &json!({"text": " Hello "})).await.expect(200);
    assert_eq!((&edited["text"], &edited["seq"]), (&json!("Hello"), &sent["seq"]));
    assert_eq!((&edited["version"], &edited["created_at"]), (&json!(3), &sent["created_at"]));
    assert!(edited["edited_at"].is_string());
    assert_eq!(grace.history(chat).await, std::slice::from_ref(&edited));

    grace.patch(&path, &json!({"text": "mine"})).await.refused(403, "not_allowed");
    ada.patch(&path, &json!({"text": " "})).await.refused_field(400, "text", "empty");
    let missing = format!("/chats/{chat}/messages/999999");
    ada.patch(&missing, &json!({"text": "x"})).await.refused(404, "message_not_found");
    // A message is found by its own chat only.
    let notes = ada.direct(&ada).await;
    let astray = format!("/chats/{notes}/messages/{}", sent["id"]);
    ada.patch(&astray, &json!({"text": "x"})).await.refused(404, "message_not_found");
    ada.get(&astray).await.refused(404, "message_not_found");
    ada.delete(&astray).await.refused(404, "message_not_found");
    assert_eq!(grace.history(chat).await, [edited]);
}

async fn a_deleted_message_leaves_a_tombstone(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let sent = ada.send(chat, "oops").await;
    let path = format!("/chats/{chat}/messages/{}", sent["id"]);
    grace.delete(&path).await.refused(403, "not_allowed");
    let tombstone = ada.delete(&path).await.expect(200);
    assert_eq!((&tombstone["text"], &tombstone["version"]), (&json!(""), &json!(3)));
    assert_eq!((&tombstone["seq"], &tombstone["id"]), (&sent["seq"], &sent["id"]));
    assert!(tombstone["deleted_at"].is_string());
    assert_eq!(ada.delete(&path).await.expect(200), tombstone, "deleting it again is the same");
    ada.patch(&path, &json!({"text": "x"})).await.refused(409, "message_deleted");
    assert_eq!(grace.history(chat).await, [tombstone]);
    assert_eq!(ada.send(chat, "next").await["seq"], 2, "the number is not given out again");

    // In a group its admins may.
    let alan = Person::register(&server, "Alan").await;
    let group = ada.group("Group", &[&grace, &alan]).await;
    let said = grace.send(group, "rude").await;
    let path = format!("/chats/{group}/messages/{}", said["id"]);
    alan.delete(&path).await.refused(403, "not_allowed");
    ada.delete(&path).await.expect(200);
}

async fn a_reply_names_a_message_of_the_same_chat(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let notes = ada.direct(&ada).await;
    let elsewhere = ada.send(notes, "elsewhere").await;
    let question = ada.send(chat, "why?").await;
    let path = format!("/chats/{chat}/messages");
    let reply = |to: &Value| json!({"text": "because", "reply_to": to});
    let answer = grace.post(&path, &reply(&question["id"])).await.expect(201);
    assert_eq!(answer["reply_to"], question["id"]);
    for wrong in [&elsewhere["id"], &json!(999_999)] {
        let refused = ada.post(&path, &reply(wrong)).await;
        refused.refused_field(400, "reply_to", "reply_not_found");
    }
    ada.delete(&format!("{path}/{}", question["id"])).await.expect(200);
    let refused = ada.post(&path, &reply(&question["id"])).await;
    refused.refused_field(400, "reply_to", "reply_not_found");
    assert_eq!(ada.history(chat).await[1], answer, "the answer keeps what it answered");
}

async fn history_pages_have_exact_edges(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, _, chat) = two(&server).await;
    let empty = ada.get(&format!("/chats/{chat}/messages")).await.expect(200);
    assert_eq!(
        empty,
        json!({"items": [], "older": false, "newer": false, "quoted": [], "starred": []})
    );
    let last = 60;
    for n in 1..=last {
        ada.send(chat, &n.to_string()).await;
    }
    let cases = [
        ("", (11, 60), (true, false)),
        ("limit=60", (1, 60), (false, false)),
        ("limit=59", (2, 60), (true, false)),
        ("limit=200", (1, 60), (false, false)),
        ("before=61&limit=1", (60, 60), (true, false)),
        ("before=60&limit=2", (58, 59), (true, true)),
        ("before=3&limit=2", (1, 2), (false, true)),
        ("before=2&limit=5", (1, 1), (false, true)),
        ("after=0&limit=5", (1, 5), (false, true)),
        ("after=58&limit=2", (59, 60), (true, false)),
        ("after=57&limit=2", (58, 59), (true, true)),
        ("around=30&limit=10", (25, 34), (true, true)),
        ("around=1&limit=10", (1, 5), (false, true)),
    ];
    for (query, (first, end), (older, newer)) in cases {
        let page = ada.get(&format!("/chats/{chat}/messages?{query}")).await.expect(200);
        let items = page["items"].as_array().expect("items");
        let seqs: Vec<_> = items.iter().filter_map(|message| message["seq"].as_i64()).collect();
        assert_eq!(seqs, (first..=end).collect::<Vec<i64>>(), "{query}");
        assert_eq!((&page["older"], &page["newer"]), (&json!(older), &json!(newer)), "{query}");
    }
    for query in ["after=60", "before=1", "after=1000"] {
        let page = ada.get(&format!("/chats/{chat}/messages?{query}")).await.expect(200);
        assert_eq!(page["items"], json!([]), "{query}");
    }
    for wrong in ["limit=0", "limit=201", "limit=-1", "before=-1", "after=x", "before=1&after=1"] {
        ada.get(&format!("/chats/{chat}/messages?{wrong}")).await.refused(400, "invalid");
    }
}

async fn a_client_id_sends_once(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let path = format!("/chats/{chat}/messages");
    let body = |text: &str| json!({"text": text, "client_id": "one-1"});
    let sent = ada.post(&path, &body("first")).await.expect(201);
    assert_eq!(sent["client_id"], "one-1");
    assert_eq!(ada.post(&path, &body("second")).await.expect(200), sent, "whatever the text");
    // The header is another way to say the same.
    let request = ada.api.request(tests::Method::POST, &path).bearer_auth(&ada.access);
    let request = request.header("Idempotency-Key", "one-1").json(&json!({"text": "third"}));
    assert_eq!(ada.api.answer_to(request).await.expect(200), sent);
    // It is the author's own.
    grace.post(&path, &body("grace's")).await.expect(201);
    let notes = ada.direct(&ada).await;
    let astray = ada.post(&format!("/chats/{notes}/messages"), &body("first")).await;
    astray.refused(409, "client_id_reused");
    // A replay answers the message as it is now, and for ever.
    let message = format!("{path}/{}", sent["id"]);
    let tombstone = ada.delete(&message).await.expect(200);
    assert_eq!(ada.post(&path, &body("first")).await.expect(200), tombstone);
    assert_eq!(ada.history(chat).await.len(), 2);
}
