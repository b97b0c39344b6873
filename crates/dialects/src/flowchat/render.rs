//! Rendering people, chats and messages as JSON.

use super::words::say;
use crate::shared::pictures::Pictures;
use crate::shared::who::absolute;
use crate::shared::words::{content, text};
use crate::texts::Text;
use actix_web::HttpRequest;
use domain::chat::{ChatKind, ChatView, Member, Title};
use domain::clock::Timestamp;
use domain::ids::{ChatId, UserId};
use domain::message::Message;
use domain::user::{User, UserName};
use http_core::moment::rfc_3339;
use realtime::Frame;
use serde_json::{Value, json};

/// The path of the picture that all groups have.
pub(super) const GROUP_PICTURE: &str = "/media/avatars/chat_default.svg";

/// Whether somebody is online, as far as the caller may know.
pub(super) struct Presence {
    pub(super) online: bool,
    pub(super) last_active: Option<Timestamp>,
}

/// A person, with an absolute URL of their picture.
pub(super) fn profile(
    user: &User,
    presence: Option<Presence>,
    (pictures, request): (&Pictures, &HttpRequest),
) -> Value {
    let bio = user.profile.bio.as_str();
    json!({
        "id": user.id.get(),
        "username": user.name.as_str(),
        "first_name": user.profile.first_name.as_str(),
        "is_online": presence.as_ref().is_some_and(|presence| presence.online),
        "last_active": presence.and_then(|presence| presence.last_active).map(rfc_3339),
        "last_name": user.profile.last_name.as_str(),
        "bio": (!bio.is_empty()).then_some(bio),
        "avatar": absolute(request, &pictures.path(user.id)),
    })
}

/// A person in a list, or an author, with only the path of their picture.
pub(super) fn person(id: UserId, user: Option<&User>, pictures: &Pictures) -> Value {
    let there = user.filter(|user| user.deleted_at.is_none());
    let name = there.map_or_else(|| say(&Text::Somebody), |user| user.name.to_string());
    json!({"id": id.get(), "username": name, "avatar": pictures.path(id)})
}

/// A chat as the viewer sees it.
pub(super) fn chat(
    view: &ChatView,
    members: &[Member],
    last: Option<&Message>,
    pictures: &Pictures,
) -> Value {
    let title = view.chat.title.as_ref().map(Title::as_str);
    let direct = view.chat.kind == ChatKind::Direct;
    // A chat with oneself has no other person.
    let other = view.peer.as_ref().or_else(|| members.first().map(|member| &member.user));
    let (name, photo) = match other.filter(|_| direct) {
        Some(other) if other.name == UserName::deleted().as_str() => {
            (say(&Text::Somebody), pictures.path(other.id))
        }
        Some(other) => (other.name.clone(), pictures.path(other.id)),
        None => (title.unwrap_or_default().to_owned(), GROUP_PICTURE.to_owned()),
    };
    let members: Vec<_> = members.iter().map(|member| member.user.id.get()).collect();
    json!({
        "id": view.chat.id.get(),
        "title": title,
        "is_group": !direct,
        "members": members,
        "display_photo": photo,
        "created_at": rfc_3339(view.chat.created_at),
        "display_name": name,
        "display_time": last.map(|last| rfc_3339(last.edited_at.unwrap_or(last.created_at))),
        "last_message": last.map(content).unwrap_or_default(),
    })
}

/// A message.
pub(super) fn message(said: &Message, author: &Value, is_read: bool) -> Value {
    json!({
        "id": said.id.get(),
        "author": author,
        "text": content(said),
        "chat": said.chat.get(),
        "is_read": is_read,
        "edited_at": said.edited_at.map(rfc_3339),
        "created_at": rfc_3339(said.created_at),
    })
}

/// A message as a frame. The page expects only such frames on this socket, with these four fields.
pub(super) fn said(message: &Message, pictures: &Pictures) -> Frame {
    text(&json!({
        "text": content(message),
        "author_id": message.author.get(),
        "author_avatar": pictures.path(message.author),
        // Frames write the time zone differently from answers.
        "time": rfc_3339(message.created_at).replace('Z', "+00:00"),
    }))
}

/// A frame that announces a new chat.
pub(super) fn new_chat(chat: ChatId) -> Frame {
    text(&json!({"type": "new_chat", "chat_id": chat.get()}))
}

/// The picture of all groups: two heads.
pub(super) const GROUP_SVG: &str = concat!(
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">"##,
    r##"<rect width="64" height="64" fill="#7a8fa6"/><g fill="#fff">"##,
    r##"<circle cx="24" cy="25" r="9"/><circle cx="43" cy="27" r="7"/>"##,
    r##"<path d="M8 50a16 16 0 0 1 32 0zM42 50a20 20 0 0 0-4-12 12 12 0 0 1 18 12z"/></g></svg>"##,
);
