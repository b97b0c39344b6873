//! What one's own data needs from the outside.

use super::LeftMessages;
use crate::admin::Record;
use crate::chat::Member;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{AttachmentId, ChatId, MessageId, Seq, UserId};
use crate::media::StoredAttachment;
use crate::message::{Emoji, Message};
use async_trait::async_trait;

/// A deletion that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingDeletion {
    /// Whose account it was.
    pub user: UserId,
    /// What becomes of their messages.
    pub messages: LeftMessages,
    /// When it was deleted.
    pub at: Timestamp,
}

/// A message that somebody has reacted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReactions {
    /// In which chat.
    pub chat: ChatId,
    /// Which.
    pub message: MessageId,
    /// With what, in the order in which the message has them.
    pub emoji: Vec<Emoji>,
}

/// What became of a place in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// It is as it was: it is to stay, or was left before.
    Stayed,
    /// It was left, as the chat's last version; before that the chat got a new owner, if need be.
    Left {
        /// The new owner.
        heir: Option<Member>,
        /// Who left: the chat, then the whispers in it.
        left: Vec<Member>,
    },
    /// The chat is gone, with the whispers in it.
    Dissolved(Vec<ChatId>),
}

/// Keeps what is somebody's own. Each call is one atomic change, and a change that returned is
/// there to stay. Every method may answer [`StoreError::Unavailable`].
///
/// Deleting an account is several of them, each as small as a chat, so that nothing waits for long:
/// [`Self::begin_deletion`] takes the account away at once, and what it left in chats follows. A
/// sequence that breaks off is found again by [`Self::pending_deletions`] and begun anew: what is
/// done already is passed over.
#[allow(clippy::too_many_arguments, reason = "whose, where, from where on, how many, and when")]
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OwnDataStore: Send + Sync {
    /// Takes an account away: its name (which is free then), its password, profile, role, last-seen
    /// time, sessions, what a host said of it, stars, blocks in both directions, avatar, and uploads that no message has; what
    /// is on its way in is not taken any more. It is inactive and called `deleted user`, which moves each chat that the person is in forward by one version; their memberships there are
    /// answered. Its direct chats are closed. The line of the log, if there is one, is written with
    /// it. `NotFound` if there is no such account, or it was deleted.
    async fn begin_deletion(
        &self,
        deletion: PendingDeletion,
        record: Option<Record>,
    ) -> Result<Vec<Member>, StoreError>;

    /// Deletions that have begun and not been finished, the one begun first first.
    async fn pending_deletions(&self, limit: usize) -> Result<Vec<PendingDeletion>, StoreError>;

    /// Every chat that somebody is in or was in, in the order of their ids, after the cursor.
    async fn chats(
        &self,
        user: UserId,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<Vec<ChatId>, StoreError>;

    /// The messages in a chat that somebody wrote, tombstones included, in the order of their seqs,
    /// after that one.
    async fn messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError>;

    /// The files that somebody uploaded and that are there, in messages or not, in the order of their
    /// ids, after that one.
    async fn files(
        &self,
        owner: UserId,
        after: Option<AttachmentId>,
        limit: usize,
    ) -> Result<Vec<StoredAttachment>, StoreError>;

    /// Makes tombstones of the next such messages that are none yet, each as a version of its own,
    /// and returns them. None are answered when there are no more.
    async fn delete_messages(
        &self,
        chat: ChatId,
        author: UserId,
        after: Seq,
        limit: usize,
        at: Timestamp,
    ) -> Result<Vec<Message>, StoreError>;

    /// The messages that somebody has reacted to, in any chat, in the order of their ids, after that one.
    async fn reactions(
        &self,
        user: UserId,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<OwnReactions>, StoreError>;

    /// Takes all of somebody's reactions off those of the messages that are in that chat, whether or not
    /// they are in it themselves, and returns the messages that had any, each as a version of its own.
    async fn remove_reactions(
        &self,
        chat: ChatId,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<Message>, StoreError>;

    /// Gives up somebody's place in a chat as [`super::succession::succession`] decides, over those
    /// others whose accounts are there.
    async fn withdraw(
        &self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Withdrawal, StoreError>;

    /// Notes that a deletion is finished.
    async fn finish_deletion(&self, user: UserId) -> Result<(), StoreError>;
}
