//! The results of reacting to, pinning and starring messages, and the reasons for refusals.

use super::{Message, NotAnEmoji};
use crate::chat::Restriction;
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::limits;

/// Why a reaction, a pin or a star is not set or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkRefusal {
    /// There is no such message, or the actor is not in its chat. The actor must not learn which.
    #[error("There is no such message.")]
    NotFound,
    /// The actor's role in the chat does not allow it.
    #[error("Your role in this chat does not allow this.")]
    NotAllowed,
    /// The chat is closed.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The settings of the chat do not let the actor do it, or they are silenced.
    #[error(transparent)]
    Restricted(#[from] Restriction),
    /// What was sent is not one emoji.
    #[error("The emoji {0}.")]
    Emoji(#[from] NotAnEmoji),
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

/// Why a reaction, a pin or a star was not set or removed.
pub type MarkError = WriteError<MarkRefusal>;

impl From<MarkRefusal> for Failure {
    fn from(refusal: MarkRefusal) -> Self {
        use MarkRefusal as Why;
        match refusal {
            Why::NotFound => Self::new(Kind::NotFound, "message_not_found", refusal),
            Why::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", refusal),
            Why::PeerUnavailable => Self::new(Kind::Forbidden, "peer_unavailable", refusal),
            Why::Restricted(why) => why.into(),
            Why::Emoji(_) => Self::field("emoji", "not_an_emoji", refusal),
            Why::Deleted => Self::new(Kind::Conflict, "message_deleted", refusal),
            Why::TooManyEmoji => Self::new(Kind::Conflict, "too_many_emoji", refusal),
            Why::TooManyReactions => Self::new(Kind::Conflict, "too_many_reactions", refusal),
            Why::TooManyPins => Self::new(Kind::Conflict, "too_many_pins", refusal),
            Why::TooManyStars => Self::new(Kind::Conflict, "too_many_stars", refusal),
        }
    }
}

/// The changed message; `None` if there was nothing to change. Then the chat's version stays.
pub type Marked = Option<Message>;

/// Converts the store's error of reading a message.
pub(super) fn unmarked(error: StoreError) -> MarkError {
    match error {
        StoreError::NotFound => WriteError::Refused(MarkRefusal::NotFound),
        error => error.into(),
    }
}
