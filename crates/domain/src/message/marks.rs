//! What people put on messages.

use super::{MarkRefusal, Marked, Message, Pin, React, Star, StarPage};
use crate::failure::{StoreError, WriteError};
use crate::ids::{ChatId, MessageId, UserId};
use async_trait::async_trait;

/// Keeps what people put on messages. Each call is one atomic change, and a change that returned is
/// there to stay. The rules are asked in the transaction that makes it, over what is true once the
/// message's chat is locked. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MarkStore: Send + Sync {
    /// Sets or takes back a reaction as [`React::decide`] says, and moves the chat's version
    /// forward by one. An emoji keeps its place among the others while anybody uses it; who uses it
    /// is in the order in which they came.
    async fn react(&self, react: React) -> Result<Marked, WriteError<MarkRefusal>>;

    /// Pins a message or takes it down as [`Pin::decide`] says, and moves the chat's version
    /// forward by one.
    async fn pin(&self, pin: Pin) -> Result<Marked, WriteError<MarkRefusal>>;

    /// The pinned messages of a chat, the one pinned last first; none if there is no such chat.
    async fn pinned(&self, chat: ChatId) -> Result<Vec<Message>, StoreError>;

    /// Sets or takes back a star as [`Star::decide`] says. The chat's version stays. Returns whether
    /// anything changed. `NotFound` if there is no such message.
    async fn star(&self, star: Star) -> Result<bool, WriteError<MarkRefusal>>;

    /// The messages with this person's star in the chats that they are in now, the newest message
    /// first, those before `before`; with or without those that were whispered.
    async fn starred(
        &self,
        user: UserId,
        whispers: bool,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<StarPage, StoreError>;

    /// Those of these messages that have this person's star, in the order of their ids.
    async fn stars_among(
        &self,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError>;
}
