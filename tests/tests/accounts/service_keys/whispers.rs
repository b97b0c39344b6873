//! Whispers, which a key sees only with the scope that is for that.

use tests::{Engine, Method, Person, Server, ServiceKeyClient, Value, json, on_both};

on_both!(
    no_list_shows_a_whisper_to_a_key_without_the_scope,
    what_names_a_whisper_finds_nothing_for_a_key_without_the_scope,
    with_the_scope_a_key_sees_what_whom_it_acts_as_sees,
);

/// What is whispered, and nothing else says.
const MARKER: &str = "xylophone";

/// Every route of the document that names something which may be of a whisper.
async fn routes(server: &Server) -> Vec<(Method, String)> {
    let operations = super::operations(server).await.into_iter();
    let operations = operations.filter(|(_, _, scope)| scope.is_some());
    let of_them = operations.map(|(method, path, _)| (method, path));
    let names = ["{chat_id}", "{message_id}", "{attachment_id}"];
    of_them.filter(|(_, path)| names.iter().any(|name| path.contains(name))).collect()
}

/// Ada, who whispers to Bob in a group, and two backends, of which one may see it.
struct Scene {
    server: Server,
    ada: Person,
    bob: Person,
    group: i64,
    whispers: i64,
    message: Value,
    file: Value,
    blind: ServiceKeyClient,
    seeing: ServiceKeyClient,
}

async fn scene(engine: Engine) -> Scene {
    let server = Server::start(engine).await;
    let [ada, bob, cleo] = Person::several(&server, ["Ada", "Bob", "Cleo"]).await;
    let group = ada.group("All", &[&bob, &cleo]).await;
    ada.send(group, "aloud").await;
    let path = format!("/chats/{group}/whispers/{}", bob.id);
    let whispers = ada.put(&path, &Value::Null).await.expect(201)["id"].as_i64().expect("an id");
    let file = ada.upload("secret.txt").await["id"].clone();
    let said = json!({"text": MARKER, "attachments": [file]});
    let said = ada.post(&format!("/chats/{whispers}/messages"), &said).await.expect(201);
    let message = said["id"].clone();
    ada.put(&format!("/messages/{message}/star"), &Value::Null).await.expect(204);
    let others = super::EVERYTHING.replace(",whispers:read", "");
    let blind = ServiceKeyClient::add(&server, "Blind", &others).await;
    let seeing = ServiceKeyClient::add(&server, "Seeing", super::EVERYTHING).await;
    Scene { server, ada, bob, group, whispers, message, file, blind, seeing }
}

async fn no_list_shows_a_whisper_to_a_key_without_the_scope(engine: Engine) {
    let Scene { server: _server, ada, bob, whispers, blind, seeing, .. } = scene(engine).await;
    let lists = [
        "/chats".to_owned(),
        format!("/messages/search?q={MARKER}"),
        format!("/messages/search?q=in:{whispers}"),
        "/messages/starred".to_owned(),
    ];
    let mut told = 0;
    for path in &lists {
        for person in [&ada, &bob] {
            let hidden = blind.raw_as(person, path).await;
            let chat = format!("\"id\":{whispers},");
            assert!(hidden.contains("\"items\""), "{path}: {hidden}");
            assert!(!hidden.contains(MARKER) && !hidden.contains(&chat), "{path}: {hidden}");
            told += usize::from(seeing.raw_as(person, path).await.contains(MARKER));
        }
    }
    // Bob has starred nothing.
    assert_eq!(told, 7, "the key that may see them does");
}

/// A body that a route takes.
fn body(method: &Method, path: &str) -> Value {
    match (method.as_str(), path.rsplit('/').next()) {
        ("POST" | "PATCH", Some("messages" | "{message_id}")) => json!({"text": "psst"}),
        ("PATCH", Some("{chat_id}")) => json!({"title": "Psst"}),
        ("PUT", Some("read")) => json!({"seq": 1}),
        ("PATCH", Some("preferences")) => json!({"pinned": true}),
        ("PUT", Some("{user_id}")) if path.contains("/bans/") => json!({}),
        _ => Value::Null,
    }
}

async fn what_names_a_whisper_finds_nothing_for_a_key_without_the_scope(engine: Engine) {
    let Scene { server, ada, bob, whispers, message, file, blind, .. } = scene(engine).await;
    let fill = |path: &str, [chat, message, file]: [&str; 3]| {
        let path = path.replace("{chat_id}", chat).replace("{message_id}", message);
        let path = path.replace("{attachment_id}", file).replace("{emoji}", "\u{1f44d}");
        path.replace("{user_id}", &bob.id.to_string())
    };
    let there = [whispers.to_string(), message.to_string(), file.to_string()];
    let there = [&*there[0], &there[1], &there[2]];
    let mut routes = routes(&server).await;
    routes.retain(|(_, path)| !path.starts_with("/admin/") && !path.contains("/whispers/"));
    // They take external ids alone, which whispers have none of.
    let by_host = [(Method::PUT, "/chats/{chat_id}"), (Method::PATCH, "/chats/{chat_id}/members")];
    routes.retain(|(method, path)| !by_host.contains(&(method.clone(), path)));
    assert!(routes.len() > 20, "{routes:?}");
    for (method, path) in routes {
        let (who, body) = (ada.id.to_string(), body(&method, &path));
        let ask = async |ids| {
            let mut path = fill(&path, ids);
            if path.ends_with("/changes") {
                path.push_str("?since=0");
            }
            let mut answer = blind.call_as(&[&who], method.clone(), &path, &body).await;
            answer.body["request_id"] = Value::Null;
            (answer.status, answer.body)
        };
        let (hidden, nothing) = (ask(there).await, ask(["999999"; 3]).await);
        assert_eq!(hidden, nothing, "{method} {path}");
        assert_eq!(hidden.0, 404, "{method} {path}: {}", hidden.1);
    }
    // Nor is it there by another spelling of its number.
    let digits = whispers.to_string();
    for escape in ["%3", "%253"] {
        let spelt = format!("{escape}{digits}");
        for path in [format!("/chats/{spelt}"), format!("/chats/{spelt}/messages")] {
            let answer = blind.raw_as(&ada, &path).await;
            assert!(!answer.contains(MARKER) && answer.contains("\"code\""), "{path}: {answer}");
        }
    }
}

async fn with_the_scope_a_key_sees_what_whom_it_acts_as_sees(engine: Engine) {
    let Scene { server, ada, bob, group, whispers, file, blind, seeing, .. } = scene(engine).await;
    let path = format!("/chats/{group}/messages");
    let whisper = json!({"text": "psst", "to": bob.id});
    let refused = blind.post_as(&ada, &path, &whisper).await.refused(403, "scope_missing");
    let detail = refused["detail"].as_str().expect("a text");
    assert!(detail.contains("whispers:read"), "{detail}");
    seeing.post_as(&ada, &path, &whisper).await.expect(201);
    let seen = seeing.get_as(&bob, &format!("/chats/{whispers}/messages")).await.expect(200);
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(seeing.get_as(&bob, &format!("/media/{file}")).await.status, 200);
    // Whoever is not in it sees it by no key.
    let dora = Person::register(&server, "Dora").await;
    seeing.get_as(&dora, &format!("/chats/{whispers}")).await.refused(404, "chat_not_found");
    seeing.get(&format!("/chats/{whispers}")).await.refused(403, "scope_missing");
}
