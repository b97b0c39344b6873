//! People, rooms and messages as JSON.

use crate::shared::chats::{Beside, Crowd};
use crate::shared::words::{avatar, content, name, text};
use domain::chat::{ChatKind, ChatView};
use domain::clock::Timestamp;
use domain::ids::{MessageId, UserId};
use domain::message::Message;
use domain::presence::Visible;
use domain::session::SignedIn;
use domain::user::{Account, User};
use http_core::moment::rfc_3339;
use realtime::Frame;
use serde_json::{Value, json};

/// Somebody who signed in, with their tokens.
pub(super) fn signed_in(account: &Account, visible: &Visible, signed: &SignedIn) -> Value {
    let (access, refresh) = (&signed.access_token, &signed.refresh_token);
    json!({
        "user": me(account, visible),
        "tokens": {"access": access, "refresh": refresh},
        "access": access,
        "refresh": refresh,
    })
}

/// Oneself.
pub(super) fn me(Account { user, email }: &Account, visible: &Visible) -> Value {
    json!({
        "id": user.id.get(),
        "username": user.name.as_str(),
        "email": email.as_str(),
        "first_name": user.profile.first_name.as_str(),
        "last_name": user.profile.last_name.as_str(),
        "profile": {
            "is_online": visible.of(user.id).unwrap_or(false),
            "last_seen": last_seen(user, visible),
            "avatar": avatar(user.id),
        },
    })
}

/// Somebody in a list; their e-mail address is shown to themselves.
pub(super) fn person(user: &User, visible: &Visible, own: Option<&Account>) -> Value {
    let mut shown = json!({
        "id": user.id.get(),
        "username": user.name.as_str(),
        "first_name": user.profile.first_name.as_str(),
        "last_name": user.profile.last_name.as_str(),
        "is_online": visible.of(user.id).unwrap_or(false),
        "last_seen": last_seen(user, visible),
        "avatar": avatar(user.id),
    });
    if let Some(account) = own.filter(|account| account.user.id == user.id) {
        shown["email"] = json!(account.email.as_str());
    }
    shown
}

/// People in a list.
pub(super) fn people(crowd: &Crowd, own: &Account) -> Vec<Value> {
    crowd.people.iter().map(|user| person(user, &crowd.visible, Some(own))).collect()
}

fn last_seen(user: &User, visible: &Visible) -> Option<String> {
    // Who is here now was not last seen at some moment; that is noted when they go, or a little later.
    let is_gone = !visible.online.contains(&user.id);
    let seen = user.last_seen_at.filter(|_| is_gone && visible.shows_last_seen(user.id));
    seen.map(rfc_3339)
}

/// A room as somebody sees it.
pub(super) fn room(
    view: &ChatView,
    participants: &[Value],
    last: Option<&Message>,
    beside: &Beside,
) -> Value {
    let name = match (&view.peer, &view.chat.title) {
        (Some(peer), _) => peer.name.as_str(),
        (None, Some(title)) => title.as_str(),
        (None, None) => "",
    };
    let chat_type = if view.chat.kind == ChatKind::Direct { "direct" } else { "group" };
    json!({
        "id": view.chat.id.get(),
        "name": name,
        "description": view.chat.description.as_str(),
        "chat_type": chat_type,
        "created_at": rfc_3339(view.chat.created_at),
        "participants": participants,
        "last_message": last.map(|last| message_beside(last, beside)),
        "unread_count": view.unread_count,
    })
}

/// A message, with what was looked up beside it.
pub(super) fn message_beside(said: &Message, beside: &Beside) -> Value {
    message(said, beside.people.get(&said.author), beside.gathering.has_read(said))
}

/// A message.
pub(super) fn message(said: &Message, author: Option<&User>, is_read: bool) -> Value {
    json!({
        "id": said.id.get(),
        "room": said.chat.get(),
        "user": {
            "id": said.author.get(),
            "username": name(author),
            "avatar": avatar(said.author),
        },
        "content": content(said),
        "timestamp": rfc_3339(said.created_at),
        "is_read": is_read,
    })
}

/// A message that was sent just now, as a frame.
pub(super) fn said(message: &Value) -> Frame {
    text(&json!({"type": "chat_message", "message": message}))
}

/// That somebody types or stopped.
pub(super) fn typing(user: UserId, who: Option<&User>, is_typing: bool) -> Frame {
    let username = name(who);
    text(&json!({
        "type": "typing", "user_id": user.get(), "username": username, "is_typing": is_typing,
    }))
}

/// That somebody has read up to a message.
pub(super) fn read(user: UserId, message: MessageId) -> Frame {
    text(&json!({"type": "messages_read", "user_id": user.get(), "message_id": message.get()}))
}

/// That somebody came or went.
pub(super) fn status(user: UserId, who: Option<&User>, is_online: bool, seen: Timestamp) -> Frame {
    text(&json!({
        "type": "user_status",
        "user_id": user.get(),
        "username": name(who),
        "is_online": is_online,
        "last_seen": rfc_3339(seen),
    }))
}
