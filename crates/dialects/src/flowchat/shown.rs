//! Chats and messages with what stands beside them.

use super::render;
use crate::shared::chats::Beside;
use crate::shared::services::Services;
use crate::shared::words::last_shown;
use domain::chat::ChatView;
use domain::failure::Failure;
use domain::message::Message;
use domain::session::Caller;
use serde_json::Value;

/// Chats as the caller sees them.
pub(super) async fn chats(
    services: &Services,
    caller: &Caller,
    views: &[ChatView],
) -> Result<Vec<Value>, Failure> {
    let ids: Vec<_> = views.iter().map(|view| view.chat.id).collect();
    let gathering = services.chats.gathering(caller, &ids).await?;
    let mut shown = Vec::new();
    for view in views {
        let last = last_shown(services, caller, view).await?;
        let members = gathering.of(view.chat.id).iter().map(|member| member.user.id);
        shown.push(render::chat(view, &members.collect::<Vec<_>>(), last.as_ref()));
    }
    Ok(shown)
}

/// One chat.
pub(super) async fn chat(
    services: &Services,
    caller: &Caller,
    view: ChatView,
) -> Result<Value, Failure> {
    let mut shown = chats(services, caller, &[view]).await?;
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
    // An address of a picture is signed for its viewer.
    let key = match messages.iter().any(|message| render::picture(message).is_some()) {
        true => Some(services.sessions.media_key(caller).await?.0),
        false => None,
    };
    let shown = messages.iter();
    let shown = shown.map(|message| render::message_beside(message, &beside, key.as_deref()));
    Ok(shown.collect())
}

/// One message.
pub(super) async fn message(
    services: &Services,
    caller: &Caller,
    message: Message,
) -> Result<Value, Failure> {
    let mut shown = messages(services, caller, &[message]).await?;
    Ok(shown.pop().unwrap_or_default())
}
