//! Every documented operation, and every address of the dialects, that names a person, a room or a message: Eve
//! asks about what is hidden from her, and about what is not there.

use super::{SETTINGS, Scene, UNKNOWN, by_bearer, external, scene, without};
use crate::leaks::ask;
use std::collections::BTreeSet;
use tests::{Engine, Method, Person, Value, on_both};

on_both!(what_is_hidden_answers_as_what_is_not_there, dialects_tell_no_difference);

/// Method, path and body of operations that need a body, or a place of Eve's own. `{user}` is tried, `{chat}` is a
/// room or an open group, `{message}` what was said there, and `{name}` what the room is called.
const ROUTES: &[(&str, &str, &str)] = &[
    ("POST", "/chats", r#"{"title": "x", "members": [{user}]}"#),
    ("POST", "/chats", r#"{"title": "x", "members": [{ben}, {user}]}"#),
    ("PUT", "/chats/{group}/members/{user}", r#"{"role": "member"}"#),
    ("PUT", "/chats/{group}/members/{user}", r#"{"role": "owner"}"#),
    ("DELETE", "/chats/{group}/members/{user}", ""),
    ("PUT", "/chats/{group}/bans/{user}", r#"{"reason": "x"}"#),
    ("DELETE", "/chats/{group}/bans/{user}", ""),
    ("PUT", "/chats/{group}/silences/{user}", r#"{"reason": "x"}"#),
    ("DELETE", "/chats/{group}/silences/{user}", ""),
    ("PUT", "/chats/{group}/whispers/{user}", ""),
    ("POST", "/chats/{group}/messages", r#"{"text": "x", "to": {user}}"#),
    ("GET", "/chats/{group}/messages/{message}", ""),
    ("PUT", "/chats/{group}/pins/{message}", ""),
    ("POST", "/chats/{group}/messages", r#"{"text": "x", "reply_to": {message}}"#),
    ("PUT", "/projects/7/chat", r#"{"title": "x", "members": [{user}]}"#),
    ("POST", "/chats/{chat}/messages", r#"{"text": "x"}"#),
    ("PATCH", "/chats/{chat}", r#"{"title": "x"}"#),
    ("PATCH", "/chats/{chat}/preferences", r#"{"pinned": true}"#),
    ("PUT", "/chats/{chat}/read", r#"{"seq": 1}"#),
    ("PUT", "/chats/{chat}/members/{user}", r#"{"role": "member"}"#),
    ("PUT", "/chats/{chat}/members/{eve}", r#"{"role": "member"}"#),
    ("PATCH", "/chats/{chat}/messages/{message}", r#"{"text": "x"}"#),
    ("GET", "/chats/{chat}/changes?since=0", ""),
    ("GET", "/messages/search?q=among%20from:{user}", ""),
    ("GET", "/messages/search?q=from:%22{name}%22", ""),
    ("GET", "/messages/search?q=among%20in:{chat}", ""),
    ("GET", "/users?q={name}", ""),
];

/// What such operations get as a body that nobody but an admin or a key may call: without one it is chance which of
/// the two is refused first.
const BODIES: [(&str, &str); 4] = [
    ("/admin/users/{user_id}/password", r#"{"password": "tree-lamp-kettle-42"}"#),
    ("/admin/users/{user_id}", r#"{"first_name": "X"}"#),
    ("/users/{user_id}", r#"{"username": "X"}"#),
    ("/projects/{project_id}/chat", r#"{"title": "X", "members": []}"#),
];

/// Operations that are tried as they are written, with what they name filled in. The others take nothing that Eve
/// could try.
fn documented(person: &Person) -> BTreeSet<(String, String)> {
    let named =
        ["{user_id}", "{chat_id}", "{message_id}", "{project_id}", "{name}", "{attachment_id}"];
    let operations = person.api.openapi().operations().into_iter();
    let operations = operations.filter_map(|(method, path)| {
        let path = path.strip_prefix("/api/v1")?.to_owned();
        named.iter().any(|part| path.contains(part)).then(|| (method.to_string(), path))
    });
    operations.collect()
}

/// What is put into paths and bodies: hidden things, or such as are not there.
struct Tried {
    user: String,
    chat: i64,
    message: i64,
    name: &'static str,
}

impl Tried {
    fn fill(&self, scene: &Scene, template: &str) -> String {
        let in_json =
            |id: &str| if id.starts_with("ext:") { format!("\"{id}\"") } else { id.to_owned() };
        let is_body = template.starts_with('{') && template.contains(':');
        let user = if is_body { in_json(&self.user) } else { self.user.clone() };
        template
            .replace("{user_id}", &user)
            .replace("{user}", &user)
            .replace("{chat_id}", &self.chat.to_string())
            .replace("{chat}", &self.chat.to_string())
            .replace("{message_id}", &self.message.to_string())
            .replace("{message}", &self.message.to_string())
            .replace("{attachment_id}", &UNKNOWN.to_string())
            .replace("{project_id}", "7")
            .replace("{emoji}", "%F0%9F%91%8D")
            .replace("{name}", self.name)
            .replace("{group}", &scene.group.to_string())
            .replace("{ben}", &scene.ben.id.to_string())
            .replace("{eve}", &scene.eve.id.to_string())
    }

    /// An answer without what it repeats of the question, and the number that the log has for it.
    fn told(&self, status: u16, body: &Value) -> (u16, String) {
        let mut body = body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("request_id");
        }
        let asked =
            [self.user.clone(), self.chat.to_string(), self.message.to_string(), self.name.into()];
        (status, asked.iter().fold(body.to_string(), |told, word| without(&told, word)))
    }
}

/// What is hidden from Eve beside what is not there: by numbers, and by external ids.
fn pairs(scene: &Scene) -> [[Tried; 2]; 2] {
    let hidden = |user, chat| Tried { user, chat, message: scene.said, name: "salon" };
    let missing = |user| Tried { user, chat: UNKNOWN, message: UNKNOWN, name: "nowhere" };
    [
        [hidden(scene.dora.id.to_string(), scene.salon), missing(UNKNOWN.to_string())],
        [hidden(external(&scene.dora), scene.open_group), missing("ext:nobody".to_owned())],
    ]
}

async fn what_is_hidden_answers_as_what_is_not_there(engine: Engine) {
    for setting in SETTINGS {
        let scene = scene(engine, setting).await;
        let documented = documented(&scene.eve);
        assert!(documented.len() > 40, "{}", documented.len());
        let rows = documented.iter().map(|(method, path)| {
            let writes = matches!(method.as_str(), "PUT" | "PATCH");
            let mut bodies = BODIES.iter().filter(|(of, _)| writes && of == path);
            (method.as_str(), path.as_str(), bodies.next().map_or("", |(_, body)| *body))
        });
        let rows: Vec<_> = rows.chain(ROUTES.iter().copied()).collect();
        for tried in pairs(&scene) {
            for (method, path, body) in &rows {
                let mut answers = Vec::new();
                for one in &tried {
                    let body = one.fill(&scene, body);
                    let body = if body.is_empty() {
                        Value::Null
                    } else {
                        serde_json::from_str(&body).expect("JSON")
                    };
                    let method: Method = method.parse().expect("a method");
                    let answer = scene.eve.call(method, &one.fill(&scene, path), &body).await;
                    let headers = ["content-type", "cache-control", "etag", "retry-after"];
                    let headers = headers.map(|name| answer.headers.get(name).cloned());
                    assert!(!answer.body.to_string().contains("hidden-words"), "{path}");
                    answers.push((one.told(answer.status, &answer.body), headers));
                }
                assert_eq!(answers[0], answers[1], "{setting}: {method} {path} {body}");
            }
        }
    }
}

/// The same of the dialects. Eve's group is changed by none of them, since whom they name is not there.
const OF_DIALECTS: &[(&str, &str, &str)] = &[
    ("GET", "/auth/users/{user}/", ""),
    ("PUT", "/auth/users/{user}/", r#"{"first_name": "x"}"#),
    ("PATCH", "/auth/users/{user}/", r#"{"first_name": "x"}"#),
    ("GET", "/api/v1/profile/{user}/", ""),
    ("PUT", "/api/v1/profile/{user}/", r#"{"tel": ""}"#),
    ("PATCH", "/api/v1/profile/{user}/", r#"{"tel": ""}"#),
    ("GET", "/api/v1/dialog/?user_id={user}", ""),
    ("GET", "/api/v1/dialog/messages/?dialog={chat}", ""),
    ("POST", "/api/chat/create-direct-chat/", r#"{"user_id": {user}}"#),
    ("POST", "/api/chat/create-direct-chat/", r#"{"participant_id": {user}}"#),
    ("GET", "/api/auth/search/?q={name}", ""),
    ("GET", "/api/chat/rooms/{chat}/", ""),
    ("PATCH", "/api/chat/rooms/{chat}/", r#"{"name": "x"}"#),
    ("DELETE", "/api/chat/rooms/{chat}/", ""),
    ("POST", "/api/chat/rooms/{chat}/join/", ""),
    ("POST", "/api/chat/rooms/{chat}/leave/", ""),
    ("POST", "/api/chat/rooms/{chat}/mark_read/", ""),
    ("GET", "/api/chat/rooms/{chat}/history/", ""),
    ("GET", "/api/chat/rooms/{chat}/participants/", ""),
    ("POST", "/api/chat/messages/", r#"{"room": {chat}, "content": "x"}"#),
    ("GET", "/api/chat/{chat}", ""),
    ("DELETE", "/api/chat/delete/{chat}", ""),
    ("DELETE", "/api/chat/messages/delete/{message}", ""),
    ("PATCH", "/api/user/make_admin/{user}", ""),
    ("PATCH", "/api/user/block_unblock/{user}", r#"{"action": "block"}"#),
    ("GET", "/api/users/{user}/", ""),
    ("GET", "/api/users/{user}/profile/", ""),
    ("PATCH", "/api/users/{user}/", r#"{"bio": "x"}"#),
    ("DELETE", "/api/users/{user}/", r#"{"password": "x"}"#),
    ("POST", "/api/chats/", r#"{"members": [{user}]}"#),
    ("POST", "/api/chats/", r#"{"members": [{ben}, {user}], "is_group": true, "title": "x"}"#),
    ("POST", "/api/chats/get_or_create/", r#"{"user_id": {user}}"#),
    ("PUT", "/api/chats/{group}/", r#"{"members": [{eve}, {ben}, {user}], "title": "x"}"#),
    ("GET", "/api/chats/{chat}/", ""),
    ("GET", "/api/chats/{chat}/get_messages/", ""),
    ("POST", "/api/messages/", r#"{"chat": {chat}, "text": "x"}"#),
    ("GET", "/api/messages/{message}/", ""),
    ("GET", "/chats/directs/{eve}_{user}/", ""),
    ("GET", "/chats/directs/{user}_{eve}/", ""),
    ("GET", "/chats/directs/{eve}_{user}/messages/", ""),
    ("GET", "/chats/directs/{eve}_{user}/files/", ""),
    ("GET", "/chats/directs/{ben}_{user}/", ""),
    ("GET", "/chats/projects/{chat}/", ""),
];

async fn dialects_tell_no_difference(engine: Engine) {
    for setting in SETTINGS {
        let scene = scene(engine, setting).await;
        let [mut by_number, mut in_open_group] = pairs(&scene);
        // They know no external ids.
        for (of_group, of_room) in in_open_group.iter_mut().zip(&mut by_number) {
            of_group.user.clone_from(&of_room.user);
        }
        for tried in [by_number, in_open_group] {
            for (method, path, body) in OF_DIALECTS {
                let mut answers = Vec::new();
                for one in &tried {
                    let (path, body) = (one.fill(&scene, path), one.fill(&scene, body));
                    let (status, answer) = ask(&scene.eve, method, &path, &body).await;
                    assert!(!answer.to_string().contains("hidden-words"), "{path}");
                    let of_events = by_bearer(&scene.eve, method, &path, &body).await;
                    assert!(!of_events.1.to_string().contains("hidden-words"), "{path}");
                    let of_events = one.told(of_events.0, &of_events.1);
                    answers.push((one.told(status, &answer), of_events));
                }
                assert_eq!(answers[0], answers[1], "{setting}: {method} {path} {body}");
            }
        }
        let members = scene.eve.all(&format!("/chats/{}/members", scene.group)).await;
        assert_eq!(members.len(), 2, "nobody was brought in");
    }
}
