//! Somebody who is in a chat while others whisper there, and keeps every byte that they are sent.

mod dialects;
mod newcomer;
mod routes;

use routes::ROUTES;
use std::collections::BTreeSet;
use tests::{DialectSocket, JsonSocket, Method, Person, Socket, Value, json, with_token, within};

/// What is planted into whispers; nobody else may be sent any of these.
pub(crate) const MARKERS: [&str; 6] = [
    "zebra-whispered-text",
    "zebra-client-id",
    "zebra-edited-text",
    "zebra-reply-text",
    // The emoji of a reaction.
    "\u{1f9a9}",
    // A file's name and what is in it.
    "zebra-file",
];

/// What was whispered.
pub(crate) struct Whispered {
    /// The chat of the whispers.
    pub(crate) chat: i64,
    /// The first message there.
    pub(crate) message: i64,
    /// The file that came with it.
    pub(crate) file: i64,
}

/// A socket of a dialect.
struct Line {
    /// What is tried there.
    tries: &'static [&'static str],
    /// Whether what is said in a room is heard there.
    hears: bool,
    wire: JsonSocket,
}

/// A bystander, with what they saw before.
pub(crate) struct Bystander {
    person: Person,
    socket: Socket,
    /// A socket of each dialect, with what is tried there; none for who is not in the room.
    wires: Vec<Line>,
    /// A socket that is told of new chats and of nothing else.
    news: Option<JsonSocket>,
    /// Everything that each route showed.
    seen: Vec<(String, Value)>,
    room: i64,
    public: i64,
    whisperers: [i64; 2],
}

impl Bystander {
    /// Looks at everything before anybody whispers.
    pub(crate) async fn before(
        person: &Person,
        room: i64,
        public: i64,
        whisperers: [&Person; 2],
    ) -> Self {
        let socket = person.socket().await;
        let whisperers = whisperers.map(|person| person.id);
        let (person, seen) = (person.clone(), Vec::new());
        let (wires, news) = (Vec::new(), None);
        let mut bystander = Self { person, socket, wires, news, seen, room, public, whisperers };
        bystander.every_route_has_a_row();
        dialects::every_address_has_a_row();
        bystander.open_wires().await;
        bystander.seen = bystander.look().await;
        bystander
    }

    /// Looks at everything once more; nobody has said anything in public meanwhile.
    pub(crate) async fn sees_no_difference(&self) {
        for ((path, before), (_, after)) in self.seen.iter().zip(self.look().await) {
            assert_eq!(after, *before, "{path} tells that somebody whispered");
        }
    }

    /// Tries everything on the whispers, and listens.
    pub(crate) async fn finds_nothing(mut self, whispered: &Whispered, ada: &Person) {
        self.tries(whispered).await;
        // The next thing that is pushed is the next public one, with the next numbers.
        let room = format!("/chats/{}", self.room);
        let before = self.person.get(&room).await.expect(200);
        let said = ada.send(self.room, "for all again").await;
        let number = |value: &Value| value.as_i64().expect("a number");
        assert_eq!(number(&said["seq"]), number(&before["last_seq"]) + 1);
        assert_eq!(number(&said["version"]), number(&before["version"]) + 1);
        loop {
            let push = self.socket.push("a push", |push| push["type"] != "presence").await;
            if push["data"] == said {
                break;
            }
            // What was said in public for another bystander.
            assert_eq!(push["data"]["text"], said["text"], "something else was pushed");
        }
        self.resume(whispered).await;
        self.listen(whispered, &said).await;
        if let Some(mut news) = self.news.take() {
            let chat = ada.direct(&self.person).await;
            let frame = news.next().await.expect("the socket stays open");
            assert_eq!(frame, json!({"type": "new_chat", "chat_id": chat}), "nothing came before");
        }
    }

