//! Catching up over the socket.

use super::calls::Client;
use super::metrics::Resumes;
use super::wire::Resumed;
use crate::native::wire::Changes;
use domain::chat::{ChangesError, GetError};
use domain::failure::Failure;
use domain::ids::{ChatId, Version};
use domain::limits::{PAGE_BYTES, PAGE_MAX, RESUME_CHATS};
use http_core::body;
use http_core::problem::Problem;
use std::collections::BTreeMap;

/// Changes in one answer, at about which it counts as full.
const CHANGES: usize = 1_000;

/// Where a client is with a chat after the answer.
pub(super) struct Reached {
    pub(super) chat: ChatId,
    /// `None` when it has to ask again before pushes go on.
    pub(super) version: Option<Version>,
}

/// What changed in each of these chats since the version that the client has of it.
pub(super) async fn resume(
    client: &Client,
    chats: BTreeMap<String, i64>,
) -> Result<(Resumed, Vec<Reached>), Problem> {
    if chats.len() > RESUME_CHATS {
        let detail = format!("A resume names {RESUME_CHATS} chats at most.");
        return Err(Problem::field("chats", "too_many_chats", detail));
    }
    let wanted = chats.iter().map(|(chat, version)| {
        Ok((body::id::<ChatId>("chats", chat)?, body::number::<Version>("chats", *version)?))
    });
    let wanted = wanted.collect::<Result<Vec<_>, Problem>>()?;
    let (mut resumed, mut reached) = (Resumed::default(), Vec::new());
    let (mut room, mut bytes, metrics) = (CHANGES, PAGE_BYTES, Resumes::get());
    for (chat, since) in wanted {
        if room == 0 || bytes == 0 {
            resumed.chats.insert(chat.get(), Changes::none_since(since.get()));
            reached.push(Reached { chat, version: None });
            continue;
        }
        let limit = room.min(PAGE_MAX);
        match client.services.chats.changes(&client.caller, chat, since, limit).await {
            Ok(changes) => {
                let changes = changes.within(bytes);
                bytes = bytes.saturating_sub(changes.size());
                if changes.more { &metrics.more } else { &metrics.caught_up }.increment(1);
                room = room.saturating_sub(changes.members.len() + changes.messages.len());
                resumed.chats.insert(chat.get(), Changes::from(&changes));
                let version = Some(changes.version).filter(|_| !changes.more);
                reached.push(Reached { chat, version });
            }
            Err(ChangesError::VersionAhead) => {
                metrics.reset.increment(1);
                resumed.reset.push(chat.get());
            }
            Err(ChangesError::Chat(GetError::NotFound)) => {
                metrics.gone.increment(1);
                resumed.gone.push(chat.get());
            }
            Err(error) => {
                metrics.failed.increment(1);
                return Err(Failure::from(error).into());
            }
        }
    }
    Ok((resumed, reached))
}
