//! Conversations that were written down, played again.
//!
//! Each line is one thing that happens:
//!
//! ```text
//! people alice bob                  accounts with these names
//! admins root                       accounts of admins
//! alice opens /ws/main              a socket with alice's token; `alice2 opens …` is another one
//! alice opens /ws/main without      a socket without a token
//! alice> {"event": "…"}             alice sends a frame
//! alice< {"event": "…"}             the next frame that alice gets is this one
//! alice ignores user_status         frames of this type to alice are passed over
//! alice GET /api/chat               a request with alice's token, perhaps with a body behind it
//! alice= 200 [{"id": 1}]            what it is answered with; without a body, none is expected
//! ```
//!
//! `{name}` stands for a value that is known: `{alice}` is an id, `{alice.token}` an access token.
//! In what is expected, `"<name>"` is any value, which is known by that name from then on; `"<time>"`,
//! `"<unix>"`, `"<text>"`, `"<number>"` and `"<any>"` are some value of that sort.

use crate::json_socket::JsonSocket;
use crate::person::Person;
use crate::server::{Server, within};
use serde_json::Value;
use std::collections::HashMap;

/// A conversation that is being played.
pub struct Transcript<'a> {
    server: &'a Server,
    /// What is known, as JSON or a plain text.
    known: HashMap<String, String>,
    sockets: HashMap<String, JsonSocket>,
    ignored: Vec<(String, String)>,
    answer: Option<(u16, Value)>,
    /// The line that is played, for messages.
    line: String,
}

impl<'a> Transcript<'a> {
    /// Plays all lines of a text.
    pub async fn play(server: &'a Server, text: &str) {
        let (known, sockets) = (HashMap::new(), HashMap::new());
        let (ignored, answer, line) = (Vec::new(), None, String::new());
        let mut transcript = Self { server, known, sockets, ignored, answer, line };
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            transcript.line = format!("line {}: {line}", number + 1);
            transcript.step(line).await;
        }
        assert!(transcript.answer.is_none(), "the last answer was not looked at");
    }

    async fn step(&mut self, line: &str) {
        let (who, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{}", self.line));
        if who == "people" || who == "admins" {
            for name in rest.split_whitespace() {
                let person = match who {
                    "admins" => Person::admin(self.server, name).await,
                    _ => Person::register(self.server, name).await,
                };
                self.known.insert(name.to_owned(), person.id.to_string());
                self.known.insert(format!("{name}.token"), person.access);
            }
        } else if let Some(who) = who.strip_suffix('>') {
            let text = self.fill(rest);
            self.socket(who).send(&text).await;
        } else if let Some(who) = who.strip_suffix('<') {
            self.expect_frame(who, rest).await;
        } else if who.ends_with('=') {
            self.expect_answer(rest);
        } else if let Some(kind) = rest.strip_prefix("ignores ") {
            self.ignored.push((who.to_owned(), kind.to_owned()));
        } else if let Some(path) = rest.strip_prefix("opens ") {
            self.open(who, path).await;
        } else {
            self.request(who, rest).await;
        }
    }

    async fn open(&mut self, who: &str, path: &str) {
        let (path, token) = match path.split_once(' ') {
            Some((path, "without")) => (path, None),
            Some((path, scheme)) => (path, Some(self.fill(scheme))),
            None => (path, Some(self.bearer(who))),
        };
        let path = self.fill(path);
        let opened = JsonSocket::open(self.server.address(), &path, token.as_deref()).await;
        match opened {
            Ok(wire) => {
                self.sockets.insert(who.to_owned(), wire);
            }
            Err((status, body)) => self.answer = Some((status, body)),
        }
    }

    async fn request(&mut self, who: &str, rest: &str) {
        let mut parts = rest.splitn(3, ' ');
        let method = parts.next().unwrap_or_default().parse().expect("a method");
        let path = self.fill(parts.next().unwrap_or_default());
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut request = client.request(method, self.server.url(&path));
        if who != "nobody" {
            request = request.header("authorization", self.bearer(who));
        }
        if let Some(body) = parts.next() {
            let body = self.fill(body);
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = within(rest, request.send()).await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text.clone()));
        let body = if text.is_empty() { Value::Null } else { body };
        self.answer = Some((status, body));
    }

    /// `alice2` has alice's token.
    fn bearer(&self, who: &str) -> String {
        let name = who.trim_end_matches(|c: char| c.is_ascii_digit());
        let token = self.known.get(&format!("{name}.key")).map(|key| format!("Token {key}"));
        token.unwrap_or_else(|| format!("Bearer {}", self.known[&format!("{name}.token")]))
    }

    fn expect_answer(&mut self, rest: &str) {
        let (status, body) = rest.split_once(' ').unwrap_or((rest, "null"));
        let (got, answered) = self.answer.take().expect("an answer to look at");
        let wanted: u16 = status.parse().expect("a status");
        assert_eq!(got, wanted, "{}: answered {answered}", self.line);
        let wanted = self.json(body);
        self.same(&wanted, &answered);
    }

    async fn expect_frame(&mut self, who: &str, rest: &str) {
        let wanted = self.json(rest);
        let ignored = self.ignored.clone();
        let line = self.line.clone();
        let is_news = |frame: &Value| {
            let kind = frame["type"].as_str().unwrap_or_default();
            !ignored.iter().any(|(whom, what)| whom == who && what == kind)
        };
        let frame = self.socket(who).until(&line, is_news).await;
        self.same(&wanted, &frame);
    }

    fn socket(&mut self, who: &str) -> &mut JsonSocket {
        let line = &self.line;
        self.sockets.get_mut(who).unwrap_or_else(|| panic!("{line}: {who} has no socket"))
    }

    fn json(&self, text: &str) -> Value {
        let text = self.fill(text);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", self.line))
    }

    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.known {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }

    /// Fails unless what was got is what was wanted, key for key.
    fn same(&mut self, wanted: &Value, got: &Value) {
        let mut found = Vec::new();
        if let Err(why) = find(wanted, got, &mut found) {
            panic!("{}: {why}\nwanted {wanted}\ngot    {got}", self.line);
        }
        for (name, value) in found {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.known.insert(name, text);
        }
    }
}

