//! Answers and pushes as frames.

use super::parse::Family;
use crate::shared::words::{avatar, content, name, text};
use domain::chat::{ChatKind, ChatView};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::Message;
use domain::user::User;
use http_core::moment::rfc_3339;
use realtime::Frame;
use serde_json::{Value, json};
use std::collections::HashMap;

impl Family {
    /// The family of a chat; `None` for one that this dialect does not show.
    pub(super) fn of(kind: ChatKind) -> Option<Self> {
        match kind {
            ChatKind::Direct => Some(Self::Dialog),
            ChatKind::Group | ChatKind::Project(_) | ChatKind::Room => Some(Self::Group),
            ChatKind::Whisper(_) => None,
        }
    }

    /// What its events begin with, and what a chat of it is called in them.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Group => "group",
        }
    }

    /// The name of an event, for a client whose names of events of groups begin with that word.
    pub(super) fn event(self, groups: &str, verb: &str) -> String {
        format!("{}.{verb}", if self == Self::Group { groups } else { self.word() })
    }

    fn id_field(self) -> String {
        format!("{}_id", self.word())
    }

    /// What is said where there is no such chat.
    pub(super) fn missing(self) -> &'static str {
        match self {
            Self::Dialog => "Dialog doesn't exist",
            Self::Group => "Group doesn't exist",
        }
    }
}

/// What a viewer knows of a message beside it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) unread: bool,
    pub(super) stared: bool,
}

/// A frame that says that something was done.
pub(super) fn ok(event: &str, data: &Value) -> Frame {
    text(&json!({"status": "ok", "event": event, "data": data}))
}

/// A refusal.
pub(super) fn error(event: Option<&str>, detail: &str) -> Frame {
    text(&json!({"status": "error", "event": event, "data": {"detail": detail}}))
}

/// A refusal of a use case.
pub(super) fn refused(event: &str, failure: &Failure) -> Frame {
    http_core::problem::log_cause(failure);
    error(Some(event), &failure.detail)
}

/// That somebody signed in.
pub(super) fn signed_in(event: &str) -> Frame {
    ok(event, &json!({"detail": "Authorization successed"}))
}

/// A message as somebody sees it.
pub(super) fn message(
    family: Family,
    message: &Message,
    sender: Option<&User>,
    marks: Marks,
) -> Value {
    let mut shown = json!({
        "id": message.id.get(),
        "sender": message.author.get(),
        "sender_name": name(sender),
        "avatar": avatar(message.author),
        "text": content(message),
        "date": rfc_3339(message.created_at),
        "unread": marks.unread,
        "stared": marks.stared,
    });
    shown[family.word()] = json!(message.chat.get());
    shown
}

/// A message by its numbers.
pub(super) fn numbers(family: Family, chat: ChatId, message: MessageId) -> Value {
    let mut shown = gone(family, chat);
    shown["message_id"] = json!(message.get());
    shown
}

/// A chat by its number.
pub(super) fn gone(family: Family, chat: ChatId) -> Value {
    json!({family.id_field(): chat.get()})
}

/// A star that was set or taken back.
pub(super) fn star(family: Family, chat: ChatId, message: MessageId, on: bool) -> Value {
    let mut shown = numbers(family, chat, message);
    shown["stared"] = json!(on);
    shown
}

/// Somebody who came or went.
pub(super) fn person(family: Family, chat: ChatId, user: UserId, name: &str) -> Value {
    let mut shown = gone(family, chat);
    shown["user"] = json!(user.get());
    shown["username"] = json!(name);
    shown
}

/// A chat as somebody sees it, with these messages of it.
pub(super) fn chat(
    view: &ChatView,
    messages: &[Value],
    last: Option<&Message>,
    people: &HashMap<UserId, User>,
) -> Value {
    let last = last.map(|message| {
        json!({
            "sender": message.author.get(),
            "text": content(message),
            "date": rfc_3339(message.created_at),
        })
    });
    let mut shown = json!({
        "id": view.chat.id.get(),
        "messages": messages,
        "last_message": last,
        "unread_count": view.unread_count,
    });
    match &view.peer {
        Some(peer) => {
            let name = people.get(&peer.id).map_or(peer.name.as_str(), |user| user.name.as_str());
            let id = peer.id.get();
            shown["interlocutor"] = json!({"id": id, "user": name, "avatar": avatar(peer.id)});
        }
        None => {
            let title = view.chat.title.as_ref().map_or("", |title| title.as_str());
            let slug = (view.chat.kind == ChatKind::Room).then_some(title);
            shown["name"] = json!(title);
            shown["slug"] = json!(slug);
            shown["description"] = json!(view.chat.description.as_str());
        }
    }
    shown
}
