//! What a node has not told the others.

use domain::event::{Event, EventBody};
use domain::ids::{ChatId, Version};
use std::collections::HashMap;

/// Chats whose versions are remembered. With more, others have to compare all that they follow.
const CHATS: usize = 10_000;

/// What the others are to be told about events that were not told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Debts {
    /// Up to which version there are events.
    pub(crate) reached: HashMap<ChatId, Version>,
    /// Whether there is more than that.
    pub(crate) lost: bool,
}

/// What not telling an event comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Debt {
    /// Whoever follows the chat has to know that it has reached this version.
    Reached(ChatId, Version),
    /// Others do not know yet that they have to follow a chat, or that it is gone.
    Lost,
    /// It was not worth more: typing and presence pass, and what is somebody's own is read again
    /// when they come back.
    Nothing,
}

impl Debt {
    pub(crate) fn of(event: &Event) -> Self {
        match &event.body {
            EventBody::ChatCreated { .. }
            | EventBody::MemberJoined(_)
            | EventBody::ChatDeleted(_) => Self::Lost,
            body => body.version().map_or(Self::Nothing, |(chat, at)| Self::Reached(chat, at)),
        }
    }
}

impl Debts {
    pub(crate) fn owe(&mut self, debt: Debt) {
        match debt {
            Debt::Reached(chat, version) => {
                let reached = self.reached.entry(chat).or_insert(version);
                *reached = version.max(*reached);
            }
            Debt::Lost => self.lost = true,
            Debt::Nothing => {}
        }
        if self.reached.len() > CHATS {
            self.reached.clear();
            self.lost = true;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (chat, version) in other.reached {
            self.owe(Debt::Reached(chat, version));
        }
        self.lost |= other.lost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(chat: i64, version: i64) -> Debt {
        Debt::Reached(ChatId::stored(chat), Version::stored(version))
    }

    #[test]
    fn of_a_chat_only_the_last_version_is_owed() {
        let mut debts = Debts::default();
        for debt in [reached(1, 5), reached(1, 4), reached(2, 1), Debt::Nothing] {
            debts.owe(debt);
        }
        let expected = [(1, 5), (2, 1)].map(|(c, v)| (ChatId::stored(c), Version::stored(v)));
        assert_eq!(debts, Debts { reached: expected.into(), lost: false });
    }

    #[test]
    fn past_a_limit_the_others_compare_everything() {
        let mut debts = Debts::default();
        for chat in 1..=CHATS as i64 + 1 {
            debts.owe(reached(chat, 1));
        }
        assert_eq!(debts, Debts { reached: HashMap::new(), lost: true });
    }
}
