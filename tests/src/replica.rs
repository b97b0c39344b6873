//! A client's copy of its chats, kept as `docs/api/socket.md` says.

use crate::person::Person;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a client holds. Two that are equal hold the same, to the last field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replica {
    chats: BTreeMap<i64, ChatCopy>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct ChatCopy {
    version: i64,
    chat: Value,
    members: BTreeMap<i64, Value>,
    messages: BTreeMap<i64, Value>,
}

impl Replica {
    /// Everything that a person sees, downloaded now.
    pub async fn download(person: &Person) -> Self {
        let mut replica = Self::default();
        for chat in person.all("/chats").await {
            replica.download_chat(person, number(&chat["id"])).await;
        }
        replica
    }

    /// One chat afresh.
    pub async fn download_chat(&mut self, person: &Person, chat: i64) {
        let view = person.chat(chat).await;
        let mut copy = ChatCopy { version: number(&view["version"]), ..ChatCopy::default() };
        copy.set_chat(&view);
        for member in person.all(&format!("/chats/{chat}/members")).await {
            copy.members.insert(number(&member["user_id"]), member);
        }
        for message in person.history(chat).await {
            copy.messages.insert(number(&message["id"]), message);
        }
        self.chats.insert(chat, copy);
    }

    /// The chats with their versions, for `resume`.
    pub fn versions(&self) -> Value {
        let versions = self.chats.iter().map(|(id, copy)| (id.to_string(), json!(copy.version)));
        Value::Object(versions.collect())
    }

    /// At which version the copy of a chat is.
    pub fn version(&self, chat: i64) -> Option<i64> {
        self.chats.get(&chat).map(|copy| copy.version)
    }

    /// Forgets a chat.
    pub fn forget(&mut self, chat: i64) {
        self.chats.remove(&chat);
    }

    /// How many messages it holds of a chat.
    pub fn messages(&self, chat: i64) -> usize {
        self.chats.get(&chat).map_or(0, |copy| copy.messages.len())
    }

    /// Whether the last message of a chat says this.
    pub fn ends_with(&self, chat: i64, text: &str) -> bool {
        let last = self.chats.get(&chat).and_then(|copy| copy.messages.last_key_value());
        last.is_some_and(|(_, message)| message["text"] == text)
    }

    /// Puts an answer of `changes` in place. It must hold only what is new, the oldest change first.
    pub fn apply_changes(&mut self, chat: i64, changes: &Value) {
        let copy = self.chats.get_mut(&chat).expect("changes of a chat that is held");
        let reached = number(&changes["version"]);
        assert!(reached >= copy.version, "changes went back: {changes}");
        assert!(reached > copy.version || changes["more"] == false, "no progress: {changes}");
        for list in ["members", "messages"] {
            let mut before = copy.version;
            for thing in changes[list].as_array().expect("a list") {
                let version = number(&thing["version"]);
                assert!(version > before && version <= reached, "{list} out of order: {changes}");
                before = version;
            }
        }
        if !changes["chat"].is_null() {
            copy.set_chat(&changes["chat"]);
        }
        for member in changes["members"].as_array().expect("members") {
            copy.set_member(member);
        }
        for message in changes["messages"].as_array().expect("messages") {
            copy.messages.insert(number(&message["id"]), message.clone());
        }
        copy.version = reached;
    }

    /// Puts a push in place. Versions of one chat must only rise.
    pub fn apply_push(&mut self, push: &Value, viewer: i64) {
        let (Some(chat), data) = (push["chat"].as_i64(), &push["data"]) else { return };
        let kind = push["type"].as_str().expect("a type");
        if kind == "chat.deleted" {
            self.chats.remove(&chat);
            return;
        }
        let Some(version) = push["version"].as_i64() else { return };
        let copy = self.chats.entry(chat).or_default();
        assert!(version > copy.version, "version {} was there before {push}", copy.version);
        copy.version = version;
        match kind {
            "message.created" | "message.edited" | "message.updated" | "message.deleted" => {
                copy.messages.insert(number(&data["id"]), data.clone());
            }
            "read" => {
                let member = copy.members.get_mut(&number(&data["user_id"]));
                let member = member.expect("a member reads");
                member["read_seq"] = data["seq"].clone();
                member["version"] = json!(version);
            }
            "chat.created" | "chat.updated" => copy.set_chat(data),
            "member.left" if data["user_id"] == viewer => {
                self.chats.remove(&chat);
            }
            "member.joined" | "member.updated" | "member.left" => copy.set_member(data),
            other => panic!("an unknown push with a version: {other}"),
        }
    }
}

impl ChatCopy {
    fn set_chat(&mut self, chat: &Value) {
        let kept = ["id", "kind", "title", "created_at"].map(|name| (name, &chat[name]));
        self.chat = json!(kept.into_iter().collect::<BTreeMap<_, _>>());
    }

    fn set_member(&mut self, member: &Value) {
        let user = number(&member["user_id"]);
        if member["left_at"].is_null() {
            self.members.insert(user, member.clone());
        } else {
            self.members.remove(&user);
        }
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number, not {value}"))
}
