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

/// Whether this dialect has a frame for an event.
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

/// The frame of an event whose context was looked up. `None` for chats of kinds that this dialect does not
/// have: its clients would put every message into the chat that is open.
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

/// A message with its author and the message that it replies to. The author counts as online, having just
/// written.
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

/// A chat as this dialect names it.
pub(super) struct Chat {
    kind: &'static str,
    id: Value,
}

impl Chat {
    /// The name of a chat; `None` if this dialect has no chats of its kind.
    pub(super) fn of(chat: &Outline) -> Option<Self> {
        Some(match chat.chat.kind {
            // A text with a `_`, by which clients recognise a chat of two people.
            ChatKind::Direct => Self { kind: "direct", id: json!(chat.pair()?.to_string()) },
            ChatKind::Project(project) => Self { kind: "project", id: json!(project.get()) },
            ChatKind::Group | ChatKind::Room | ChatKind::Whisper(_) => return None,
        })
    }

    /// The frame that somebody has read a message.
    pub(super) fn read(&self, user: UserId, message: MessageId) -> Frame {
        let who = json!({"user_id": user.get(), "message_id": message.get()});
        event("message_read", &self.with(who))
    }

    /// The frame that somebody is typing, and until when that counts.
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

/// The frame that a message was deleted.
pub(super) fn deleted(message: MessageId) -> Frame {
    event("delete_message", &json!({"message_id": message.get()}))
}

/// The frame that somebody came online or went offline. The id is there twice: in `content` for the present
/// clients, and beside it for earlier ones.
pub(super) fn presence(user: UserId, online: bool) -> Frame {
    let (kind, user) = (if online { "set_online" } else { "set_offline" }, user.get());
    text(&json!({"type": kind, "content": {"user_id": user}, "user_id": user}))
}

/// The frame of an error.
pub(super) fn error(why: &str) -> Frame {
    text(&json!({"error": why}))
}

/// The frame of a use case's refusal.
pub(super) fn refused(failure: impl Into<Failure>) -> Frame {
    let failure = failure.into();
    http_core::problem::log_cause(&failure);
    error(&texts::say::of_failure(&failure))
}
