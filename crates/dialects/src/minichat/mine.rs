//! The caller's rooms, and the newest messages of all of them.

use super::shown::is_there;
use crate::shared::chats;
use crate::shared::lists::{Part, ROWS};
use crate::shared::services::Services;
use domain::chat::ChatView;
use domain::failure::Failure;
use domain::ids::ChatId;
use domain::limits::PAGE_BYTES;
use domain::message::Message;
use domain::session::Caller;
use domain::size;
use std::cmp::Reverse;

/// The caller's rooms, the newest first, and where the list continues, if it does.
pub(super) async fn rooms(
    services: &Services,
    caller: &Caller,
    part: &Part<ChatId>,
) -> Result<(Vec<ChatView>, Option<i64>), Failure> {
    let (mut views, next) = chats::mine(services, caller, part).await?;
    views.retain(is_there);
    views.sort_by_key(|view| Reverse((view.chat.created_at, view.chat.id)));
    Ok((views, next))
}

/// The newest messages of all of the caller's rooms, in chronological order.
pub(super) async fn messages(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<Message>, Failure> {
    let all = Part { before: None, limit: ROWS };
    // The most recently active room comes first, so once there are enough messages, rooms with only older
    // ones can be skipped.
    let (views, _) = chats::mine(services, caller, &all).await?;
    let mut found: Vec<Message> = Vec::new();
    for view in views.iter().filter(|view| is_there(view)) {
        let enough = is_enough(&found);
        if enough && found.last().is_some_and(|oldest| oldest.created_at > view.active_at) {
            break;
        }
        let newest = Part { before: None, limit: ROWS };
        found.extend(chats::history(services, caller, view.chat.id, &newest).await?.0);
        found.sort_by_key(|message| Reverse((message.created_at, message.id)));
        let fitting = size::fitting(found.iter().map(Message::size), PAGE_BYTES);
        found.truncate(fitting.min(ROWS));
    }
    found.reverse();
    Ok(found)
}

/// Whether there are as many messages as are shown.
fn is_enough(found: &[Message]) -> bool {
    let bytes: usize = found.iter().map(Message::size).sum();
    found.len() >= ROWS || bytes >= PAGE_BYTES / 2
}
