//! Rendering rooms, messages and people as JSON.
//!
//! Every frame has a `user`, a string that contains `_`: the client splits it there without a check, and fails
//! otherwise.

use super::echo;
use super::names;
use crate::shared::event_context::EventContext;
use crate::shared::words::{content, text};
use domain::chat::{ChatKind, Outline};
use domain::event::EventBody;
use domain::ids::UserId;
use domain::message::Message;
use domain::user::{Profile, User, UserName};
use http_core::moment::rfc_3339;
use realtime::{Codec, Delivery, Frame};
use serde_json::{Value, json};

/// This dialect's name.
pub(super) const NAME: &str = "rooms";

/// The name that the client shows: the first name, or else the user name. The client cuts names at the first
/// `_`, so these are replaced.
pub(super) fn name(user: Option<&User>) -> String {
    let name = user.map(|User { name, profile: Profile { first_name, .. }, .. }| {
        let first = first_name.as_str();
        if first.is_empty() { name.as_str() } else { first }
    });
    name.unwrap_or(UserName::deleted().as_str()).replace('_', " ")
}

/// Somebody's id and name, as in frames.
pub(super) fn tag(id: UserId, user: Option<&User>) -> String {
    format!("{id}_{}", name(user))
}

/// The word of somebody's role.
pub(super) fn role(user: Option<&User>) -> String {
    user.map_or_else(|| "user".to_owned(), |user| user.role.to_string())
}

/// The role that the author had when they wrote a message; their current one if that was not stored.
pub(super) fn role_in(message: &Message, author: Option<&User>) -> String {
    message.author_role.map_or_else(|| role(author), |role| role.to_string())
}

/// The name of a room or a private conversation.
pub(super) fn room_name(room: &Outline) -> String {
    match (&room.chat.title, room.pair()) {
        (Some(title), _) => title.to_string(),
        (None, Some(pair)) => names::private(pair),
        (None, None) => String::new(),
    }
}

/// A message in a room over HTTP.
pub(super) fn message(message: &Message, author: Option<&User>) -> Value {
    json!({
        "id": message.id.get(),
        "text": content(message),
        "user_role": role_in(message, author),
        "room": message.chat.get(),
        "user_name": name(author),
    })
}

/// The text of a message in a frame. Only its prefix shows that a message is private.
fn line(message: &Message, is_private: bool) -> String {
    let said = content(message);
    if is_private { format!("Private: {said}") } else { said.into_owned() }
}

/// A message from before the client connected.
pub(super) fn replayed(message: &Message, author: Option<&User>, is_private: bool) -> Frame {
    let at = rfc_3339(message.created_at).replace('T', " ").replace('Z', "");
    text(&json!({
        "user": tag(message.author, author),
        "message": line(message, is_private),
        "user_role": role_in(message, author),
        "id": at,
        "is_private": is_private,
    }))
}

/// A refusal, sent as a message of the chat to its sender, because the client shows nothing else.
pub(super) fn refusal(why: &str, request_id: &Value) -> Frame {
    text(&json!({
        "type": "sender",
        "message": why,
        "user": "0_Server",
        "user_role": "admin",
        "id": request_id,
    }))
}

/// The refusal of an unknown action. It contains a `user`, like every frame.
pub(super) fn no_such_action(action: Option<&str>, request_id: &Value, sender: &str) -> Frame {
    let why = match action {
        Some(action) => format!("Method \"{action}\" not allowed."),
        None => "Unable to find action in message body.".to_owned(),
    };
    text(&json!({
        "errors": [why],
        "data": null,
        "action": action,
        "response_status": 405,
        "request_id": request_id,
        "user": sender,
        "message": why,
    }))
}

/// Renders the frames of this dialect.
pub(super) struct RoomsCodec;

impl Codec for RoomsCodec {
    fn protocol(&self) -> &'static str {
        NAME
    }

    fn encode(&self, delivery: &Delivery) -> Option<Frame> {
        let context = EventContext::known(delivery)?;
        let who = context.who.as_ref();
        match &delivery.event.body {
            EventBody::MessageCreated(said) => {
                let kind = context.chat.as_ref()?.chat.kind;
                let is_private = kind.is_between_two();
                if !is_private && kind != ChatKind::Room {
                    return None;
                }
                Some(text(&json!({
                    "type": "sender",
                    "message": line(said, is_private),
                    "user": tag(said.author, who),
                    "user_role": role_in(said, who),
                    "id": echo::request_id(said.client_id.as_ref()),
                })))
            }
            EventBody::Arrived { user, .. } => {
                let tag = tag(*user, who);
                Some(text(&json!({
                    "type": "sender",
                    "message": format!("{tag} connected to chat"),
                    "user": tag,
                    "user_role": role(who),
                })))
            }
            _ => None,
        }
    }
}
