//! `resume`: catching up over the socket.

use super::calls::Client;
use super::metrics::Resumes;
use super::wire::Resumed;
use crate::native::references::read;
use crate::native::wire::{Changes, GivenChat};
use domain::chat::{self, ChangesError, GetError};
use domain::failure::Failure;
use domain::host::Reference;
use domain::ids::{ChatId, Version};
use domain::limits::{PAGE_BYTES, PAGE_MAX, RESUME_CHATS};
use http_core::body;
use http_core::problem::Problem;
use http_core::rate_limit::Class;
use std::collections::BTreeMap;

/// The approximate number of changes at which an answer counts as full.
const CHANGES: usize = 1_000;

/// Up to where a client has a chat after the answer.
pub(super) struct Reached {
    pub(super) chat: ChatId,
    /// `None` if the client has to ask again before it gets further events of the chat.
    pub(super) version: Option<Version>,
}

/// An answer while it is being made.
struct Resuming {
    resumed: Resumed,
    reached: Vec<Reached>,
    /// Changes that still fit.
    room: usize,
    /// Bytes that still fit.
    bytes: usize,
}

/// The changes of each of these chats since the client's version of it. The frame was counted as one request.
/// Each further chat with changes counts as another one; chats above the rate limit have to be asked for
/// again.
pub(super) async fn resume(
    client: &Client,
    chats: BTreeMap<String, i64>,
) -> Result<(Resumed, Vec<Reached>), Problem> {
    let wanted = wanted(client, &chats).await?;
    let (chats, caller) = (&client.services.chats, &client.caller);
    let copies: Vec<_> = wanted.iter().map(|copy| (copy.chat, copy.since)).collect();
    let unchanged = chats.unchanged(caller, &copies).await.map_err(Failure::from)?;
    let (resumed, reached) = (Resumed::default(), Vec::new());
    let mut answer = Resuming { resumed, reached, room: CHANGES, bytes: PAGE_BYTES };
    let mut is_first = true;
    for copy in wanted {
        let Held { chat, since, .. } = copy;
        if unchanged.contains(&(chat, since)) {
            answer.add(copy, &chat::Changes::none(since));
            continue;
        }
        if !std::mem::take(&mut is_first) && client.count(Class::Other).is_err() {
            answer.room = 0;
        }
        if answer.is_full() {
            answer.leave_out(copy);
            continue;
        }
        let changes = chats.changes(caller, chat, since, answer.room.min(PAGE_MAX)).await;
        answer.take(copy, changes)?;
    }
    // If a chat was named twice, an incomplete copy decides, so it comes last.
    answer.reached.sort_by_key(|reached| reached.version.is_none());
    Ok((answer.resumed, answer.reached))
}

/// A chat that the client has.
struct Held {
    chat: ChatId,
    /// The id that the client named it by.
    name: GivenChat,
    /// The client's version of it.
    since: Version,
}

async fn wanted(client: &Client, chats: &BTreeMap<String, i64>) -> Result<Vec<Held>, Problem> {
    if chats.len() > RESUME_CHATS {
        let detail = format!("A resume names {RESUME_CHATS} chats at most.");
        return Err(Problem::field("chats", "too_many_chats", detail));
    }
    let (mut named, mut copies) = (Vec::new(), Vec::new());
    for (text, version) in chats {
        let chat = read::<ChatId>("chats", text.parse())?;
        let name = match &chat {
            Reference::Id(id) => GivenChat::Number(id.get()),
            Reference::External(_) => GivenChat::External(text.clone()),
        };
        copies.push((name, body::number::<Version>("chats", *version)?));
        named.push(chat);
    }
    let external_ids = &client.services.external_ids;
    let found = external_ids.chats(&client.caller, named).await.map_err(Failure::from)?;
    let copies = found.into_iter().zip(copies);
    Ok(copies.map(|(chat, (name, since))| Held { chat, name, since }).collect())
}

impl Resuming {
    fn is_full(&self) -> bool {
        self.room == 0 || self.bytes == 0
    }

    fn leave_out(&mut self, Held { chat, name, since }: Held) {
        self.resumed.chats.insert(name, Changes::none_since(since.get()));
        self.reached.push(Reached { chat, version: None });
    }

    fn take(
        &mut self,
        copy: Held,
        changes: Result<chat::Changes, ChangesError>,
    ) -> Result<(), Problem> {
        let metrics = Resumes::get();
        match changes {
            Ok(changes) => self.add(copy, &changes.within(self.bytes)),
            Err(ChangesError::VersionAhead) => {
                metrics.reset.increment(1);
                self.resumed.reset.push(copy.name);
            }
            Err(ChangesError::Chat(GetError::NotFound)) => {
                metrics.gone.increment(1);
                self.resumed.gone.push(copy.name);
            }
            Err(error) => {
                metrics.failed.increment(1);
                return Err(Failure::from(error).into());
            }
        }
        Ok(())
    }

    fn add(&mut self, Held { chat, name, .. }: Held, changes: &chat::Changes) {
        let metrics = Resumes::get();
        if changes.more { &metrics.more } else { &metrics.caught_up }.increment(1);
        self.bytes = self.bytes.saturating_sub(changes.size());
        self.room = self.room.saturating_sub(changes.members.len() + changes.messages.len());
        self.resumed.chats.insert(name, Changes::from(changes));
        let version = Some(changes.version).filter(|_| !changes.more);
        self.reached.push(Reached { chat, version });
    }
}
