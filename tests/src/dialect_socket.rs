//! The sockets of dialects.

use crate::json_socket::JsonSocket;
use crate::person::{PASSWORD, Person};
use crate::server::Server;
use serde_json::{Value, json};

/// A socket of a dialect, and how a message is sent by it, in the direct chat of the users 1 and 2 or in
/// the room `lobby`.
pub struct DialectSocket {
    /// The dialect.
    pub name: &'static str,
    path: String,
    send: fn(i64, &str) -> Value,
}

impl DialectSocket {
    /// All that there are; `chat` is the direct chat.
    pub fn all(chat: i64) -> Vec<Self> {
        vec![
            Self {
                name: "dialogs",
                path: "/ws/main".to_owned(),
                send: |chat, text| json!({"event": "dialog.message.send", "data": {"id": chat, "text": text}}),
            },
            Self {
                name: "events",
                path: "/ws/chats/".to_owned(),
                send: |_, text| {
                    json!({"type": "new_message", "content":
                        {"chat_type": "direct", "chat_id": "1_2", "message": text, "reply_to": null}})
                },
            },
            Self {
                name: "rooms",
                path: "/api/chat/lobby/".to_owned(),
                send: |_, text| json!({"action": "send_message", "data": {"text": text}, "request_id": 1}),
            },
            Self {
                name: "minichat",
                path: format!("/ws/chat/{chat}/"),
                send: |_, text| json!({"type": "chat_message", "message": text}),
            },
            Self {
                name: "flowchat",
                path: format!("/ws/chat/{chat}/"),
                send: |_, text| json!({"text": text}),
            },
        ]
    }

    /// Opens it and signs in, or answers the status and the body of the refusal.
    pub async fn open(&self, server: &Server, person: &Person) -> Result<JsonSocket, (u16, Value)> {
        if self.name == "flowchat" {
            let cookie = Self::cookie(server.address(), &person.name).await?;
            return Self::open_with_cookie(server.address(), &self.path, &cookie).await;
        }
        let bearer = format!("Bearer {}", person.access);
        let path = match self.name {
            "rooms" => with_token(&self.path, person).await?,
            _ => self.path.clone(),
        };
        let mut wire = JsonSocket::open(server.address(), &path, Some(&bearer)).await?;
        if self.name == "dialogs" {
            let hello = json!({"event": "authenticate", "data": {"access_token": person.access}});
            wire.send(&hello.to_string()).await;
            wire.until("the answer to signing in", |frame| frame["event"] == "authenticate").await;
        }
        Ok(wire)
    }

    /// Signs in by `flowchat` and answers the cookie for its sockets, or the status and the body of the refusal.
    pub async fn cookie(address: &str, name: &str) -> Result<String, (u16, Value)> {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let login = client.post(format!("http://{address}/api/login/"));
        let login = login.json(&json!({"username": name, "password": PASSWORD})).send().await;
        let answer = login.expect("an answer");
        let mut cookies = answer.headers().get_all("set-cookie").into_iter();
        let cookie = cookies.find_map(|line| line.to_str().ok()?.split(';').next());
        match cookie.filter(|cookie| cookie.starts_with("sessionid=")) {
            Some(cookie) => Ok(cookie.to_owned()),
            None => {
                let status = answer.status().as_u16();
                Err((status, answer.json().await.unwrap_or(Value::Null)))
            }
        }
    }

    /// Opens a socket as a browser does from a page of the server.
    pub async fn open_with_cookie(
        address: &str,
        path: &str,
        cookie: &str,
    ) -> Result<JsonSocket, (u16, Value)> {
        let origin = format!("http://{address}");
        JsonSocket::open_with(address, path, &[("cookie", cookie), ("origin", &origin)]).await
    }

    /// Whether its socket has a frame for errors.
    pub fn tells_errors(&self) -> bool {
        self.name != "flowchat"
    }

    /// The frame that sends a message.
    pub fn send(&self, chat: i64, text: &str) -> String {
        (self.send)(chat, text).to_string()
    }

    /// Whether a frame says that something did not work, in whatever dialect.
    pub fn is_error(frame: &Value) -> bool {
        let of_rooms = frame["errors"].is_array() || frame["user"] == "0_Server";
        frame["type"] == "error"
            || frame["status"] == "error"
            || frame["error"].is_string()
            || of_rooms
    }
}

/// The address of a socket of `rooms`, with the token that opens it once.
///
/// # Errors
/// The status and the body of the refusal.
pub async fn with_token(path: &str, person: &Person) -> Result<String, (u16, Value)> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/api/auth/socket", person.api.address());
    let answer = client.get(url).bearer_auth(&person.access).send().await.expect("an answer");
    let (status, body) = (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null));
    match body["token"].as_str() {
        Some(token) => Ok(format!("{path}?token={token}")),
        None => Err((status, body)),
    }
}
