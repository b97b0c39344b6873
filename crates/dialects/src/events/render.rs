//! Events as frames.

use crate::shared::event_context::EventContext;
use crate::shared::words::{content, text, unix_seconds};
use domain::chat::{ChatKind, Outline};
use domain::event::EventBody;
use domain::failure::Failure;
use domain::ids::{MessageId, UserId};
use domain::message::Message;
use realtime::{Codec, Delivery, Frame};
use serde_json::{Value, json};

/// What this dialect is called.
pub(super) const NAME: &str = "events";

/// Makes the frames of this dialect.
pub(super) struct EventsCodec;

impl Codec for EventsCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        let body = &delivery.event.body;
        if let EventBody::Presence { user, online, .. } = body {
            return Some(presence(*user, *online));
        }
        let chat = context.chat.as_ref()?;
        let (kind, content) = match body {
            EventBody::MessageCreated(message) => ("new_message", new_message(chat, message)?),
            EventBody::MessageDeleted(message) => {
                ("delete_message", of(chat, json!({"message_id": message.id.get()}))?)
            }
            EventBody::Read { user, .. } => {
                return read(chat, *user, context.read.as_ref()?.id);
            }
            EventBody::Typing { user, until: Some(until), .. } => {
                let rest = json!({"user_id": user.get(), "end_time": unix_seconds(*until)});
                ("user_typing", of(chat, rest)?)
            }
            _ => return None,
        };
        Some(text(&json!({"type": kind, "content": content})))
    }
}

/// Whether there is a word for an event.
pub(super) fn has_word(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::MessageCreated(_)
            | EventBody::MessageDeleted(_)
            | EventBody::Read { .. }
            | EventBody::Typing { until: Some(_), .. }
            | EventBody::Presence { .. }
    )
}

/// That somebody came or went.
pub(super) fn presence(user: UserId, online: bool) -> Frame {
    let kind = if online { "set_online" } else { "set_offline" };
    text(&json!({"type": kind, "user_id": user.get()}))
}

/// That somebody has read up to a message.
pub(super) fn read(chat: &Outline, user: UserId, message: MessageId) -> Option<Frame> {
    let content = of(chat, json!({"user_id": user.get(), "message_id": message.get()}))?;
    Some(text(&json!({"type": "message_read", "content": content})))
}

/// A refusal.
pub(super) fn error(why: &str) -> Frame {
    text(&json!({"error": why}))
}

/// A refusal of a use case.
pub(super) fn refused(failure: &Failure) -> Frame {
    http_core::problem::log_cause(failure);
    error(&failure.detail)
}

fn new_message(chat: &Outline, message: &Message) -> Option<Value> {
    let rest = json!({
        "message_id": message.id.get(),
        "author_id": message.author.get(),
        "text": content(message),
        "reply_to": message.reply_to.map(MessageId::get),
        "created_at": unix_seconds(message.created_at),
    });
    of(chat, rest)
}

/// What names a chat, and the rest; `None` if this dialect has no chats of its kind.
fn of(chat: &Outline, mut rest: Value) -> Option<Value> {
    let (kind, id) = match chat.chat.kind {
        ChatKind::Direct => ("direct", json!(chat.pair()?.to_string())),
        ChatKind::Project(project) => ("project", json!(project.get())),
        ChatKind::Room => ("room", json!(chat.chat.id.get())),
        ChatKind::Group => ("group", json!(chat.chat.id.get())),
        ChatKind::Whisper(_) => return None,
    };
    rest["chat_type"] = json!(kind);
    rest["chat_id"] = id;
    Some(rest)
}
