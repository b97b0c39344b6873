//! People, rooms and messages as JSON.
//!
//! The keys in camel case repeat values under the names that the original's React client uses.

use super::refuse::own;
use crate::shared::chats::{Beside, Crowd};
use crate::shared::who::absolute;
use crate::shared::words::{avatar, content, name, text};
use crate::texts::Minichat;
use actix_web::HttpRequest;
use domain::chat::{ChatKind, ChatView};
use domain::clock::Timestamp;
use domain::ids::{ChatId, UserId};
use domain::message::Message;
use domain::presence::Visible;
use domain::user::{Account, User, UserSummary};
use http_core::moment::rfc_3339;
use realtime::Frame;
use serde_json::{Value, json};

/// The dialect's name.
pub(super) const NAME: &str = "minichat";

/// Who is online and when people were last seen, as far as the caller may know.
pub(super) struct Presence<'a> {
    visible: &'a Visible,
    /// The URL of this server, as the caller reaches it.
    server: String,
}

impl<'a> Presence<'a> {
    pub(super) fn new(request: &HttpRequest, visible: &'a Visible) -> Self {
        Self { visible, server: absolute(request, "") }
    }

    fn of(&self, user: &User) -> Value {
        json!({
            "is_online": self.visible.of(user.id).unwrap_or(false),
            "last_seen": self.last_seen(user).map(rfc_3339),
            "avatar": format!("{}{}", self.server, avatar(user.id)),
        })
    }

    /// When somebody was last online; for somebody who never was, when their account was made. `None` if the
    /// caller may not know it, and while they are online, because the time is stored when they go, or a
    /// little later.
    fn last_seen(&self, user: &User) -> Option<Timestamp> {
        let is_gone = !self.visible.online.contains(&user.id);
        let known = is_gone && self.visible.shows_last_seen(user.id);
        known.then(|| user.last_seen_at.unwrap_or(user.created_at))
    }
}

/// An object with the keys of a second one added.
fn with(mut object: Value, others: Value) -> Value {
    if let (Value::Object(object), Value::Object(others)) = (&mut object, others) {
        object.extend(others);
    }
    object
}

/// The caller.
pub(super) fn account(account: &Account) -> Value {
    person(&account.user, Some(account))
}

/// The caller's whole profile.
pub(super) fn profile(own: &Account, presence: &Presence<'_>) -> Value {
    let more = json!({"bio": own.user.profile.bio.as_str()});
    let others = json!({
        "date_joined": rfc_3339(own.user.created_at),
        "profile": with(presence.of(&own.user), more),
    });
    with(account(own), others)
}

/// Somebody. An e-mail address is shown to its owner only. For others it is an empty text rather than
/// missing, since a client may search in it.
fn person(user: &User, own: Option<&Account>) -> Value {
    let own = own.filter(|own| own.user.id == user.id);
    json!({
        "id": user.id.get(),
        "username": user.name.as_str(),
        "email": own.map_or("", |own| own.email.as_str()),
        "first_name": user.profile.first_name.as_str(),
        "last_name": user.profile.last_name.as_str(),
    })
}

/// Somebody whose account may have been deleted.
fn person_of(id: UserId, user: Option<&User>, own: &Account) -> Value {
    match user {
        Some(user) => person(user, Some(own)),
        None => json!({
            "id": id.get(), "username": name(None), "email": "", "first_name": "", "last_name": "",
        }),
    }
}

fn named(user: &User) -> Value {
    json!({
        "id": user.id.get(),
        "username": user.name.as_str(),
        "first_name": user.profile.first_name.as_str(),
        "last_name": user.profile.last_name.as_str(),
    })
}

/// People in a list of people.
pub(super) fn people(crowd: &Crowd, request: &HttpRequest) -> Vec<Value> {
    let presence = Presence::new(request, &crowd.visible);
    let shown = crowd.people.iter().map(|user| {
        let profile = &user.profile;
        let full = format!("{} {}", profile.first_name.as_str(), profile.last_name.as_str());
        let named = with(named(user), json!({"full_name": full.trim()}));
        with(named, presence.of(user))
    });
    shown.collect()
}

/// People in a room.
pub(super) fn participants(crowd: &Crowd, request: &HttpRequest) -> Vec<Value> {
    let presence = Presence::new(request, &crowd.visible);
    crowd.people.iter().map(|user| with(named(user), presence.of(user))).collect()
}

/// Those of the people who are online.
pub(super) fn online(crowd: &Crowd, own: &Account, request: &HttpRequest) -> Vec<Value> {
    let presence = Presence::new(request, &crowd.visible);
    let there = crowd.people.iter().filter(|user| crowd.visible.online.contains(&user.id));
    let there = there.map(|user| {
        let user_shown = json!({"user": person(user, Some(own))});
        with(user_shown, presence.of(user))
    });
    there.collect()
}

