//! What people put on messages.

use super::{Message, Pin, React, Star, StarPage};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, MessageId, UserId};
use crate::limits;
use crate::message::NotAnEmoji;
use async_trait::async_trait;

/// Why something was not put on a message, given what is true in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkRefusal {
    /// It is a tombstone.
    #[error("The message has been deleted.")]
    Deleted,
    /// It has as many different emoji as a message may have.
    #[error("A message has {} different emoji at most.", limits::REACTION_KINDS)]
    TooManyEmoji,
    /// It has as many reactions as a message may have.
    #[error("A message has {} reactions at most.", limits::REACTIONS_PER_MESSAGE)]
    TooManyReactions,
    /// Its chat has as many pinned messages as it may have.
    #[error("A chat has {} pinned messages at most.", limits::PINS_PER_CHAT)]
    TooManyPins,
    /// The person has as many stars as one may have.
    #[error("You have {} starred messages at most.", limits::STARS_PER_USER)]
    TooManyStars,
}

impl MarkRefusal {
    /// The word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Deleted => "message_deleted",
            Self::TooManyEmoji => "too_many_emoji",
            Self::TooManyReactions => "too_many_reactions",
            Self::TooManyPins => "too_many_pins",
            Self::TooManyStars => "too_many_stars",
        }
    }
}

/// Why a store did not put something on a message.
#[derive(Debug, thiserror::Error)]
pub enum MarkFailure {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] MarkRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message that was changed. `None` in its place means that there was nothing to change, and then
/// the chat's version stayed.
pub type Marked = Option<Message>;

/// Keeps what people put on messages. Each call is one atomic change, and a change that returned is
/// there to stay. The rules are asked in the transaction that makes it. Every method may answer
/// [`StoreError::Unavailable`], and `NotFound` if there is no such message.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MarkStore: Send + Sync {
    /// Sets or takes back a reaction as [`React::admit`] decides, and moves the chat's version
    /// forward by one. An emoji keeps its place among the others while anybody uses it; who uses it
    /// is in the order in which they came.
    async fn react(&self, react: React) -> Result<Marked, MarkFailure>;

    /// Pins a message or takes it down as [`Pin::admit`] decides, and moves the chat's version
    /// forward by one.
    async fn pin(&self, pin: Pin) -> Result<Marked, MarkFailure>;

    /// The pinned messages of a chat, the one pinned last first; none if there is no such chat.
    async fn pinned(&self, chat: ChatId) -> Result<Vec<Message>, StoreError>;

    /// Sets or takes back a star as [`Star::admit`] decides. The chat's version stays. Answers
    /// whether anything changed.
    async fn star(&self, star: Star) -> Result<bool, MarkFailure>;

    /// The messages with this person's star in the chats that they are in now, the newest message
    /// first, those before `before`.
    async fn starred(
        &self,
        user: UserId,
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

/// Why something was not put on a message.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// There is no such message, or the caller is not in its chat: which of them is nobody's
    /// business.
    #[error("There is no such message.")]
    NotFound,
    /// What was sent is not one emoji.
    #[error("The emoji {0}.")]
    Emoji(#[from] NotAnEmoji),
    /// The caller's role in the chat does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// The chat is closed.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The rules refuse it.
    #[error(transparent)]
    Refused(MarkRefusal),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for MarkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<MarkFailure> for MarkError {
    fn from(failure: MarkFailure) -> Self {
        match failure {
            MarkFailure::Refused(why) => Self::Refused(why),
            MarkFailure::Store(error) => error.into(),
        }
    }
}

impl From<MarkError> for Failure {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::NotFound => Self::new(Kind::NotFound, "message_not_found", error),
            MarkError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
            MarkError::Emoji(_) => Self::field("emoji", "not_an_emoji", error),
            MarkError::PeerUnavailable => Self::new(Kind::Forbidden, "peer_unavailable", error),
            MarkError::Refused(why) => Self::new(Kind::Conflict, why.code(), error),
            MarkError::Store(error) => error.into(),
        }
    }
}
