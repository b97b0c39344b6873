//! Where what somebody sees of a chat begins.

use crate::ids::{MessageId, Seq, UserId};
use crate::message::Message;

/// The last message of a chat that a member does not see, because it was there before they came in, if there is one.
/// In a chat both ids and seqs rise, so either tells what is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Horizon(Option<(Seq, MessageId)>);

/// The horizons of people in a chat; whoever is not among them sees everything.
pub type Horizons = Vec<(UserId, Horizon)>;

impl Horizon {
    /// Nothing is hidden.
    pub const NONE: Self = Self(None);

    /// The message of that seq and that id is the last that is hidden.
    pub const fn at(seq: Seq, message: MessageId) -> Self {
        Self(Some((seq, message)))
    }

    /// The seq of the last message that is hidden; zero if none is.
    pub fn seq(self) -> Seq {
        self.0.map_or(Seq::ZERO, |(seq, _)| seq)
    }

    /// The id of the last message that is hidden.
    pub fn message(self) -> Option<MessageId> {
        self.0.map(|(_, message)| message)
    }

    /// Whether nothing is hidden.
    pub fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// The first seq that is seen.
    pub fn first_seq(self) -> Seq {
        self.seq().next()
    }

    /// Whether a message of the chat is hidden.
    pub fn hides(self, message: &Message) -> bool {
        self.hides_seq(message.seq)
    }

    /// Whether the message with that seq is hidden.
    pub fn hides_seq(self, seq: Seq) -> bool {
        seq <= self.seq()
    }

    /// Whether the message of the chat with that id is hidden.
    pub fn hides_id(self, id: MessageId) -> bool {
        self.message().is_some_and(|last| id <= last)
    }

    /// Whether a message is a reply to one that is hidden.
    pub fn hides_answered(self, message: &Message) -> bool {
        message.reply_to.is_some_and(|answered| self.hides_id(answered))
    }

    /// Whichever of the two hides more.
    #[must_use]
    pub fn further(self, other: Self) -> Self {
        if other.seq() > self.seq() { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_hides_itself_and_what_is_before() {
        let (seq, message) = (Seq::stored(3), MessageId::stored(70));
        let horizon = Horizon::at(seq, message);
        assert_eq!(horizon.first_seq(), Seq::stored(4));
        assert!(horizon.hides_seq(seq) && horizon.hides_id(message));
        assert!(!horizon.hides_seq(Seq::stored(4)) && !horizon.hides_id(MessageId::stored(71)));
        assert!(!Horizon::NONE.hides_seq(Seq::stored(1)));
        assert!(!Horizon::NONE.hides_id(MessageId::stored(1)));
        assert_eq!(Horizon::NONE.further(horizon), horizon);
        assert_eq!(horizon.further(Horizon::NONE), horizon);
    }
}
