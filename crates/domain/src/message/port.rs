//! What messages need from the outside.

use super::{Draft, Message, MessagePage, MessageText, Page, SendRefusal};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId};
use async_trait::async_trait;

/// A message that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The message as it is now.
    pub message: Message,
    /// Whether it was stored before, by an earlier call with the same client id.
    pub replayed: bool,
}

/// Why a message was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] SendRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps messages. Each call is one atomic change, and a change that returned is there to stay.
/// Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores a message at the next `seq` of its chat and moves the chat's version, and the time
    /// of its last activity, forward.
    ///
    /// [`Draft::admit`] decides, over what is true in the transaction that numbers the message: so
    /// nobody gets a message in who has left, and of several calls with one client id one stores
    /// the message and the others answer it. A refusal uses up no `seq` and no version. Seqs and
    /// versions are given out in the order of the commits. Calls may be written together; one
    /// that fails does not touch the others.
    ///
    /// When the caller stops waiting, the message is stored whole or not at all.
    async fn append(&self, draft: Draft) -> Result<Appended, AppendError>;

    /// The message, perhaps a tombstone. `NotFound` if there is none.
    async fn get(&self, id: MessageId) -> Result<Message, StoreError>;

    /// A page of a chat's messages, tombstones included, in the order of their seqs; empty if
    /// there is no such chat.
    async fn page(&self, chat: ChatId, page: Page, limit: usize)
    -> Result<MessagePage, StoreError>;

    /// Sets a message's text and moves the chat's version forward by one. `NotFound` if there is
    /// no such message; `Conflict` if it is a tombstone.
    async fn edit(
        &self,
        id: MessageId,
        text: MessageText,
        at: Timestamp,
    ) -> Result<Message, StoreError>;

    /// Leaves a tombstone: the text is gone with all that hung on the message, and the chat's
    /// version moves forward by one.
    /// `NotFound` if there is no such message; `Conflict` if it is a tombstone already.
    async fn delete(&self, id: MessageId, at: Timestamp) -> Result<Message, StoreError>;
}
