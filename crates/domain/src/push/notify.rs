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
use std::collections::{BTreeSet, HashMap, HashSet};

/// A message that devices may have to be notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    message: MessageId,
    chat: ChatId,
    seq: Seq,
    author: UserId,
}

/// A notification to send to a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The message.
    pub notice: Notice,
    /// The device.
    pub to: Subscription,
    /// The notification.
    pub told: Told,
}

/// A page of notifications to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePage {
    /// The notifications: those of each message, ordered by session.
    pub due: Vec<Due>,
    /// Where to continue, if there may be more.
    pub next: Option<SessionId>,
}

/// Messages of one chat whose notifications are sent together.
#[derive(Debug)]
pub struct Burst {
    chat: ChatId,
    messages: Vec<(Notice, Read)>,
}

/// A message of a burst, which is read once somebody may have to be told of it.
#[derive(Debug)]
enum Read {
    NotYet,
    /// It notifies nobody.
    Gone,
    /// The message, and its author's name.
    There(Box<Message>, String),
}

impl Burst {
    /// These messages, with those of each chat together, in the order of each one's first message.
    pub fn gather(notices: impl IntoIterator<Item = Notice>) -> Vec<Self> {
        let mut bursts = Vec::<Self>::new();
        let mut places = HashMap::new();
        for notice in notices {
            let place = *places.entry(notice.chat).or_insert(bursts.len());
            if place == bursts.len() {
                bursts.push(Self { chat: notice.chat, messages: Vec::new() });
            }
            bursts[place].messages.push((notice, Read::NotYet));
        }
        bursts
    }
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
        let Candidate { subscription, read_seq, preferences, blocked } = candidate;
        let is_muted = preferences.muted_until.is_some_and(|until| until > now);
        let is_another = subscription.user != self.author && !blocked.contains(&self.author);
        *read_seq < self.seq && !is_muted && !preferences.archived && is_another
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

    /// The notifications of a burst that are due now, page by page, from a session on. Its recipients are listed
    /// once, however many messages it has.
    pub async fn due(
        &self,
        burst: &mut Burst,
        from: Option<SessionId>,
    ) -> Result<DuePage, StoreError> {
        let from = from.unwrap_or(SessionId::stored(1));
        let (due, last) = self.due_from(burst, from, PUSH_PAGE).await?;
        Ok(DuePage { due, next: last.map(|last| SessionId::stored(last.get() + 1)) })
    }

    /// As [`Self::due`], of one message for one device, before it is tried again.
    pub async fn still_due(
        &self,
        notice: Notice,
        session: SessionId,
    ) -> Result<Option<Due>, StoreError> {
        let mut burst = Burst { chat: notice.chat, messages: vec![(notice, Read::NotYet)] };
        let (due, _) = self.due_from(&mut burst, session, 1).await?;
        Ok(due.into_iter().find(|due| due.to.session == session))
    }

    /// The notifications for the next `limit` candidates, and the last candidate's session if there may be more.
    async fn due_from(
        &self,
        burst: &mut Burst,
        from: SessionId,
        limit: usize,
    ) -> Result<(Vec<Due>, Option<SessionId>), StoreError> {
        let (chat, now) = (burst.chat, self.ports.clock.now());
        let authors: BTreeSet<_> = burst.messages.iter().map(|(notice, _)| notice.author).collect();
        let authors = authors.into_iter().collect();
        let query = CandidateQuery { chat, authors, from, now, limit };
        let candidates = self.ports.subscriptions.candidates(query).await?;
        let is_full = candidates.len() >= limit;
        let last = candidates.last().filter(|_| is_full).map(|last| last.subscription.session);
        let mut due = Vec::new();
        for (notice, read) in &mut burst.messages {
            let concerned: Vec<_> =
                candidates.iter().filter(|candidate| notice.concerns(candidate, now)).collect();
            if concerned.is_empty() {
                continue;
            }
            if matches!(read, Read::NotYet) {
                *read = self.read(*notice).await?;
            }
            let Read::There(message, sender) = read else { continue };
            let wanted = concerned.into_iter().filter(|candidate| is_wanted(message, candidate));
            due.extend(wanted.map(|Candidate { subscription: to, .. }| Due {
                notice: *notice,
                to: to.clone(),
                told: told(message, sender, to.content),
            }));
        }
        let is_over = burst.messages.iter().all(|(_, read)| matches!(read, Read::Gone));
        Ok((due, last.filter(|_| !is_over)))
    }

    /// The message is read again, so an edit is included, and a deleted message notifies nobody.
    async fn read(&self, notice: Notice) -> Result<Read, StoreError> {
        let message = match self.ports.messages.get(notice.message).await {
            Ok(message) if message.deleted_at.is_none() && message.kind.counts_as_unread() => {
                message
            }
            Ok(_) | Err(StoreError::NotFound) => return Ok(Read::Gone),
            Err(error) => return Err(error),
        };
        let author = self.ports.users.get(notice.author).await?;
        Ok(Read::There(Box::new(message), author.name.as_str().to_owned()))
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
