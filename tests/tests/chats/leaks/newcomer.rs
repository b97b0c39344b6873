//! Somebody who came into a room that hides its past, or looks at it from outside. They try everything on what was
//! said there before, and keep every byte that they are sent.

use super::{Bystander, Line, MARKERS, Whispered, ask, dialects, routes};
use tests::{Method, Person, Value, json};

impl Bystander {
    /// Looks at nothing yet, and listens from now on. `authors` said what is hidden.
    pub(crate) async fn newcomer(person: &Person, room: i64, authors: [&Person; 2]) -> Self {
        let socket = person.socket().await;
        let whisperers = authors.map(|person| person.id);
        let (wires, news, seen) = (Vec::new(), None, Vec::new());
        let person = person.clone();
        let public = 0;
        let mut newcomer = Self { person, socket, wires, news, seen, room, public, whisperers };
        newcomer.every_route_has_a_row();
        dialects::every_address_has_a_row();
        newcomer.open_wires().await;
        newcomer
    }

    /// Every way of looking shows nothing of what is hidden, and everything that is tried on it is answered as if it
    /// were not there.
    pub(crate) async fn looks_everywhere(&self, hidden: &Whispered) {
        for (method, _, how) in routes::ROUTES {
            for path in how.looks() {
                let path = self.fill(path, Some(hidden));
                self.search(&path, &self.person.get(&path).await.body);
            }
            for (path, body) in how.tries() {
                let about_it = path.contains("{whispered}") || path.contains("{file}");
                if !about_it && *method != "GET" {
                    continue;
                }
                let path = self.fill(path, Some(hidden));
                let body = if body.is_empty() { "null" } else { *body };
                let body = serde_json::from_str(body).expect("JSON");
                let method: Method = method.parse().expect("a method");
                let answer = self.person.call(method, &path, &body).await;
                self.search(&path, &answer.body);
                let is_refused = answer.status == 404 || answer.body["code"] == "admin_only";
                assert!(is_refused || !about_it, "{path}: {} {}", answer.status, answer.body);
            }
        }
        for (method, _, how) in dialects::ROUTES {
            for path in how.looks() {
                let path = self.fill(path, Some(hidden));
                self.search(&path, &ask(&self.person, method, &path, "").await.1);
            }
            for (path, body) in how.tries() {
                let about_it = path.contains("{whispered}") || path.contains("{file}");
                if !about_it && *method != "GET" {
                    continue;
                }
                let (path, body) = (self.fill(path, Some(hidden)), self.fill(body, Some(hidden)));
                let (status, answer) = ask(&self.person, method, &path, &body).await;
                self.search(&path, &answer);
                assert!(status == 404 || !about_it, "{method} {path}: {status} {answer}");
            }
        }
    }

    /// What is asked for over sockets is refused, and what happens to what is hidden is told on none of them: the
    /// authors change it, reply to it, and then say something new.
    pub(crate) async fn is_told_nothing(&mut self, hidden: &Whispered, [ada, ben]: [&Person; 2]) {
        let chats = json!({ self.room.to_string(): 0 });
        let resumed = self.socket.ask(json!({"type": "resume", "chats": chats})).await;
        self.search("resume", &resumed);
        for request in [
            json!({"type": "send", "chat": self.room, "text": "x", "reply_to": hidden.message}),
            json!({"type": "edit", "chat": self.room, "message": hidden.message, "text": "x"}),
            json!({"type": "delete", "chat": self.room, "message": hidden.message}),
            json!({"type": "react", "message": hidden.message, "emoji": "\u{1f44d}", "on": true}),
            json!({"type": "star", "message": hidden.message}),
        ] {
            let id = self.socket.submit(request.clone()).await;
            let answer = self.socket.answer(&id).await.expect("the socket stays open");
            let code = answer["error"]["code"].as_str().unwrap_or_default();
            let codes = ["message_not_found", "chat_not_found", "invalid"];
            assert!(codes.contains(&code), "{request}: {answer}");
            self.search("a request", &answer);
        }
        let messages = format!("/chats/{}/messages", self.room);
        let edit = json!({"text": format!("{} at last", MARKERS[2])});
        ada.patch(&format!("{messages}/{}", hidden.message), &edit).await.expect(200);
        let reaction = format!("/messages/{}/reactions/%F0%9F%A6%A9", hidden.message);
        ben.delete(&reaction).await.expect(200);
        ben.put(&reaction, &Value::Null).await.expect(200);
        let pin = format!("/chats/{}/pins/{}", self.room, hidden.message);
        ada.delete(&pin).await.expect(200);
        ada.put(&pin, &Value::Null).await.expect(200);
        let reply = json!({"text": "It was so", "reply_to": hidden.message});
        ben.post(&messages, &reply).await.expect(201);
        let said = ada.send(self.room, "for all again").await;
        if self.wires.is_empty() {
            return;
        }
        loop {
            let push = self.socket.push("a push", |push| push["type"] != "presence").await;
            self.search("a push", &push);
            if push["data"] == said {
                break;
            }
        }
        let mut wires = std::mem::take(&mut self.wires);
        for Line { tries, hears, wire } in &mut wires {
            let about_it = tries.iter().filter(|request| request.contains("{whispered}"));
            let about_it: Vec<_> = about_it.collect();
            for request in &about_it {
                wire.send(&self.fill(request, Some(hidden))).await;
            }
            let (mut refused, mut heard) = (0, !*hears);
            while refused < about_it.len() || !heard {
                let frame = wire.next().await.expect("the socket stays open");
                self.search("a dialect", &frame);
                refused += usize::from(super::is_error(&frame));
                heard |= frame.to_string().contains("for all again");
            }
        }
        self.wires = wires;
    }
}
