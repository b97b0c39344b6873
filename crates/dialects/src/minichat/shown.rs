//! Rooms and messages, with the people and presence that they are shown with.

use super::refuse;
use super::render::{self, Around};
use crate::shared::chats::{self, Beside};
use crate::shared::fields::id_of;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use domain::chat::{ChatKind, ChatView, GetError};
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::message::Message;
use domain::session::Caller;
use serde_json::Value;

/// Whether a room is shown. A direct chat cannot be left, so leaving one in this dialect archives it, which
/// hides it.
pub(super) fn is_there(view: &ChatView) -> bool {
    !(view.chat.kind == ChatKind::Direct && view.preferences.archived)
}

/// A room that the caller is in.
pub(super) async fn room_of(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
) -> Result<ChatView, Failure> {
    let view = chats::one(services, caller, chat).await?;
    if is_there(&view) { Ok(view) } else { Err(GetError::NotFound.into()) }
}

/// The same by the id in a path. `missing` is the refusal if there is none.
pub(super) async fn one(
    services: &Services,
    caller: &Caller,
    id: &str,
    missing: fn() -> Refused,
) -> Result<ChatView, Refused> {
    let chat = id_of(id).ok_or_else(missing)?;
    let view = room_of(services, caller, chat).await;
    view.map_err(|failure| refuse::or_missing(failure, missing))
}

/// Rooms as the caller sees them.
pub(super) async fn rooms(
    services: &Services,
    caller: &Caller,
    views: &[ChatView],
) -> Result<Vec<Value>, Failure> {
    let around = around(services, caller, views).await?;
    Ok(views.iter().map(|view| render::room(view, None, &around)).collect())
}

/// One room. `opened_by` is who opened a direct chat, if that is known; see [`render::room`].
pub(super) async fn room(
    services: &Services,
    caller: &Caller,
    view: &ChatView,
    opened_by: Option<UserId>,
) -> Result<Value, Failure> {
    let around = around(services, caller, std::slice::from_ref(view)).await?;
    Ok(render::room(view, opened_by, &around))
}

async fn around(
    services: &Services,
    caller: &Caller,
    views: &[ChatView],
) -> Result<Around, Failure> {
    let ids: Vec<_> = views.iter().map(|view| view.chat.id).collect();
    let beside = Beside::of(services, caller, &ids, []).await?;
    let people: Vec<_> = beside.people.keys().copied().collect();
    let visible = services.presence.online(caller, &people).await?;
    Ok(Around { beside, visible, own: services.users.me(caller).await? })
}

/// Messages of any chats.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
    messages: &[Message],
) -> Result<Vec<Value>, Failure> {
    let mut chats: Vec<_> = messages.iter().map(|message| message.chat).collect();
    chats.sort_unstable();
    chats.dedup();
    let beside = Beside::of(services, caller, &chats, messages).await?;
    let own = services.users.me(caller).await?;
    Ok(messages.iter().map(|message| render::message(message, &beside, &own)).collect())
}
