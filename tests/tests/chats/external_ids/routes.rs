//! Every documented operation whose path has an id of a person or a chat.

use super::{hidden, shown};
use std::collections::BTreeSet;
use tests::{Answer, Engine, Method, Person, behind_hosts, json, on_both};

on_both!(every_path_takes_external_ids, what_is_unknown_and_what_is_hidden_answer_alike);

/// Method, path and body of the operations, in an order in which each can be done: the people and the message
/// of a chat are still there when their turn comes. A new operation is tried before all of them, without a
/// body; where that is refused, it needs a row here.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/users/{user_id}", ""),
    ("GET", "/users/{user_id}/avatar", ""),
    ("PUT", "/chats/direct/{user_id}", ""),
    ("GET", "/chats/{chat_id}", ""),
    ("PATCH", "/chats/{chat_id}", r#"{"title": "Another"}"#),
    ("GET", "/chats/{chat_id}/changes", "?since=0"),
    ("PATCH", "/chats/{chat_id}/preferences", r#"{"pinned": true}"#),
    ("PUT", "/chats/{chat_id}/read", r#"{"seq": 1}"#),
    ("POST", "/chats/{chat_id}/messages", r#"{"text": "Hello"}"#),
    ("GET", "/chats/{chat_id}/messages", ""),
    ("GET", "/chats/{chat_id}/messages/{message_id}", ""),
    ("PATCH", "/chats/{chat_id}/messages/{message_id}", r#"{"text": "Edited"}"#),
    ("GET", "/chats/{chat_id}/messages/{message_id}/edits", ""),
    ("PUT", "/chats/{chat_id}/pins/{message_id}", ""),
    ("GET", "/chats/{chat_id}/pins", ""),
    ("DELETE", "/chats/{chat_id}/pins/{message_id}", ""),
    ("DELETE", "/chats/{chat_id}/messages/{message_id}", ""),
    ("GET", "/chats/{chat_id}/members", ""),
    ("PUT", "/chats/{chat_id}/members/{user_id}", r#"{"role": "admin"}"#),
    ("PUT", "/chats/{chat_id}/whispers/{user_id}", ""),
    ("PUT", "/chats/{chat_id}/silences/{user_id}", ""),
    ("DELETE", "/chats/{chat_id}/silences/{user_id}", ""),
    ("DELETE", "/chats/{chat_id}/members/{user_id}", ""),
    ("PUT", "/chats/{chat_id}/bans/{user_id}", ""),
    ("GET", "/chats/{chat_id}/bans", ""),
    ("DELETE", "/chats/{chat_id}/bans/{user_id}", ""),
    ("PUT", "/users/{user_id}/block", ""),
    ("DELETE", "/users/{user_id}/block", ""),
    ("GET", "/admin/users/{user_id}", ""),
    ("PATCH", "/admin/users/{user_id}", r#"{"first_name": "X"}"#),
    ("PUT", "/admin/users/{user_id}/password", r#"{"password": "tree-lamp-kettle-42"}"#),
    ("DELETE", "/admin/users/{user_id}/sessions", ""),
    ("DELETE", "/chats/{chat_id}", ""),
    ("DELETE", "/admin/chats/{chat_id}", ""),
    ("DELETE", "/admin/users/{user_id}", ""),
];

/// They take no number, and no person may call them.
const FOR_KEYS: &[(&str, &str)] = &[
    ("PUT", "/users/{user_id}"),
    ("PUT", "/chats/{chat_id}"),
    ("PATCH", "/chats/{chat_id}/members"),
];

/// The operations that take such an id, those without a row first.
fn routes(person: &Person) -> Vec<(String, String, String)> {
    let documented: BTreeSet<_> = person
        .api
        .openapi()
        .operations()
        .into_iter()
        .filter_map(|(method, path)| {
            let path = path.strip_prefix("/api/v1")?.to_owned();
            let takes = path.contains("{user_id}") || path.contains("{chat_id}");
            let takes = takes && !FOR_KEYS.contains(&(method.as_str(), &*path));
            takes.then(|| (method.to_string(), path))
        })
        .collect();
    let has_row =
        |(method, path): &&(String, String)| ROUTES.iter().any(|r| (r.0, r.1) == (method, path));
    let new = documented.iter().filter(|route| !has_row(route));
    let new = new.map(|(method, path)| (method.clone(), path.clone(), String::new()));
    let known = ROUTES.iter().map(|(method, path, with)| {
        let route = ((*method).to_owned(), (*path).to_owned());
        assert!(documented.contains(&route), "{route:?} is not there any more");
        (route.0, route.1, (*with).to_owned())
    });
    new.chain(known).collect()
}

/// What stands in the place of the parameters of a path.
struct Ids {
    chat: String,
    user: String,
    message: i64,
}

async fn call(by: &Person, (method, path, with): &(String, String, String), ids: &Ids) -> Answer {
    let path = path
        .replace("{chat_id}", &ids.chat)
        .replace("{user_id}", &ids.user)
        .replace("{message_id}", &ids.message.to_string());
    let method: Method = method.parse().expect("a method");
    let (query, body) = if with.starts_with('?') { (&**with, "null") } else { ("", &**with) };
    let body = if body.is_empty() { "null" } else { body };
    by.call(method, &(path + query), &serde_json::from_str(body).expect("JSON")).await
}

/// A group with a message, whose external id is that.
async fn chat(by: &Person, member: &Person, id: &str) -> (i64, i64) {
    let group = json!({"title": "A group", "members": [member.id], "external_id": id});
    let chat = by.post("/chats", &group).await.expect(201)["id"].as_i64().expect("an id");
    (chat, by.send(chat, "First").await["id"].as_i64().expect("an id"))
}

/// Whatever is done to one person and one chat by their numbers is done to another person and another chat by
/// their external ids, and is answered alike.
async fn every_path_takes_external_ids(engine: Engine) {
    let server = behind_hosts(engine).await;
    let ada = Person::admin_of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    let cleo = Person::of_host(&server, "shop", "o/19 \u{2713}").await;
    let (number, message) = chat(&ada, &ben, "7").await;
    let (_, other_message) = chat(&ada, &cleo, "order/8 \u{2713}").await;
    let (second, _) = chat(&ada, &ben, "9").await;
    chat(&ada, &cleo, "10").await;
    let mut by_number = Ids { chat: number.to_string(), user: ben.id.to_string(), message };
    let (chat, user) = ("ext:order%2F8%20%E2%9C%93", "ext:o%2F19%20%E2%9C%93");
    let mut by_host = Ids { chat: chat.into(), user: user.into(), message: other_message };
    for route in routes(&ada) {
        if route.1 == "/admin/chats/{chat_id}" {
            (by_number.chat, by_host.chat) = (second.to_string(), "ext:10".to_owned());
        }
        let expected = call(&ada, &route, &by_number).await;
        assert!(expected.status < 300, "{route:?}: {}", expected.body);
        let answer = call(&ada, &route, &by_host).await;
        assert_eq!(answer.status, expected.status, "{route:?}: {}", answer.body);
        assert_eq!(shown(&answer.body), shown(&expected.body), "{route:?}");
    }
}

/// What a caller cannot tell apart.
struct Alike {
    /// Of chats.
    chats: Vec<String>,
    /// Of people.
    users: Vec<String>,
}

async fn what_is_unknown_and_what_is_hidden_answer_alike(engine: Engine) {
    let server = behind_hosts(engine).await;
    let ada = Person::admin_of_host(&server, "shop", "17").await;
    let eve = Person::of_host(&server, "shop", "18").await;
    let gone = Person::of_host(&server, "shop", "19").await;
    let other = Person::of_host(&server, "forum", "20").await;
    let native = Person::register(&server, "Native").await;
    ada.delete(&format!("/admin/users/{}", gone.id)).await.expect(204);
    let (hidden_chat, message) = chat(&ada, &ada, "7").await;
    chat(&other, &other, "8").await;
    let users = ["999999999", "ext:1", "ext:19", "ext:20", "ext:Native", "ext:018"];
    let users = users.map(str::to_owned).to_vec();
    let hidden_chat = hidden_chat.to_string();
    let chats = ["999999999", &hidden_chat, "ext:7", "ext:8", "ext:9", "ext:07"];
    let chats = chats.map(str::to_owned).to_vec();
    let alike = Alike { chats, users };
    for (by, mine) in [(&eve, "ext:mine"), (&native, "")] {
        let mut mine = mine.to_owned();
        if mine.is_empty() {
            mine = native.group("Mine", &[]).await.to_string();
        } else {
            chat(by, by, "mine").await;
        }
        for route in routes(&ada) {
            one_refusal(by, &route, (&alike, &mine), message).await;
        }
    }
    // To admins of the server their routes say no more of people.
    for route in routes(&ada).iter().filter(|route| !route.1.contains("{chat_id}")) {
        one_refusal(&ada, route, (&alike, ""), message).await;
    }
}

/// Each of these ids is refused as the first one is.
async fn one_refusal(
    by: &Person,
    route: &(String, String, String),
    (alike, mine): (&Alike, &str),
    message: i64,
) {
    let mut answers = Vec::new();
    let somebody = by.id.to_string();
    if route.1.contains("{chat_id}") {
        for chat in &alike.chats {
            let ids = Ids { chat: chat.clone(), user: somebody.clone(), message };
            answers.push((chat, call(by, route, &ids).await));
        }
        all_alike(route, &answers);
        answers.clear();
    }
    if route.1.contains("{user_id}") {
        for user in &alike.users {
            let ids = Ids { chat: mine.to_owned(), user: user.clone(), message };
            answers.push((user, call(by, route, &ids).await));
        }
        all_alike(route, &answers);
    }
    for bad in ["ext:", "ext:a%00", "ext:a%0Ab", &format!("ext:{}", "x".repeat(256))] {
        let ids = Ids { chat: bad.to_owned(), user: bad.to_owned(), message };
        let answer = call(by, route, &ids).await;
        if answer.body["code"] == "admin_only" {
            continue;
        }
        let field = if route.1.contains("{chat_id}") { "chat_id" } else { "user_id" };
        answer.refused_field(400, field, "invalid_id");
    }
}

fn all_alike(route: &(String, String, String), answers: &[(&String, Answer)]) {
    let (_, first) = &answers[0];
    let is_hidden = matches!(first.status, 403 | 404);
    // Taking back a block that is not there is no refusal.
    let is_nothing = (&*route.0, &*route.1) == ("DELETE", "/users/{user_id}/block");
    assert!(is_hidden || is_nothing, "{route:?}: {} {}", first.status, first.body);
    for (id, answer) in answers {
        let told = (answer.status, hidden(&answer.body));
        assert_eq!(told, (first.status, hidden(&first.body)), "{route:?}: {id}");
    }
}
