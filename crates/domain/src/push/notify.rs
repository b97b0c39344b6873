//! Which devices are notified of a message, and what a notification contains.
//!
//! A device is notified unless its owner wrote the message, has read it, has muted or archived the chat,
//! wants only mentions there and is not mentioned, or has blocked the author. Messages that do not count as
//! unread notify nobody. The server does not check whether a page is open on the device: the page's service
//! worker knows that better, and shows nothing to somebody who is looking at the chat.

use super::{Candidate, CandidateQuery, Content, Delivery, Pushes, Subscription, Told};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, Seq, SessionId, UserId};
use crate::limits::{PUSH_PAGE, PUSH_TEXT_CHARS};
use crate::message::Message;
use std::collections::{BTreeSet, HashSet};

/// A message that devices may have to be notified of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    message: MessageId,
    chat: ChatId,
    seq: Seq,
    author: UserId,
}

/// A notification to send to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The device.
    pub to: Subscription,
    /// The notification.
    pub told: Told,
}

/// A page of notifications to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePage {
    /// The notifications, ordered by session.
    pub due: Vec<Due>,
    /// Where to continue, if there may be more.
    pub next: Option<SessionId>,
}

impl Notice {
    /// The notice of a message that has just been sent.
    pub fn of(message: &Message) -> Self {
        let Message { id, chat, seq, author, .. } = message;
        Self { message: *id, chat: *chat, seq: *seq, author: *author }
    }

    /// The message's chat.
    pub fn chat(&self) -> ChatId {
        self.chat
    }

    fn concerns(&self, candidate: &Candidate, now: Timestamp) -> bool {
        let Candidate { read_seq, preferences, blocks_author, .. } = candidate;
        let is_muted = preferences.muted_until.is_some_and(|until| until > now);
        *read_seq < self.seq && !is_muted && !preferences.archived && !blocks_author
    }
}

/// Whether somebody wants to be notified of a message, given their preference for mentions in its chat.
fn is_wanted(message: &Message, candidate: &Candidate) -> bool {
    let user = candidate.subscription.user;
    let is_mentioned = || message.extras.mentions.contains(&user);
    !candidate.preferences.mentions_only || is_mentioned()
}

/// A device's notification of a message, with no more content than its owner allows.
fn told(message: &Message, sender: &str, content: Content) -> Told {
    let text = match content {
        Content::Sender => None,
        Content::SenderAndText => Some(beginning(&message.text)),
    };
    Told { chat: message.chat, seq: message.seq, sender: sender.to_owned(), text }
}

/// The beginning of a text, as much as a notification has room for.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(PUSH_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

impl Pushes {
    /// Which of the messages' chats have members with a subscription. One query answers this for many messages.
    pub async fn reachable(
        &self,
        notices: impl Iterator<Item = &Notice> + Send,
    ) -> Result<HashSet<ChatId>, StoreError> {
        let chats: BTreeSet<_> = notices.map(|notice| notice.chat).collect();
        let chats = chats.into_iter().collect();
        Ok(self.ports.subscriptions.reachable(chats).await?.into_iter().collect())
    }

    /// The notifications of a message that are due now, page by page, from a session on.
    pub async fn due(
        &self,
        notice: &Notice,
        from: Option<SessionId>,
    ) -> Result<DuePage, StoreError> {
        let from = from.unwrap_or(SessionId::stored(1));
        let (due, last) = self.due_from(notice, from, PUSH_PAGE).await?;
        Ok(DuePage { due, next: last.map(|last| SessionId::stored(last.get() + 1)) })
    }

    /// As [`Self::due`], for one device, before it is tried again.
    pub async fn still_due(
        &self,
        notice: &Notice,
        session: SessionId,
    ) -> Result<Option<Due>, StoreError> {
        let (due, _) = self.due_from(notice, session, 1).await?;
        Ok(due.into_iter().find(|due| due.to.session == session))
    }

    /// The notifications for the next `limit` candidates, and the last candidate's session if there may be more.
    /// The message is read again, so an edit is included, and a deleted message notifies nobody.
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

    /// Sends a notification. A subscription that no longer exists, or was refused
    /// [`crate::limits::PUSH_REFUSALS`] times in a row, is deleted, unless the device has a new one by now.
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
