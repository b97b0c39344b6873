//! Catching up over the socket.

use super::calls::Client;
use super::metrics::Resumes;
use super::wire::Resumed;
use crate::native::wire::Changes;
use domain::chat::{self, ChangesError, GetError};
use domain::failure::Failure;
use domain::ids::{ChatId, Version};
use domain::limits::{PAGE_BYTES, PAGE_MAX, RESUME_CHATS};
use http_core::body;
use http_core::problem::Problem;
use http_core::rate_limit::Class;
use std::collections::BTreeMap;

/// Changes in one answer, at about which it counts as full.
const CHANGES: usize = 1_000;

/// Where a client is with a chat after the answer.
pub(super) struct Reached {
    pub(super) chat: ChatId,
    /// `None` when it has to ask again before pushes go on.
    pub(super) version: Option<Version>,
}

/// An answer in the making.
struct Resuming {
    resumed: Resumed,
    reached: Vec<Reached>,
    /// Changes that still fit.
    room: usize,
    /// Bytes that still fit.
    bytes: usize,
}

/// What changed in each of these chats since the version that the client has of it. The frame was counted
/// as one request; each further chat in which something changed counts as one more, and those that
/// are too many are to be asked for again.
pub(super) async fn resume(
    client: &Client,
    chats: BTreeMap<String, i64>,
) -> Result<(Resumed, Vec<Reached>), Problem> {
    let wanted = wanted(&chats)?;
    let (chats, caller) = (&client.services.chats, &client.caller);
    let unchanged = chats.unchanged(caller, &wanted).await.map_err(Failure::from)?;
    let (resumed, reached) = (Resumed::default(), Vec::new());
    let mut answer = Resuming { resumed, reached, room: CHANGES, bytes: PAGE_BYTES };
    let mut is_first = true;
    for (chat, since) in wanted {
        if unchanged.contains(&chat) {
            answer.add(chat, &chat::Changes::none(since));
            continue;
        }
        if !std::mem::take(&mut is_first) && client.count(Class::Other).is_err() {
            answer.room = 0;
        }
        if answer.is_full() {
            answer.leave_out(chat, since);
            continue;
        }
        let changes = chats.changes(caller, chat, since, answer.room.min(PAGE_MAX)).await;
        answer.take(chat, changes)?;
    }
    Ok((answer.resumed, answer.reached))
}

fn wanted(chats: &BTreeMap<String, i64>) -> Result<Vec<(ChatId, Version)>, Problem> {
    if chats.len() > RESUME_CHATS {
        let detail = format!("A resume names {RESUME_CHATS} chats at most.");
        return Err(Problem::field("chats", "too_many_chats", detail));
    }
    let wanted = chats.iter().map(|(chat, version)| {
        Ok((body::id::<ChatId>("chats", chat)?, body::number::<Version>("chats", *version)?))
    });
    wanted.collect()
}

impl Resuming {
    fn is_full(&self) -> bool {
        self.room == 0 || self.bytes == 0
    }

    fn leave_out(&mut self, chat: ChatId, since: Version) {
        self.resumed.chats.insert(chat.get(), Changes::none_since(since.get()));
        self.reached.push(Reached { chat, version: None });
    }

    fn take(
        &mut self,
        chat: ChatId,
        changes: Result<chat::Changes, ChangesError>,
    ) -> Result<(), Problem> {
        let metrics = Resumes::get();
        match changes {
            Ok(changes) => self.add(chat, &changes.within(self.bytes)),
            Err(ChangesError::VersionAhead) => {
                metrics.reset.increment(1);
                self.resumed.reset.push(chat.get());
            }
            Err(ChangesError::Chat(GetError::NotFound)) => {
                metrics.gone.increment(1);
                self.resumed.gone.push(chat.get());
            }
            Err(error) => {
                metrics.failed.increment(1);
                return Err(Failure::from(error).into());
            }
        }
        Ok(())
    }

    fn add(&mut self, chat: ChatId, changes: &chat::Changes) {
        let metrics = Resumes::get();
        if changes.more { &metrics.more } else { &metrics.caught_up }.increment(1);
        self.bytes = self.bytes.saturating_sub(changes.size());
        self.room = self.room.saturating_sub(changes.members.len() + changes.messages.len());
        self.resumed.chats.insert(chat.get(), Changes::from(changes));
        let version = Some(changes.version).filter(|_| !changes.more);
        self.reached.push(Reached { chat, version });
    }
}