/// Whether something is what was wanted, key for key, with the placeholders of transcripts.
pub fn fits(wanted: &Value, got: &Value) -> Result<(), String> {
    find(wanted, got, &mut Vec::new())
}

fn find(wanted: &Value, got: &Value, found: &mut Vec<(String, Value)>) -> Result<(), String> {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            let keys = |object: &serde_json::Map<String, Value>| {
                object.keys().cloned().collect::<Vec<_>>()
            };
            if keys(wanted) != keys(got) {
                return Err(format!("keys {:?} and not {:?}", keys(got), keys(wanted)));
            }
            wanted.iter().try_for_each(|(key, value)| {
                find(value, &got[key], found).map_err(|why| format!("{key}: {why}"))
            })
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            wanted.iter().zip(got).try_for_each(|(wanted, got)| find(wanted, got, found))
        }
        (Value::String(text), got) if text.starts_with('<') && text.ends_with('>') => {
            placeholder(&text[1..text.len() - 1], got, found)
        }
        (wanted, got) if wanted == got => Ok(()),
        (wanted, got) => Err(format!("{got} and not {wanted}")),
    }
}

fn placeholder(name: &str, got: &Value, found: &mut Vec<(String, Value)>) -> Result<(), String> {
    let is_time = |text: &str| {
        text.len() == 27
            && text.as_bytes()[10] == b'T'
            && text.as_bytes()[19] == b'.'
            && text.ends_with('Z')
    };
    let good = match name {
        "any" => true,
        "text" => got.is_string(),
        "number" => got.is_number(),
        "time" => got.as_str().is_some_and(is_time),
        "unix" => got.as_f64().is_some_and(|seconds| seconds > 1e9 && seconds < 1e10),
        name => {
            found.push((name.to_owned(), got.clone()));
            got.is_string() || got.is_number()
        }
    };
    if good { Ok(()) } else { Err(format!("{got} is no <{name}>")) }
}
