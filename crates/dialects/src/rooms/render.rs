//! Rooms, messages and people as JSON.

use crate::shared::event_context::EventContext;
use crate::shared::words::{content, text};
use domain::chat::Outline;
use domain::clock::Timestamp;
use domain::event::EventBody;
use domain::ids::{ChatId, UserId};
use domain::message::Message;
use domain::user::{User, UserName};
use http_core::moment::rfc_3339;
use realtime::{Codec, Delivery, Frame};
use serde_json::{Value, json};

/// A room as it is listed.
pub(super) struct Room {
    pub(super) id: ChatId,
    pub(super) name: String,
    pub(super) created_at: Timestamp,
    pub(super) online: usize,
    pub(super) last_message: Value,
}

impl Room {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id.get(),
            "name": self.name,
            "created_at": rfc_3339(self.created_at),
            "online": self.online,
            "last_message": self.last_message,
        })
    }
}

/// A message in a room; `to` is whom it is said to in private.
pub(super) fn message(
    room: ChatId,
    message: &Message,
    author: Option<&User>,
    to: Option<(UserId, &str)>,
) -> Value {
    json!({
        "id": message.id.get(),
        "room": room.get(),
        "user": person(message.author, author),
        "message": content(message),
        "to": to.map(|(id, name)| json!({"id": id.get(), "username": name})),
        "timestamp": rfc_3339(message.created_at),
    })
}

/// Somebody.
pub(super) fn person(id: UserId, user: Option<&User>) -> Value {
    match user {
        Some(user) => named(id, user.name.as_str(), user.role.as_str()),
        None => named(id, UserName::deleted().as_str(), "user"),
    }
}

/// Somebody of that name.
pub(super) fn named(id: UserId, name: &str, role: &str) -> Value {
    json!({"id": id.get(), "username": name, "role": role})
}

/// That somebody came or went.
pub(super) fn presence(came: bool, person: &Value) -> Frame {
    let kind = if came { "user_joined" } else { "user_left" };
    text(&json!({"type": kind, "user": person}))
}

/// What a client gets first.
pub(super) fn history(room: &Value, messages: &[Value]) -> Frame {
    text(&json!({"type": "history", "room": room, "messages": messages}))
}

/// The room that a chat is, or is whispered in.
pub(super) fn room_of(chat: &Outline) -> ChatId {
    chat.chat.kind.parent().unwrap_or(chat.chat.id)
}

/// What this dialect is called.
pub(super) const NAME: &str = "rooms";

/// Makes the frames of this dialect.
pub(super) struct RoomsCodec;

impl Codec for RoomsCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        let frame = match &delivery.event.body {
            EventBody::MessageCreated(said) => {
                let chat = context.chat.as_ref()?;
                let other = chat.people.iter().find(|person| person.id != said.author);
                let to = other.map(|person| (person.id, person.name.as_str()));
                let mut frame = message(room_of(chat), said, context.who.as_ref(), to);
                frame["type"] = json!("message");
                frame
            }
            EventBody::MessageDeleted(message) => {
                json!({"type": "message_deleted", "id": message.id.get()})
            }
            EventBody::Typing { user, until: Some(_), .. } => {
                json!({"type": "typing", "user": person(*user, context.who.as_ref())})
            }
            EventBody::Presence { user, online, .. } => {
                return Some(presence(*online, &person(*user, context.who.as_ref())));
            }
            _ => return None,
        };
        Some(text(&frame))
    }
}