/// What was looked up to show rooms.
pub(super) struct Around {
    pub(super) beside: Beside,
    pub(super) visible: Visible,
    pub(super) own: Account,
}

/// A room as the caller sees it. The title of a direct chat names first whoever opened it; if that is not
/// known, the one with the lower id.
pub(super) fn room(view: &ChatView, opened_by: Option<UserId>, around: &Around) -> Value {
    let Around { beside, visible, own } = around;
    let members = beside.gathering.of(view.chat.id);
    let people = members.iter().map(|member| {
        let id = member.user.id;
        let user = person_of(id, beside.people.get(&id), own);
        with(user, json!({"isOnline": visible.of(id).unwrap_or(false)}))
    });
    let (name, description) = called(view, opened_by, &own.user);
    let peer = view.peer.as_ref().filter(|peer| peer.id != own.user.id && view.member_count == 2);
    let shown = json!({
        "id": view.chat.id.get(),
        "name": name,
        "description": description,
        "chat_type": chat_type(view),
        "created_at": rfc_3339(view.chat.created_at),
        "participants": people.collect::<Vec<_>>(),
        "participants_count": view.member_count,
        "other_participant": peer.map(|peer| person_of(peer.id, beside.people.get(&peer.id), own)),
        "unread_count": view.unread_count,
        "unreadCount": view.unread_count,
    });
    // The client shows a room without a last message as one that was just made.
    match view.last_message.as_ref().filter(|last| last.deleted_at.is_none()) {
        Some(last) => {
            let last = json!({"content": content(last), "createdAt": rfc_3339(last.created_at)});
            with(shown, json!({"lastMessage": last}))
        }
        None => shown,
    }
}

/// The word for a room's kind. A group of one is `direct`: that is what the original creates if the request
/// names no kind.
pub(super) fn chat_type(view: &ChatView) -> &'static str {
    let alone = view.chat.kind == ChatKind::Group && !view.chat.open && view.member_count == 1;
    if view.chat.kind == ChatKind::Direct || alone { "direct" } else { "group" }
}

/// A room's title and description. The original stores both for direct chats, too; here they are made from
/// the names.
pub(super) fn called(view: &ChatView, opened_by: Option<UserId>, me: &User) -> (String, String) {
    let Some(UserSummary { id, name: other, .. }) = &view.peer else {
        let title = view.chat.title.as_ref().map_or("", |title| title.as_str());
        return (title.to_owned(), view.chat.description.as_str().to_owned());
    };
    let mut both = (me.name.to_string(), other.clone());
    if opened_by.unwrap_or(me.id.min(*id)) != me.id {
        both = (both.1, both.0);
    }
    let (one, other) = both;
    (own(Minichat::ChatOfTwo(one.clone(), other.clone())), own(Minichat::AboutTwo(one, other)))
}

/// A message in a list.
pub(super) fn message(said: &Message, beside: &Beside, own: &Account) -> Value {
    let author = beside.people.get(&said.author);
    let (at, is_read) = (rfc_3339(said.created_at), beside.gathering.has_read(said));
    json!({
        "id": said.id.get(),
        "room": said.chat.get(),
        "user": person_of(said.author, author, own),
        "user_username": name(author),
        "content": content(said),
        "timestamp": at,
        "is_read": is_read,
        "senderId": said.author.get(),
        "createdAt": at,
        "isRead": is_read,
    })
}

/// A message that was sent just now, as a frame.
pub(super) fn said(message: &Message, author: Option<&User>) -> Frame {
    // In frames the original writes the zone in digits, unlike in responses.
    let at = rfc_3339(message.created_at).replace('Z', "+00:00");
    text(&json!({
        "type": "chat_message",
        "message_id": message.id.get(),
        "message": content(message),
        "user_id": message.author.get(),
        "username": name(author),
        "timestamp": at,
    }))
}

/// The frame that somebody types, or stopped.
pub(super) fn typing(user: UserId, who: Option<&User>, is_typing: bool) -> Frame {
    text(&json!({
        "type": "typing_indicator",
        "user_id": user.get(),
        "username": name(who),
        "is_typing": is_typing,
    }))
}

/// The frame that somebody came online or went offline.
pub(super) fn status(user: UserId, who: Option<&User>, is_online: bool) -> Frame {
    text(&json!({
        "type": "user_status",
        "user_id": user.get(),
        "username": name(who),
        "is_online": is_online,
    }))
}

/// The frame that the room's messages are read, for the client that asked for it. The id is a text here, as
/// in the original.
pub(super) fn marked_read(room: ChatId) -> Frame {
    text(&json!({"type": "messages_marked_read", "room_id": room.to_string()}))
}

/// The frame for an error.
pub(super) fn error(message: &str) -> Frame {
    text(&json!({"type": "error", "message": message}))
}
