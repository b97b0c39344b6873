//! The port of reactions, pins and stars: their store.

use super::{MarkRefusal, Marked, Message, Pin, React, Star, StarPage};
use crate::failure::{StoreError, WriteError};
use crate::ids::{ChatId, MessageId, UserId};
use async_trait::async_trait;

/// Stores reactions, pins and stars. Each call is one atomic change, which is durable once the call returns.
/// The rules decide in its transaction, under the lock of the message's chat. Every method may return
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MarkStore: Send + Sync {
    /// Sets or removes a reaction as [`React::decide`] says, and advances the chat's version by one. An emoji
    /// keeps its place among the message's emoji as long as anybody uses it; the people who use it are
    /// ordered by when they reacted.
    async fn react(&self, react: React) -> Result<Marked, WriteError<MarkRefusal>>;

    /// Pins or unpins a message as [`Pin::decide`] says, and advances the chat's version by one.
    async fn pin(&self, pin: Pin) -> Result<Marked, WriteError<MarkRefusal>>;

    /// A chat's pinned messages that the viewer sees, the most recently pinned first, read at once with whether they
    /// are in the chat. `NotFound` unless they are. Without a viewer all of them; none if there is no such chat.
    async fn pinned(
        &self,
        chat: ChatId,
        viewer: Option<UserId>,
    ) -> Result<Vec<Message>, StoreError>;

    /// Sets or removes a star as [`Star::decide`] says, and returns whether anything changed. The chat's version
    /// stays. `NotFound` if there is no such message.
    async fn star(&self, star: Star) -> Result<bool, WriteError<MarkRefusal>>;

    /// The messages before `before` that this person has starred and sees, in the chats that they are in now, the
    /// newest message first; with or without whispers.
    async fn starred(
        &self,
        user: UserId,
        whispers: bool,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<StarPage, StoreError>;

    /// Those of these messages that this person has starred, ordered by id.
    async fn stars_among(
        &self,
        user: UserId,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>, StoreError>;
}
