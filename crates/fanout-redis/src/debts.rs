//! What a node has not told the others.

use domain::event::{Event, EventBody};
use domain::ids::{ChatId, UserId, Version};
use std::collections::HashMap;

/// Chats whose versions are remembered. With more, others have to compare all that they follow.
const CHATS: usize = 10_000;
/// People whose presence is remembered, each with all who are to hear of it.
const PEOPLE: usize = 1_000;

/// What the others are to be told about events that were not told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Debts {
    /// Up to which version there are events.
    pub(crate) reached: HashMap<ChatId, Version>,
    /// Whose presence somebody was told by an event, and the last that there is to say of them: that
    /// they are gone, for whom they have blocked.
    pub(crate) presence: HashMap<UserId, Box<Event>>,
    /// Whether there is more than that.
    pub(crate) lost: bool,
}

/// What not telling an event comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Debt {
    /// Whoever follows the chat has to know that it has reached this version.
    Reached(ChatId, Version),
    /// Others do not know yet that they have to follow a chat, or that it is gone.
    Lost,
    /// Others show somebody as they no longer are.
    Presence(UserId, Box<Event>),
    /// It was not worth more: typing passes, and what is somebody's own is read again when they come
    /// back.
    Nothing,
}

impl Debt {
    pub(crate) fn of(event: &Event) -> Self {
        match &event.body {
            EventBody::ChatCreated { .. }
            | EventBody::MemberJoined(_)
            | EventBody::ChatDeleted(_) => Self::Lost,
            EventBody::Presence { user, .. } => Self::Presence(*user, Box::new(event.clone())),
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
            Debt::Presence(user, event) => {
                if self.presence.len() < PEOPLE {
                    self.presence.insert(user, event);
                }
            }
            Debt::Nothing => {}
        }
        if self.reached.len() > CHATS {
            self.reached.clear();
            self.lost = true;
        }
    }

    /// Takes back what was owed before and could not be told.
    pub(crate) fn merge(&mut self, other: Self) {
        for (chat, version) in other.reached {
            self.owe(Debt::Reached(chat, version));
        }
        for (user, event) in other.presence {
            self.presence.entry(user).or_insert(event);
        }
        self.lost |= other.lost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::Timestamp;
    use domain::event::Audience;

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
        assert_eq!(debts, Debts { reached: expected.into(), ..Debts::default() });
    }

    #[test]
    fn of_a_person_only_the_last_presence_is_owed() {
        let user = UserId::stored(7);
        let presence = |online| Event {
            audience: Audience::Users(vec![UserId::stored(8)]),
            body: EventBody::Presence { user, online, last_seen_at: Timestamp::from_micros(0) },
        };
        let mut untold = Debts::default();
        untold.owe(Debt::of(&presence(true)));
        untold.owe(Debt::of(&presence(false)));
        assert_eq!(untold.presence, [(user, Box::new(presence(false)))].into());
        let mut newer = Debts::default();
        newer.owe(Debt::of(&presence(true)));
        newer.merge(untold);
        assert_eq!(newer.presence, [(user, Box::new(presence(true)))].into());
    }

    #[test]
    fn past_a_limit_the_others_compare_everything() {
        let mut debts = Debts::default();
        for chat in 1..=CHATS as i64 + 1 {
            debts.owe(reached(chat, 1));
        }
        assert_eq!(debts, Debts { lost: true, ..Debts::default() });
    }
}
