//! People, chats and messages as JSON.

use crate::shared::chats::Beside;
use crate::shared::words::{avatar, content, name, text};
use domain::chat::{ChatView, Title};
use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, UserId};
use domain::media::Attachment;
use domain::message::Message;
use domain::presence::Visible;
use domain::user::User;
use http_core::NATIVE_ROOT;
use http_core::moment::rfc_3339;
use realtime::Frame;
use serde_json::{Value, json};

/// Somebody, as far as the caller may see.
pub(super) fn profile(user: &User, visible: &Visible) -> Value {
    let bio = user.profile.bio.as_str();
    let seen = user.last_seen_at.filter(|_| visible.shows_last_seen(user.id));
    json!({
        "avatar": avatar(user.id),
        "bio": (!bio.is_empty()).then_some(bio),
        "first_name": user.profile.first_name.as_str(),
        "id": user.id.get(),
        "is_online": visible.of(user.id).unwrap_or(false),
        "last_active": seen.map(rfc_3339),
        "last_name": user.profile.last_name.as_str(),
        "username": user.name.as_str(),
    })
}

/// Somebody in a list, or who wrote something.
pub(super) fn person(id: UserId, user: Option<&User>) -> Value {
    json!({"avatar": avatar(id), "id": id.get(), "username": name(user)})
}

/// A chat as somebody sees it.
pub(super) fn chat(view: &ChatView, members: &[UserId], last: Option<&Message>) -> Value {
    let title = view.chat.title.as_ref().map(Title::as_str);
    let name = view.peer.as_ref().map_or(title, |peer| Some(peer.name.as_str()));
    let members: Vec<_> = members.iter().map(|user| user.get()).collect();
    json!({
        "created_at": rfc_3339(view.chat.created_at),
        "display_name": name.unwrap_or_default(),
        "display_photo": view.peer.as_ref().map(|peer| avatar(peer.id)),
        "display_time": last.map(|last| rfc_3339(last.edited_at.unwrap_or(last.created_at))),
        "id": view.chat.id.get(),
        "is_group": view.peer.is_none(),
        "last_message": last.map(content).unwrap_or_default(),
        "members": members,
        "title": title,
    })
}

/// A message, with what was looked up beside it.
pub(super) fn message_beside(said: &Message, beside: &Beside, key: Option<&str>) -> Value {
    let author = beside.people.get(&said.author);
    let mut shown = message(said, author, beside.gathering.has_read(said));
    if let (Some(image), Some(key)) = (picture(said), key) {
        shown["image"] = json!(format!("{NATIVE_ROOT}/media/{}?key={key}", image.id));
    }
    shown
}

/// The picture that came with a message.
pub(super) fn picture(said: &Message) -> Option<&Attachment> {
    said.extras.attachments.iter().find(|attachment| attachment.picture.is_some())
}

/// A message. What a picture says is seen in it.
pub(super) fn message(said: &Message, author: Option<&User>, is_read: bool) -> Value {
    let text = if picture(said).is_some() { said.text.as_str().into() } else { content(said) };
    json!({
        "author": person(said.author, author),
        "chat": said.chat.get(),
        "created_at": rfc_3339(said.created_at),
        "edited_at": said.edited_at.map(rfc_3339),
        "id": said.id.get(),
        "is_read": is_read,
        "text": text,
    })
}

/// A message that was sent or changed, as a frame.
pub(super) fn about(kind: &str, message: &Value) -> Frame {
    text(&json!({"type": kind, "message": message}))
}

/// That a message was deleted.
pub(super) fn deleted(message: &Message) -> Frame {
    let (id, chat) = (message.id.get(), message.chat.get());
    text(&json!({"type": "message_deleted", "id": id, "chat": chat}))
}

/// That somebody has read up to a message.
pub(super) fn read(chat: ChatId, user: UserId, up_to: MessageId) -> Frame {
    let (chat, user_id, up_to) = (chat.get(), user.get(), up_to.get());
    text(&json!({"type": "messages_read", "chat": chat, "user_id": user_id, "up_to": up_to}))
}

/// That somebody types.
pub(super) fn typing(chat: ChatId, user: UserId, who: Option<&User>) -> Frame {
    let (chat, user_id) = (chat.get(), user.get());
    text(&json!({"type": "typing", "chat": chat, "user_id": user_id, "username": name(who)}))
}

/// That there is a chat.
pub(super) fn new_chat(chat: &Value) -> Frame {
    text(&json!({"type": "new_chat", "chat": chat}))
}

/// That somebody came or went.
pub(super) fn status(user: UserId, is_online: bool, seen: Timestamp) -> Frame {
    let (user_id, last_active) = (user.get(), rfc_3339(seen));
    text(&json!({
        "type": "user_status", "user_id": user_id, "is_online": is_online, "last_active": last_active,
    }))
}
