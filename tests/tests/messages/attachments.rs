//! Messages that came with files: who sees them, and what becomes of the files.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use tests::{Answer, Engine, Method, Person, Server, Value, json, on_both};

on_both!(
    a_message_brings_its_files,
    a_name_is_the_last_part_of_what_a_browser_sends,
    only_ones_own_unused_uploads_are_sent,
    who_left_sees_no_file,
    files_go_with_their_message,
    files_of_an_account_have_a_quota,
);

/// Sends a file of so many bytes, or what it is refused with.
async fn upload(person: &Person, bytes: usize) -> Answer {
    let head = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
    let body = [head.as_bytes(), &vec![b'x'; bytes], b"\r\n--edge--\r\n"].concat();
    let request = person.api.request(Method::POST, "/attachments").bearer_auth(&person.access);
    let request = request.header("content-type", "multipart/form-data; boundary=edge");
    person.api.answer_to(request.body(body)).await
}

async fn files_of_an_account_have_a_quota(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_UPLOAD_QUOTA", "50")]).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    // With one of any size beside it: 24 and 26 MB are 50 and a little.
    let large = upload(&ada, 24_000_000).await.expect(201);
    upload(&ada, 1).await.refused(409, "quota_exceeded");
    grace.upload("another's").await;
    let with = json!({"text": "", "attachments": [large["id"]]});
    let message = ada.post(&format!("/chats/{chat}/messages"), &with).await.expect(201);
    upload(&ada, 1).await.refused(409, "quota_exceeded");
    ada.delete(&format!("/chats/{chat}/messages/{}", message["id"])).await.expect(200);
    upload(&ada, 23_000_000).await.expect(201);
    upload(&ada, 1).await.expect(201);
}

async fn a_message_brings_its_files(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let (mut theirs, mut ours) = (grace.socket().await, ada.socket().await);
    let files = [ada.upload("one.txt").await, ada.upload("two.txt").await];
    let path = format!("/chats/{chat}/messages");
    let body = json!({"text": " ", "attachments": [files[1]["id"], files[0]["id"]]});
    let sent = ada.post(&path, &body).await.expect(201);
    assert_eq!((&sent["text"], &sent["attachments"]), (&json!(""), &json!([files[1], files[0]])));
    let pushed = theirs.push_of("message.created").await;
    assert_eq!(pushed["data"], sent, "the same for all who see it");
    assert_eq!(grace.history(chat).await, std::slice::from_ref(&sent));
    assert_eq!(grace.chat(chat).await["last_message"], sent);
    let changes = grace.get(&format!("/chats/{chat}/changes?since=1")).await.expect(200);
    assert_eq!(changes["messages"], json!([sent]));
    let seen = grace.get(&format!("/media/{}", files[0]["id"])).await;
    assert_eq!(seen.expect(200), "in one.txt");

    // Over the socket too, where a replay has them as well.
    let file = ada.upload("three.txt").await;
    let request = json!({"type": "send", "chat": chat, "text": "see", "attachments": [file["id"]],
        "client_id": "once"});
    let answered = ours.ask(request.clone()).await;
    assert_eq!(answered["message"]["attachments"], json!([file]));
    let again = ours.ask(request).await;
    assert_eq!(again, json!({"message": answered["message"], "replayed": true}));

    // What a message says may be taken back, if something is left of it.
    let one = format!("{path}/{}", answered["message"]["id"]);
    let edited = ada.patch(&one, &json!({"text": ""})).await.expect(200);
    assert_eq!((&edited["text"], &edited["attachments"]), (&json!(""), &json!([file])));
}

async fn only_ones_own_unused_uploads_are_sent(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let path = format!("/chats/{chat}/messages");
    let mut own = Vec::new();
    for n in 0..11 {
        own.push(ada.upload(&n.to_string()).await["id"].clone());
    }
    let others = grace.upload("hers").await["id"].clone();
    let send = async |ids: &Value| ada.post(&path, &json!({"text": "x", "attachments": ids})).await;
    send(&json!(own)).await.refused_field(400, "attachments", "too_many_attachments");
    for wrong in [&others, &json!(999_999)] {
        let refused = send(&json!([own[0], wrong])).await;
        refused.refused_field(400, "attachments", "attachment_not_found");
    }
    send(&json!([0])).await.refused_field(400, "attachments", "invalid_id");
    send(&json!(["1"])).await.refused(400, "invalid");
    let empty = ada.post(&path, &json!({"text": " ", "attachments": []})).await;
    empty.refused_field(400, "text", "empty");
    // Named twice is named once.
    let sent = send(&json!([own[0], own[0]])).await.expect(201);
    assert_eq!(sent["attachments"].as_array().map(Vec::len), Some(1));
    send(&json!([own[0]])).await.refused_field(400, "attachments", "attachment_not_found");
    send(&json!(own[1..])).await.expect(201);
    let used = format!("/attachments/{}", own[0]);
    ada.delete(&used).await.refused(404, "attachment_not_found");
    assert_eq!(ada.history(chat).await.len(), 2);
}