    async fn open_wires(&mut self) {
        if self.person.get(&format!("/chats/{}", self.room)).await.status != 200 {
            return;
        }
        let token = format!("Bearer {}", self.person.access);
        for (_, path, tries) in dialects::SOCKETS {
            let hears = !dialects::WITHOUT_ROOMS.contains(path);
            let mut path = self.fill(path, None);
            if path.starts_with("/api/chat/") {
                path = with_token(&path, &self.person).await.expect("a token for a socket");
            }
            let opened = JsonSocket::open(self.person.api.address(), &path, Some(&token)).await;
            let mut wire = opened.unwrap_or_else(|refused| panic!("{path}: {refused:?}"));
            if path == "/ws/main/" {
                let token = json!({"access_token": self.person.access});
                wire.send(&json!({"event": "authenticate", "data": token}).to_string()).await;
                wire.until("signing in", |frame| frame["status"] == "ok").await;
            }
            self.wires.push(Line { tries, hears, wire });
        }
        let address = self.person.api.address();
        let cookie = DialectSocket::cookie(address, &self.person.name).await.expect("a cookie");
        let [in_room, news] = dialects::WITH_COOKIE.map(|(_, path)| self.fill(path, None));
        let opened = DialectSocket::open_with_cookie(address, &in_room, &cookie).await;
        let wire = opened.expect("the socket of the room");
        self.wires.push(Line { tries: &[], hears: true, wire });
        let opened = DialectSocket::open_with_cookie(address, &news, &cookie).await;
        self.news = Some(opened.expect("the socket for news"));
    }

    /// What is tried on the sockets of dialects is refused, and nothing is heard there but what is
    /// public.
    async fn listen(&mut self, whispered: &Whispered, said: &Value) {
        let mut wires = std::mem::take(&mut self.wires);
        for Line { tries, hears, wire } in &mut wires {
            for request in *tries {
                wire.send(&self.fill(request, Some(whispered))).await;
            }
            let (mut refused, mut heard) = (0, !*hears);
            while refused < tries.len() || !heard {
                let frame = wire.next().await.expect("the socket stays open");
                self.search("a dialect", &frame);
                refused += usize::from(is_error(&frame));
                heard |= frame.to_string().contains(said["text"].as_str().expect("a text"));
            }
        }
    }

    /// A client that asks for the whispers by their number gets as much as for a number that is
    /// nobody's.
    async fn resume(&mut self, whispered: &Whispered) {
        let (room, whispers) = (self.room.to_string(), whispered.chat.to_string());
        let chats = json!({room: 0, whispers.clone(): 0, "999999999": 0});
        let resumed = self.socket.ask(json!({"type": "resume", "chats": chats})).await;
        self.search("resume", &resumed);
        assert_eq!(resumed["gone"], json!([whispered.chat, 999_999_999]));
        let (_, ready) = self.person.socket_and_ready().await;
        assert!(ready["chats"].get(&whispers).is_none(), "{ready}");
        for request in [
            json!({"type": "send", "chat": whispered.chat, "text": "x"}),
            json!({"type": "send", "chat": self.room, "text": "x", "reply_to": whispered.message}),
            json!({"type": "edit", "chat": self.room, "message": whispered.message, "text": "x"}),
            json!({"type": "delete", "chat": self.room, "message": whispered.message}),
            json!({"type": "read", "chat": whispered.chat, "seq": 1}),
            json!({"type": "typing", "chat": whispered.chat}),
            json!({"type": "react", "message": whispered.message, "emoji": "\u{1f44d}", "on": true}),
        ] {
            let id = self.socket.submit(request.clone()).await;
            let answer = self.socket.answer(&id).await.expect("the socket stays open");
            let codes = ["chat_not_found", "message_not_found", "invalid"];
            let code = answer["error"]["code"].as_str().unwrap_or_default();
            assert!(codes.contains(&code), "{request}: {answer}");
            self.search("a request", &answer);
        }
    }

    /// Every operation on the whispers answers as if they were not there.
    pub(crate) async fn tries(&self, whispered: &Whispered) {
        for (method, route, how) in ROUTES {
            for (path, body) in how.tries() {
                let path = self.fill(path, Some(whispered));
                let body = if body.is_empty() { "null" } else { *body };
                let body = serde_json::from_str(body).expect("JSON");
                let method: Method = method.parse().expect("a method");
                let answer = self.person.call(method, &path, &body).await;
                let for_admins = path.starts_with("/admin/") && answer.body["code"] == "admin_only";
                assert!(answer.status == 404 || for_admins, "{route} {path}: {}", answer.body);
                self.search(&path, &answer.body);
            }
        }
        for (method, _, how) in dialects::ROUTES {
            for (path, body) in how.tries() {
                let path = self.fill(path, Some(whispered));
                let body = self.fill(body, Some(whispered));
                let (status, answer) = ask(&self.person, method, &path, &body).await;
                // Two dialects refuse so what is sent to a chat that one is not in, or that there is not.
                let hidden = match path.as_str() {
                    "/api/messages/" => 403,
                    "/api/chat/messages/" => 400,
                    _ => 404,
                };
                assert_eq!(status, hidden, "{method} {path}: {answer}");
                self.search(&path, &answer);
            }
        }
    }

