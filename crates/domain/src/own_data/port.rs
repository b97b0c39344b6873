//! The port of users' own data.

use super::LeftMessages;
use crate::admin::Record;
use crate::chat::Member;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{AttachmentId, ChatId, MessageId, Seq, UserId};
use crate::media::StoredAttachment;
use crate::message::{Emoji, Message};
use async_trait::async_trait;

/// An account's deletion that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingDeletion {
    /// The account.
    pub user: UserId,
    /// What becomes of its messages.
    pub messages: LeftMessages,
    /// When the deletion began.
    pub at: Timestamp,
}

/// A message that somebody has reacted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReactions {
    /// In which chat.
    pub chat: ChatId,
    /// The message.
    pub message: MessageId,
    /// Their reactions, in the order in which the message shows them.
    pub emoji: Vec<Emoji>,
}

/// What became of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// Nothing: it has to stay, or had been left before.
    Stayed,
    /// It was left. If the person owned the chat, it got a new owner first, as an earlier version.
    Left {
        /// The new owner, if there had to be one.
        heir: Option<Box<Member>>,
        /// The memberships that were left: the chat's, then those of its whispers.
        left: Vec<Member>,
    },
    /// The chat was deleted, with the whispers in it.
    Dissolved(Vec<ChatId>),
}

/// Reads and deletes users' own data. Each call is one atomic change, which is durable once the call returns.
/// Every method may return [`StoreError::Unavailable`].
///
/// Deleting an account takes several calls, each for one chat, so that nothing waits for long:
/// [`Self::begin_deletion`] removes the account at once, and what it left in chats follows. After an
/// interruption, [`Self::pending_deletions`] finds the deletion, which is then repeated and skips what is
/// already done.
#[allow(clippy::too_many_arguments, reason = "whose, where, from where on, how many, and when")]
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OwnDataStore: Send + Sync {
    /// Deletes an account's own data: its name (which others may then take), password, profile, role,
    /// last-seen time, sessions, data from a host, stars, blocks in both directions, avatar, and uploads that
    /// are in no message; uploads in progress will be refused. The account becomes inactive and is called
    /// `deleted user`, which gives each of its chats a new version; returns its memberships there. Its direct
    /// chats are closed. `record`, if there is one, is written in the same change. `NotFound` if there is no
    /// such account, or it was deleted.
    async fn begin_deletion(
        &self,
        deletion: PendingDeletion,
        record: Option<Record>,
    ) -> Result<Vec<Member>, StoreError>;

    /// Deletions that have begun and are not finished, the oldest first.
    async fn pending_deletions(&self, limit: usize) -> Result<Vec<PendingDeletion>, StoreError>;

    /// The chats that somebody is or was a member of, ordered by id, after the cursor.
    async fn chats(
        &self,
        user: UserId,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<Vec<ChatId>, StoreError>;

    /// The messages that somebody wrote in a chat, including tombstones, ordered by seq, after that one.
    async fn messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError>;

    /// Somebody's uploads that still exist, in messages or not, ordered by id, after that one.
    async fn files(
        &self,
        owner: UserId,
        after: Option<AttachmentId>,
        limit: usize,
    ) -> Result<Vec<StoredAttachment>, StoreError>;

    /// Turns the next of somebody's messages in a chat into tombstones, each with its own version, and returns
    /// them; nothing if there are no more.
    async fn delete_messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
        at: Timestamp,
    ) -> Result<Vec<Message>, StoreError>;

    /// The messages in all chats that somebody has reacted to, ordered by id, after that one.
    async fn reactions(
        &self,
        user: UserId,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<OwnReactions>, StoreError>;

    /// Removes all of somebody's reactions from those of the messages that are in that chat, whether or not they
    /// are a member, and returns the messages that had any, each with its own version.
    async fn remove_reactions(
        &self,
        chat: ChatId,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<Message>, StoreError>;

    /// Ends somebody's membership as [`super::succession::succession`] decides, given the other members whose
    /// accounts are not deleted.
    async fn withdraw(
        &self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Withdrawal, StoreError>;

    /// Deletes somebody's requests that may be repeated ([`crate::idempotency`]), with their answers: `limit` of them
    /// at most. Whether there may be more.
    async fn delete_requests(&self, user: UserId, limit: usize) -> Result<bool, StoreError>;

    /// Records that a deletion is finished.
    async fn finish_deletion(&self, user: UserId) -> Result<(), StoreError>;
}
