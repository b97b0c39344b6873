//! Rendering answers and pushes as frames.

use super::age::Age;
use super::parse::Family;
use crate::shared::words::{avatar, content, text};
use crate::texts::{self, Dialogs, Language};
use domain::chat::{ChatKind, ChatView, Member};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::Message;
use http_core::moment::rfc_3339;
use realtime::Frame;
use serde_json::{Value, json};

impl Family {
    /// The family of a chat; `None` if clients of that age do not know such chats.
    pub(super) fn of(kind: ChatKind, age: Age) -> Option<Self> {
        match (kind, age) {
            (ChatKind::Direct, _) => Some(Self::Dialog),
            (ChatKind::Group | ChatKind::Project(_) | ChatKind::Room, Age::December) => {
                Some(Self::Group)
            }
            _ => None,
        }
    }

    /// The name of an event.
    pub(super) fn event(self, verb: &str) -> String {
        match self {
            Self::Dialog => format!("dialog.{verb}"),
            Self::Group => format!("group.{verb}"),
        }
    }
}

/// What a message shows only to the viewer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) unread: bool,
    pub(super) stared: bool,
}

/// A frame with the answer to a request that succeeded.
pub(super) fn ok(event: &str, data: &Value) -> Frame {
    text(&json!({"status": "ok", "event": event, "data": data}))
}

/// A refusal in the original's words.
pub(super) fn error(event: Option<&str>, why: &Dialogs) -> Frame {
    refusal(event, &why.say(Language::English))
}

/// A refusal by a use case.
pub(super) fn refused(event: &str, failure: &Failure) -> Frame {
    http_core::problem::log_cause(failure);
    refusal(Some(event), &texts::say::of_failure(failure))
}

/// The December client shows the detail to people, so it is always a string.
fn refusal(event: Option<&str>, detail: &str) -> Frame {
    text(&json!({"status": "error", "event": event, "data": {"detail": detail}}))
}

/// The answer to signing in, spelt as in the original.
pub(super) fn successed() -> Value {
    json!({"detail": "Authorization successed"})
}

/// When a message was last changed.
fn date(message: &Message) -> String {
    rfc_3339(message.edited_at.unwrap_or(message.created_at))
}

/// A message as the viewer sees it. `text` is always a string, because the client splits it.
pub(super) fn message(age: Age, message: &Message, sender: &str, marks: Marks) -> Value {
    let chat = message.chat.get();
    let mut shown = json!({
        "id": message.id.get(),
        "sender": message.author.get(),
        "sender_name": sender,
        "avatar": avatar(message.author),
        "text": content(message),
        "date": date(message),
    });
    match age {
        Age::October => shown["dialog"] = json!(chat),
        Age::December => {
            shown["chat_id"] = json!(chat);
            shown["unread"] = json!(marks.unread);
            shown["stared"] = json!(marks.stared);
        }
    }
    shown
}

/// A message that was deleted.
pub(super) fn deleted(age: Age, chat: ChatId, message: MessageId) -> Value {
    match age {
        Age::October => json!({"dialog_id": chat.get(), "message_id": message.get()}),
        Age::December => json!({"chat_id": chat.get(), "message_id": message.get()}),
    }
}

/// A chat that was deleted.
pub(super) fn gone(age: Age, chat: ChatId) -> Value {
    match age {
        Age::October => json!({"dialog_id": chat.get()}),
        Age::December => json!({"id": chat.get()}),
    }
}

/// A star that was set or removed.
pub(super) fn star(message: MessageId, on: bool) -> Value {
    json!({"id": message.get(), "stared": on})
}

/// Somebody's profile. The server stores no telephone numbers, birthdays or genders.
pub(super) fn person(name: &str, avatar: &str) -> Value {
    json!({"user": name, "avatar": avatar, "tel": "", "birth": null, "gender": ""})
}

/// The other person of a dialog.
fn interlocutor(age: Age, chat: ChatId, (name, id): (&str, UserId)) -> Value {
    let mut shown = person(name, &avatar(id));
    if age == Age::October {
        shown["groups"] = json!([]);
        shown["dialogs"] = json!([chat.get()]);
    }
    shown
}

/// The last message of a chat. If there is none, an empty one, because the client does not check for that.
fn last_message(last: Option<&Message>) -> Value {
    match last {
        None => json!({"sender": null, "text": ""}),
        Some(message) => json!({
            "sender": message.author.get(),
            "text": content(message),
            "date": date(message),
        }),
    }
}

/// A chat as the viewer sees it, with these messages, and if it is a group, with these members.
pub(super) fn chat(
    age: Age,
    view: &ChatView,
    messages: &[Value],
    last: Option<&Message>,
    members: &[Member],
) -> Value {
    let chat = &view.chat;
    let mut shown = json!({
        "id": chat.id.get(),
        "messages": messages,
        "last_message": last_message(last),
    });
    if age == Age::December {
        shown["unread_count"] = json!(view.unread_count);
    }
    if let Some(peer) = &view.peer {
        shown["interlocutor"] = interlocutor(age, chat.id, (&peer.name, peer.id));
        return shown;
    }
    let title = chat.title.as_ref().map_or("", |title| title.as_str());
    shown["name"] = json!(title);
    shown["slug"] = json!((chat.kind == ChatKind::Room).then_some(title));
    shown["img"] = json!(null);
    shown["description"] = json!(chat.description.as_str());
    shown["members"] = members.iter().map(member).collect();
    shown
}

fn member(member: &Member) -> Value {
    let mut shown = person(&member.user.name, &avatar(member.user.id));
    shown["role"] = json!(member.role.as_str());
    shown["date_joined"] = json!(rfc_3339(member.joined_at));
    shown
}
