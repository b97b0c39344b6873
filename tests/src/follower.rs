//! A client that keeps a copy of its chats, loses its socket, comes back and resumes.

use crate::person::Person;
use crate::replica::Replica;
use crate::socket::Socket;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A person's copy, kept up to date over a socket as `docs/api/socket.md` says, and strictly: a
/// push that comes twice, out of order or while it should be held back fails the test.
pub struct Follower {
    /// Whose copy it is.
    pub person: Person,
    /// The copy.
    pub replica: Replica,
    /// How many pages of changes it took so far.
    pub pages: usize,
    socket: Option<Socket>,
}

impl Follower {
    /// A copy that is not connected.
    pub fn new(person: Person, replica: Replica) -> Self {
        Self { person, replica, pages: 0, socket: None }
    }

    /// Connects and resumes until nothing is missing.
    pub async fn catch_up(&mut self) {
        let (mut socket, _) = self.person.socket_and_ready().await;
        let mut behind = self.replica.versions();
        let mut held_back = BTreeSet::new();
        while behind.as_object().is_some_and(|chats| !chats.is_empty()) {
            let resumed = socket.ask(json!({"type": "resume", "chats": behind})).await;
            self.pages += 1;
            let early = socket.take_pushes();
            let broken = early.iter().find(|push| {
                push["version"].is_i64()
                    && push["chat"].as_i64().is_some_and(|c| held_back.contains(&c))
            });
            assert_eq!(broken, None, "a push that should be held back");
            (behind, held_back) = self.apply_page(&resumed).await;
            for push in &early {
                // What came before the answer may be in it, or in the next page.
                let chat = push["chat"].as_i64().unwrap_or_default();
                let is_new = push["version"].as_i64() > self.replica.version(chat);
                if !held_back.contains(&chat) && (is_new || push["version"].is_null()) {
                    self.replica.apply_push(push, self.person.id);
                }
            }
        }
        self.socket = Some(socket);
    }

    /// Puts one answer in place; answers what is still behind.
    async fn apply_page(&mut self, resumed: &Value) -> (Value, BTreeSet<i64>) {
        for chat in resumed["gone"].as_array().expect("a list") {
            self.replica.forget(chat.as_i64().expect("an id"));
        }
        for chat in resumed["reset"].as_array().expect("a list") {
            self.replica.download_chat(&self.person, chat.as_i64().expect("an id")).await;
        }
        let mut behind = json!({});
        let mut chats = BTreeSet::new();
        for (id, changes) in resumed["chats"].as_object().expect("chats") {
            let chat = id.parse().expect("an id");
            self.replica.apply_changes(chat, changes);
            if changes["more"] == true {
                behind[id] = changes["version"].clone();
                chats.insert(chat);
            }
        }
        (behind, chats)
    }

    /// Follows until the last message of a chat says this, coming back whenever it is closed for
    /// being slow. After each push `seen` may look at the copy.
    pub async fn follow(&mut self, chat: i64, text: &str, mut seen: impl FnMut(&Replica)) {
        while let Some(code) = self.follow_while_open(chat, text, &mut seen).await {
            assert_eq!(code, 4001, "the only reason to close a socket here");
        }
    }

    /// The same until its socket is closed; answers the code if it was.
    pub async fn follow_while_open(
        &mut self,
        chat: i64,
        text: &str,
        mut seen: impl FnMut(&Replica),
    ) -> Option<u16> {
        while !self.replica.ends_with(chat, text) {
            let Some(socket) = &mut self.socket else {
                self.catch_up().await;
                continue;
            };
            if let Some(push) = socket.next_push().await {
                self.replica.apply_push(&push, self.person.id);
                seen(&self.replica);
            } else {
                let code = socket.closed().await;
                self.socket = None;
                return Some(code);
            }
        }
        None
    }

    /// Goes away without a word.
    pub fn go_away(&mut self) {
        self.socket = None;
    }
}
