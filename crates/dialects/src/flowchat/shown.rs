//! Looking up what rendering chats and messages needs.

use super::render;
use crate::shared::chats::Beside;
use crate::shared::pictures::Pictures;
use crate::shared::services::Services;
use crate::shared::words::last_shown;
use domain::chat::ChatView;
use domain::failure::Failure;
use domain::message::Message;
use domain::session::Caller;
use serde_json::Value;

/// Renders chats as the caller sees them.
pub(super) async fn chats(
    services: &Services,
    caller: &Caller,
    views: &[ChatView],
) -> Result<Vec<Value>, Failure> {
    let ids: Vec<_> = views.iter().map(|view| view.chat.id).collect();
    let gathering = services.chats.gathering(caller, &ids).await?;
    let peers = views.iter().filter_map(|view| view.peer.as_ref().map(|peer| peer.id));
    let pictures = Pictures::of(services, peers.chain([caller.user])).await?;
    let mut shown = Vec::new();
    for view in views {
        let last = last_shown(services, caller, view).await?;
        let members = gathering.of(view.chat.id);
        shown.push(render::chat(view, members, last.as_ref(), &pictures));
    }
    Ok(shown)
}

/// Renders one chat.
pub(super) async fn chat(
    services: &Services,
    caller: &Caller,
    view: ChatView,
) -> Result<Value, Failure> {
    let mut shown = chats(services, caller, &[view]).await?;
    Ok(shown.pop().unwrap_or_default())
}

/// Renders messages of one chat.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
    messages: &[Message],
) -> Result<Vec<Value>, Failure> {
    let chats: Vec<_> = messages.first().map(|message| message.chat).into_iter().collect();
    let beside = Beside::of(services, caller, &chats, messages).await?;
    let pictures = Pictures::of(services, messages.iter().map(|message| message.author)).await?;
    let shown = messages.iter().map(|message| {
        let author = beside.people.get(&message.author);
        let author = render::person(message.author, author, &pictures);
        render::message(message, &author, beside.gathering.has_read(message))
    });
    Ok(shown.collect())
}

/// Renders one message.
pub(super) async fn message(
    services: &Services,
    caller: &Caller,
    message: Message,
) -> Result<Value, Failure> {
    let mut shown = messages(services, caller, &[message]).await?;
    Ok(shown.pop().unwrap_or_default())
}
