//! Who is told of a message, and of what of it.
//!
//! A device is told unless its owner wrote the message, has read it, has muted the chat or put it
//! out of the way, wants to be told of mentions there only and is not mentioned, or wants nothing of the
//! author. Nobody is told of what does not count as unread. Whether a page is open on it is not asked: the
//! page's worker knows that better than a server, and shows nothing to who is looking.

use super::{Candidate, CandidateQuery, Content, Delivery, Pushes, Subscription, Told};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, Seq, SessionId, UserId};
use crate::limits::{PUSH_PAGE, PUSH_TEXT_CHARS};
use crate::message::Message;
use std::collections::{BTreeSet, HashSet};

/// A message that devices are to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    message: MessageId,
    chat: ChatId,
    seq: Seq,
    author: UserId,
}

/// Something to be sent to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The device.
    pub to: Subscription,
    /// What it is told.
    pub told: Told,
}

/// Devices to be told, and from which session on there may be more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePage {
    /// In the order of their sessions.
    pub due: Vec<Due>,
    /// What to ask for next.
    pub next: Option<SessionId>,
}

impl Notice {
    /// Of a message that has just been sent.
    pub fn of(message: &Message) -> Self {
        let Message { id, chat, seq, author, .. } = message;
        Self { message: *id, chat: *chat, seq: *seq, author: *author }
    }

    /// Where the message is.
    pub fn chat(&self) -> ChatId {
        self.chat
    }

    fn concerns(&self, candidate: &Candidate, now: Timestamp) -> bool {
        let Candidate { read_seq, preferences, blocks_author, .. } = candidate;
        let is_muted = preferences.muted_until.is_some_and(|until| until > now);
        *read_seq < self.seq && !is_muted && !preferences.archived && !blocks_author
    }
}

/// Whether a message is news for somebody, given what they want of its chat.
fn is_wanted(message: &Message, candidate: &Candidate) -> bool {
    let user = candidate.subscription.user;
    let is_mentioned = || message.extras.mentions.contains(&user);
    !candidate.preferences.mentions_only || is_mentioned()
}

/// What a device is told of a message: no more than its owner allows.
fn told(message: &Message, sender: &str, content: Content) -> Told {
    let text = match content {
        Content::Sender => None,
        Content::SenderAndText => Some(beginning(&message.text)),
    };
    Told { chat: message.chat, seq: message.seq, sender: sender.to_owned(), text }
}

/// So much of a text as a notification has room for.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(PUSH_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

impl Pushes {
    /// Those of the messages' chats in which anybody might be told: with one look at many of them.
    pub async fn reachable(
        &self,
        notices: impl Iterator<Item = &Notice> + Send,
    ) -> Result<HashSet<ChatId>, StoreError> {
        let chats: BTreeSet<_> = notices.map(|notice| notice.chat).collect();
        let chats = chats.into_iter().collect();
        Ok(self.ports.subscriptions.reachable(chats).await?.into_iter().collect())
    }

    /// The devices to be told of a message as things are now, from a session on, page by page.
    pub async fn due(
        &self,
        notice: &Notice,
        from: Option<SessionId>,
    ) -> Result<DuePage, StoreError> {
        let from = from.unwrap_or(SessionId::stored(1));
        let (due, last) = self.due_from(notice, from, PUSH_PAGE).await?;
        Ok(DuePage { due, next: last.map(|last| SessionId::stored(last.get() + 1)) })
    }

    /// The same for one device, before it is told once more.
    pub async fn still_due(
        &self,
        notice: &Notice,
        session: SessionId,
    ) -> Result<Option<Due>, StoreError> {
        let (due, _) = self.due_from(notice, session, 1).await?;
        Ok(due.into_iter().find(|due| due.to.session == session))
    }

    /// Who of at most so many candidates is told, and the last one if there may be more. The message is
    /// told as it is by now; nobody is told of one that was deleted.
    async fn due_from(
        &self,
        notice: &Notice,
        from: SessionId,
        limit: usize,
    ) -> Result<(Vec<Due>, Option<SessionId>), StoreError> {
        let now = self.ports.clock.now();
        let Notice { chat, author, .. } = *notice;
        let query = CandidateQuery { chat, author, from, now, limit };
        let mut candidates = self.ports.subscriptions.candidates(query).await?;
        let is_full = candidates.len() >= limit;
        let last = candidates.last().filter(|_| is_full).map(|last| last.subscription.session);
        candidates.retain(|candidate| notice.concerns(candidate, now));
        if candidates.is_empty() {
            return Ok((Vec::new(), last));
        }
        let message = match self.ports.messages.get(notice.message).await {
            Ok(message) if message.deleted_at.is_none() && message.kind.counts_as_unread() => {
                message
            }
            Ok(_) | Err(StoreError::NotFound) => return Ok((Vec::new(), None)),
            Err(error) => return Err(error),
        };
        candidates.retain(|candidate| is_wanted(&message, candidate));
        let author = self.ports.users.get(author).await?;
        let due = candidates.into_iter().map(|Candidate { subscription: to, .. }| Due {
            told: told(&message, author.name.as_str(), to.content),
            to,
        });
        Ok((due.collect(), last))
    }

    /// Sends something to a device. A subscription that is gone, or was refused [`crate::limits::PUSH_REFUSALS`] times in a
    /// row, is forgotten, unless the device has another one by now.
    pub async fn deliver(&self, due: &Due) -> Result<Delivery, StoreError> {
        let delivery = self.ports.sender.send(&due.to, &due.told).await;
        let session = due.to.session;
        let is_over = match delivery {
            Delivery::Gone => true,
            Delivery::Refused => self.refusals.count(session),
            Delivery::Later(_) => false,
            Delivery::Taken => {
                self.refusals.forget(session);
                false
            }
        };
        if is_over {
            self.refusals.forget(session);
            let endpoint = Some(due.to.endpoint.clone());
            self.ports.subscriptions.remove(session, endpoint).await?;
        }
        Ok(delivery)
    }
}
