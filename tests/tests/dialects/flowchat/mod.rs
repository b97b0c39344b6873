//! What the recorded conversations of `flowchat` leave open: refusals to the letter, its cookie, groups, and
//! who is let in.

mod chats;
mod cookies;
mod people;
mod refusals;

use tests::{DialectSocket, JsonSocket, PASSWORD, Person, Server, Value, json, within};

/// Somebody at the front end.
pub(crate) struct Page<'a> {
    pub(crate) server: &'a Server,
    pub(crate) token: String,
    pub(crate) cookie: String,
    pub(crate) id: i64,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) cookies: Vec<String>,
    pub(crate) challenge: Option<String>,
}

pub(crate) async fn ask(
    server: &Server,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method.parse().expect("a method"), server.url(path));
    let request = headers.iter().fold(request, |r, (name, value)| r.header(*name, *value));
    let request = if body.is_null() { request } else { request.json(body) };
    let answer = within(path, request.send()).await.expect("an answer");
    let text = |value: &reqwest::header::HeaderValue| value.to_str().expect("a text").to_owned();
    Answer {
        status: answer.status().as_u16(),
        cookies: answer.headers().get_all("set-cookie").iter().map(text).collect(),
        challenge: answer.headers().get("www-authenticate").map(text),
        body: answer.json().await.unwrap_or(Value::Null),
    }
}

impl<'a> Page<'a> {
    pub(crate) async fn log_in(server: &'a Server, name: &str) -> Self {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = ask(server, ("POST", "/api/login/"), &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let cookie = answer.cookies.iter().find(|line| line.starts_with("sessionid="));
        let cookie = cookie.expect("a cookie").split(';').next().expect("a value").to_owned();
        let token = format!("Token {}", answer.body["token"].as_str().expect("a token"));
        Self { server, token, cookie, id: answer.body["id"].as_i64().expect("an id") }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let headers = [("authorization", self.token.as_str())];
        let answer = ask(self.server, (method, path), &headers, &body).await;
        (answer.status, answer.body)
    }

    pub(crate) async fn open(&self, path: &str) -> Result<JsonSocket, (u16, Value)> {
        DialectSocket::open_with_cookie(self.server.address(), path, &self.cookie).await
    }

    pub(crate) async fn chat_with(&self, other: &Self) -> i64 {
        let body = json!({"user_id": other.id.to_string()});
        let (status, chat) = self.ask("POST", "/api/chats/get_or_create/", body).await;
        assert_eq!(status, 200, "{chat}");
        chat["id"].as_i64().expect("an id")
    }
}

pub(crate) async fn pages<'a, const N: usize>(
    server: &'a Server,
    names: [&str; N],
) -> Vec<Page<'a>> {
    let mut pages = Vec::new();
    for person in Person::several(server, names).await {
        pages.push(Page::log_in(server, &person.name).await);
    }
    pages
}

pub(crate) async fn status_of(opened: Result<JsonSocket, (u16, Value)>) -> u16 {
    match opened {
        Ok(_) => 101,
        Err((status, _)) => status,
    }
}

/// The code that a socket is closed with.
pub(crate) async fn ended(wire: &mut JsonSocket) -> u16 {
    loop {
        if let Err(code) = wire.next().await {
            return code;
        }
    }
}