    async fn look(&self) -> Vec<(String, Value)> {
        let mut seen = Vec::new();
        for (_, _, how) in ROUTES {
            for path in how.looks() {
                let path = self.fill(path, None);
                let answer = self.person.get(&path).await;
                self.search(&path, &answer.body);
                // An export is a text of lines, of which one says when it was made.
                let lines = answer.body.as_str().map(|text| text.lines().map(line).collect());
                let mut body = lines.map_or(answer.body.clone(), Value::Array);
                forget_the_moment(&mut body);
                seen.push((path, body));
            }
        }
        for (method, _, how) in dialects::ROUTES {
            for path in how.looks() {
                let path = self.fill(path, None);
                let (_, mut body) = ask(&self.person, method, &path, "").await;
                self.search(&path, &body);
                forget_the_moment(&mut body);
                seen.push((path, body));
            }
        }
        seen
    }

    fn search(&self, place: &str, body: &Value) {
        let text = body.to_string();
        for marker in MARKERS {
            assert!(!text.contains(marker), "{} was sent {marker} by {place}", self.person.name);
        }
    }

    fn fill(&self, path: &str, whispered: Option<&Whispered>) -> String {
        let mut path = path
            .replace("{room}", &self.room.to_string())
            .replace("{public}", &self.public.to_string())
            .replace("{ada}", &self.whisperers[0].to_string())
            .replace("{ben}", &self.whisperers[1].to_string())
            .replace("{eve}", &self.person.id.to_string());
        if let Some(whispered) = whispered {
            path = path
                .replace("{whispers}", &whispered.chat.to_string())
                .replace("{whispered}", &whispered.message.to_string())
                .replace("{file}", &whispered.file.to_string());
        }
        path
    }

    fn every_route_has_a_row(&self) {
        let documented = self.person.api.openapi().operations();
        let documented: BTreeSet<_> = documented
            .into_iter()
            .filter_map(|(method, path)| {
                Some((method.to_string(), path.strip_prefix("/api/v1")?.to_owned()))
            })
            .filter(|(_, path)| path != "/openapi.json")
            .collect();
        let rows: BTreeSet<_> = ROUTES
            .iter()
            .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
            .collect();
        assert_eq!(
            rows, documented,
            "each operation needs a row in tests/tests/chats/leaks/routes.rs"
        );
    }
}

/// Asks at an address outside the native API.
pub(crate) async fn ask(person: &Person, method: &str, path: &str, body: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}{path}", person.api.address());
    let request = client.request(method.parse().expect("a method"), url);
    // Three dialects know one scheme each; the others take any.
    let is_of = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    let of_rooms = is_of(&["/api/auth/s", "/api/chat/", "/api/chat?"]) || path == "/api/chat";
    let scheme = if is_of(&["/api/users", "/api/chats", "/api/messages"]) {
        "Token"
    } else if of_rooms {
        "Bearer"
    } else {
        "JWT"
    };
    let token = format!("{scheme} {}", person.access);
    let request = request.header("authorization", token).body(body.to_owned());
    let answer = within(path, request.send()).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// Whether a frame of a dialect refuses something.
fn is_error(frame: &Value) -> bool {
    frame.get("error").is_some()
        || frame["errors"].is_array()
        || frame["status"] == "error"
        || frame["type"] == "error"
}

fn line(text: &str) -> Value {
    serde_json::from_str(text).expect("a line of JSON")
}

/// Fields of the moment, in whatever protocol.
const MOMENTARY: [&str; 6] =
    ["request_id", "online", "last_seen_at", "is_online", "last_seen", "last_active"];

/// Takes out what differs between two looks anyway: the number that the log has for a refusal, and
/// who is connected at the moment.
fn forget_the_moment(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in MOMENTARY {
                fields.remove(name);
            }
            fields.values_mut().for_each(forget_the_moment);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_the_moment),
        _ => {}
    }
}
