//! Somebody with an account.

use crate::api::{Answer, Api};
use crate::server::Server;
use crate::socket::Socket;
use reqwest::Method;
use serde_json::{Value, json};

/// A password that is good enough.
pub const PASSWORD: &str = "tree-lamp-kettle-42";

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    /// Where they are signed in.
    pub api: Api,
    /// Their id.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// The session.
    pub session: i64,
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl Person {
    /// Makes an account.
    pub async fn register(server: &Server, name: &str) -> Self {
        let api = Api::of(server).await;
        let body = json!({"username": name, "password": PASSWORD});
        let signed = api.post("/auth/register", &body).await.expect(201);
        Self::signed_in(api, &signed)
    }

    /// Makes an admin, as whoever runs the server does.
    pub async fn admin(server: &Server, name: &str) -> Self {
        let add = ["user", "add", name, "--role", "admin", "--password-stdin"];
        let added = server.run(&add, PASSWORD).await;
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let api = Api::of(server).await;
        let body = json!({"username": name, "password": PASSWORD});
        let signed = api.post("/auth/login", &body).await.expect(200);
        Self::signed_in(api, &signed)
    }

    /// Several accounts.
    pub async fn several<const N: usize>(server: &Server, names: [&str; N]) -> [Self; N] {
        let mut people = Vec::new();
        for name in names {
            people.push(Self::register(server, name).await);
        }
        people.try_into().ok().expect("as many as names")
    }

    /// Signs in once more, as from another device.
    pub async fn sign_in_again(&self) -> Self {
        let body = json!({"username": self.name, "password": PASSWORD});
        let signed = self.api.post("/auth/login", &body).await.expect(200);
        Self::signed_in(self.api.clone(), &signed)
    }

    /// Reads the answer to signing in.
    pub fn signed_in(api: Api, answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            api,
            id: answer["user"]["id"].as_i64().expect("an id"),
            name: text(&answer["user"]["username"]),
            session: answer["session_id"].as_i64().expect("an id"),
            access: text(&answer["access_token"]),
            refresh: text(&answer["refresh_token"]),
        }
    }

    /// The same tokens at the address that a server has after a restart.
    pub async fn moved_to(&mut self, server: &Server) {
        self.api = Api::of(server).await;
    }

    /// Asks, signed in; a body of `null` is none.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.api.call(method, path, Some(&self.access), body).await
    }
    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }
    /// POST.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await
    }
    /// PUT.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, body).await
    }
    /// PATCH.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, body).await
    }
    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &Value::Null).await
    }

    /// The id of the direct chat with somebody, made if need be.
    pub async fn direct(&self, other: &Self) -> i64 {
        let answer = self.put(&format!("/chats/direct/{}", other.id), &Value::Null).await;
        assert!(matches!(answer.status, 200 | 201), "opening a direct chat: {}", answer.body);
        answer.body["id"].as_i64().expect("an id")
    }

    /// The id of a new group.
    pub async fn group(&self, title: &str, members: &[&Self]) -> i64 {
        let members: Vec<_> = members.iter().map(|member| member.id).collect();
        let chat = self.post("/chats", &json!({"title": title, "members": members})).await;
        chat.expect(201)["id"].as_i64().expect("an id")
    }

    /// Sends a message and answers it as stored.
    pub async fn send(&self, chat: i64, text: &str) -> Value {
        let path = format!("/chats/{chat}/messages");
        self.post(&path, &json!({"text": text})).await.expect(201)
    }

    /// Uploads a small file of that name, which says `in` and its name.
    pub async fn upload(&self, name: &str) -> Value {
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n\
             in {name}\r\n--edge--\r\n"
        );
        let request = self.api.request(Method::POST, "/attachments").bearer_auth(&self.access);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        self.api.answer_to(request.body(body)).await.expect(201)
    }

    /// The chat as they see it.
    pub async fn chat(&self, chat: i64) -> Value {
        self.get(&format!("/chats/{chat}")).await.expect(200)
    }

    /// All of a chat's messages, page by page.
    pub async fn history(&self, chat: i64) -> Vec<Value> {
        self.history_after(chat, 0).await
    }

    /// The messages after a `seq`, page by page.
    pub async fn history_after(&self, chat: i64, seq: i64) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = seq;
        loop {
            let path = format!("/chats/{chat}/messages?after={after}&limit=200");
            let page = self.get(&path).await.expect(200);
            let items = page["items"].as_array().expect("items");
            all.extend(items.iter().cloned());
            if page["newer"] == false {
                return all;
            }
            after = items.last().expect("a page that is not the last has items")["seq"]
                .as_i64()
                .expect("a seq");
        }
    }

    /// Everything on a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        let begin = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.get(&format!("{path}{begin}limit=200{cursor}")).await.expect(200);
            all.extend(page["items"].as_array().expect("items").iter().cloned());
            let Some(next) = page["next"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    }

    /// Whether a push says that they came online, or that they went.
    pub fn is_presence_push(&self, online: bool) -> impl Fn(&Value) -> bool + use<> {
        let id = self.id;
        move |push| {
            let data = &push["data"];
            push["type"] == "presence" && data["user_id"] == id && data["online"] == online
        }
    }

    /// Opens a socket and waits for `ready`.
    pub async fn socket(&self) -> Socket {
        self.socket_and_ready().await.0
    }

    /// The same, with what `ready` said.
    pub async fn socket_and_ready(&self) -> (Socket, Value) {
        let opened = Socket::open(self.api.address(), &self.access).await;
        let mut socket = opened.unwrap_or_else(|status| panic!("no socket: {status}"));
        let ready = socket.ready().await;
        (socket, ready)
    }
}
