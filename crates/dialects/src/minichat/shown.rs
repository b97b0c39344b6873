//! Rooms and messages with what stands beside them.

use super::render;
use crate::shared::chats::{Beside, Crowd};
use crate::shared::services::Services;
use crate::shared::words::last_shown;
use domain::chat::ChatView;
use domain::failure::Failure;
use domain::message::Message;
use domain::session::Caller;
use serde_json::Value;

/// Rooms as the caller sees them.
pub(super) async fn rooms(
    services: &Services,
    caller: &Caller,
    views: &[ChatView],
) -> Result<Vec<Value>, Failure> {
    let mut last = Vec::new();
    for view in views {
        last.push(last_shown(services, caller, view).await?);
    }
    let ids: Vec<_> = views.iter().map(|view| view.chat.id).collect();
    let beside = Beside::of(services, caller, &ids, last.iter().flatten()).await?;
    let crowd = Crowd::of(services, caller, beside.people.values().cloned().collect()).await?;
    let own = services.users.me(caller).await?;
    let shown = views.iter().zip(&last).map(|(view, last)| {
        let members = beside.gathering.of(view.chat.id).iter();
        let members = members.filter_map(|member| beside.people.get(&member.user.id));
        let members = members.map(|user| render::person(user, &crowd.visible, Some(&own)));
        render::room(view, &members.collect::<Vec<_>>(), last.as_ref(), &beside)
    });
    Ok(shown.collect())
}

/// One room.
pub(super) async fn room(
    services: &Services,
    caller: &Caller,
    view: ChatView,
) -> Result<Value, Failure> {
    let mut shown = rooms(services, caller, &[view]).await?;
    Ok(shown.pop().unwrap_or_default())
}

/// Messages of one chat.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
    messages: &[Message],
) -> Result<Vec<Value>, Failure> {
    let chats: Vec<_> = messages.first().map(|message| message.chat).into_iter().collect();
    let beside = Beside::of(services, caller, &chats, messages).await?;
    Ok(messages.iter().map(|message| render::message_beside(message, &beside)).collect())
}
