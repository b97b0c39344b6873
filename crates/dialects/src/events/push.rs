//! Events as frames.

use super::render::Scene;
use crate::shared::event_context::EventContext;
use crate::shared::services::Services;
use crate::shared::words::text;
use crate::texts;
use domain::chat::{ChatKind, Outline};
use domain::clock::Timestamp;
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{MessageId, UserId};
use domain::message::Message;
use http_core::moment::rfc_3339;
use realtime::{Delivery, Frame};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Whether there is a word for an event in a chat.
pub(super) fn has_word(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::MessageCreated(_)
            | EventBody::MessageEdited(_)
            | EventBody::MessageDeleted(_)
            | EventBody::Read { .. }
            | EventBody::Typing { until: Some(_), .. }
    )
}

/// The frame of an event whose context was looked up. There is none of chats that clients of this dialect do
/// not know: they put every message into the chat that is open.
pub(super) fn frame(delivery: &Delivery, services: &Services, origin: &str) -> Option<Frame> {
    let body = &delivery.event.body;
    let context = EventContext::known(delivery)?;
    let chat = context.chat.as_ref()?;
    let named = Chat::of(chat)?;
    Some(match body {
        EventBody::MessageCreated(message) => {
            let message = shown(message, context, services, origin);
            event("new_message", &json!({"chat_id": named.id, "message": message}))
        }
        EventBody::MessageEdited(message) => {
            let message = shown(message, context, services, origin);
            event("edit_message", &json!({"chat_id": named.id, "message": message}))
        }
        EventBody::MessageDeleted(message) => deleted(message.id),
        EventBody::Read { user, .. } => named.read(*user, context.read.as_ref()?.id),
        EventBody::Typing { user, until: Some(until), .. } => named.typing(*user, *until),
        _ => return None,
    })
}

/// A message with its author and what it answers. Who has just written is there.
fn shown(message: &Message, context: &EventContext, services: &Services, origin: &str) -> Value {
    let answered = context.answered.as_ref();
    let authors = context.who.iter().chain(answered.and_then(|(_, author)| author.as_ref()));
    let scene = Scene {
        origin,
        media: &services.media,
        people: HashMap::from_iter(authors.map(|user| (user.id, user))),
        online: HashSet::from([message.author]),
    };
    let answered = answered.map(|(message, _)| message);
    scene.message(message, answered, |message| context.gathering.has_read(message))
}

/// A chat in the words of this dialect.
pub(super) struct Chat {
    kind: &'static str,
    id: Value,
}

impl Chat {
    /// Of a chat; `None` if this dialect has none of its sort.
    pub(super) fn of(chat: &Outline) -> Option<Self> {
        Some(match chat.chat.kind {
            // A text with a `_`: by that clients know whose page to open.
            ChatKind::Direct => Self { kind: "direct", id: json!(chat.pair()?.to_string()) },
            ChatKind::Project(project) => Self { kind: "project", id: json!(project.get()) },
            ChatKind::Group | ChatKind::Room | ChatKind::Whisper(_) => return None,
        })
    }

    /// That somebody has read a message.
    pub(super) fn read(&self, user: UserId, message: MessageId) -> Frame {
        let who = json!({"user_id": user.get(), "message_id": message.get()});
        event("message_read", &self.with(who))
    }

    /// That somebody is typing.
    pub(super) fn typing(&self, user: UserId, until: Timestamp) -> Frame {
        let until = format!("{}+00:00", rfc_3339(until).trim_end_matches('Z'));
        event("user_typing", &self.with(json!({"user_id": user.get(), "end_time": until})))
    }

    fn with(&self, mut content: Value) -> Value {
        content["chat_type"] = json!(self.kind);
        content["chat_id"] = self.id.clone();
        content
    }
}

fn event(kind: &str, content: &Value) -> Frame {
    text(&json!({"type": kind, "content": content}))
}

/// That a message was deleted.
pub(super) fn deleted(message: MessageId) -> Frame {
    event("delete_message", &json!({"message_id": message.get()}))
}

/// That somebody came or went: for clients that look into `content`, and for those before them.
pub(super) fn presence(user: UserId, online: bool) -> Frame {
    let (kind, user) = (if online { "set_online" } else { "set_offline" }, user.get());
    text(&json!({"type": kind, "content": {"user_id": user}, "user_id": user}))
}

/// A refusal.
pub(super) fn error(why: &str) -> Frame {
    text(&json!({"error": why}))
}

/// A refusal of a use case.
pub(super) fn refused(failure: impl Into<Failure>) -> Frame {
    let failure = failure.into();
    http_core::problem::log_cause(&failure);
    error(&texts::say::of_failure(&failure))
}