async fn a_name_is_the_last_part_of_what_a_browser_sends(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    for (sent, name) in [
        (r"C:\fakepath\photo.txt", "photo.txt"),
        (r"a\b.txt", "b.txt"),
        (r"\\server\share\notes.txt", "notes.txt"),
        ("folder/c.txt", "c.txt"),
        (r#"say \"hi\".txt"#, r#"say "hi".txt"#),
        ("%22quoted%22.txt", "%22quoted%22.txt"),
    ] {
        let form = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{sent}\"\r\n\
             Content-Type: text/plain\r\n\r\nx\r\n--edge--\r\n"
        );
        let request = ada.api.request(Method::POST, "/attachments").bearer_auth(&ada.access);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        let stored = ada.api.answer_to(request.body(form)).await.expect(201);
        assert_eq!(stored["name"], name, "{sent}");
    }
}

async fn who_left_sees_no_file(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace, alan] = Person::several(&server, ["Ada", "Grace", "Alan"]).await;
    let chat = ada.group("Group", &[&grace]).await;
    let file = grace.upload("secret.txt").await;
    let media = format!("/media/{}", file["id"]);
    let body = json!({"text": "", "attachments": [file["id"]]});
    grace.post(&format!("/chats/{chat}/messages"), &body).await.expect(201);
    ada.get(&media).await.expect(200);
    alan.get(&media).await.refused(404, "media_not_found");
    let key = grace.get("/media-key").await.expect(200)["query"].as_str().expect("one").to_owned();
    let by_key = async || {
        let request = grace.api.request(Method::GET, &format!("{media}?{key}"));
        grace.api.answer_to(request).await
    };
    by_key().await.expect(200);
    ada.delete(&format!("/chats/{chat}/members/{}", grace.id)).await.expect(204);
    // It was her file, and now it is the chat's.
    grace.get(&media).await.refused(404, "media_not_found");
    by_key().await.refused(404, "media_not_found");
    ada.put(&format!("/chats/{chat}/members/{}", alan.id), &Value::Null).await.expect(201);
    alan.get(&media).await.expect(200);
}

async fn files_go_with_their_message(engine: Engine) {
    let mut server = Server::start(engine).await;
    let [mut ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let (kept, gone) = (ada.direct(&grace).await, ada.direct(&ada).await);
    let mut sent = Vec::new();
    for (chat, name) in [(kept, "kept"), (kept, "deleted"), (gone, "in a deleted chat")] {
        let file = ada.upload(name).await;
        let body = json!({"text": "", "attachments": [file["id"]]});
        let message = ada.post(&format!("/chats/{chat}/messages"), &body).await.expect(201);
        sent.push((format!("/media/{}", file["id"]), message));
    }
    let deleted = format!("/chats/{kept}/messages/{}", sent[1].1["id"]);
    assert_eq!(ada.delete(&deleted).await.expect(200)["attachments"], json!([]));
    ada.delete(&format!("/chats/{gone}")).await.expect(204);
    assert_eq!(files(&server), 3, "the bytes go later");
    for (path, _) in &sent[1..] {
        ada.get(path).await.refused(404, "media_not_found");
    }
    // A server sweeps when it starts.
    server.restart().await;
    server.until("the sweep", async |server| files(server) == 1).await;
    ada.moved_to(&server).await;
    assert_eq!(ada.get(&sent[0].0).await.expect(200), "in kept");
}

/// How many files are in the media folder.
fn files(server: &Server) -> usize {
    let folders = std::fs::read_dir(server.data_folder().join("media")).expect("the folder");
    let count = |folder: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_dir(folder.expect("one").path()).expect("one").count()
    };
    folders.map(count).sum()
}
