//! What this node could not publish and has to tell other nodes later.

use domain::event::{Audience, Event, EventBody};
use domain::ids::{ChatId, UserId, Version};
use std::collections::HashMap;

/// How many chats' versions are remembered. Beyond that, other nodes have to compare everything.
const CHATS: usize = 10_000;
/// How many events of people's presence are remembered.
const PRESENCES: usize = 1_000;

/// Whose presence was to be told, and to whom.
type Shown = (UserId, Vec<UserId>);

/// What other nodes have to be told about events that were not published.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PendingSync {
    /// The version that each chat has reached.
    pub(crate) reached: HashMap<ChatId, Version>,
    /// The last unpublished presence event of each person for each audience. Such events only tell somebody whom the
    /// person has just blocked that the person is offline; whoever blocks several people has one for each.
    pub(crate) presence: HashMap<Shown, Box<Event>>,
    /// Whether anything else was lost.
    pub(crate) lost: bool,
}

/// What has to be told instead of an event that was not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The chat has reached this version.
    Reached(ChatId, Version),
    /// Other nodes have to compare everything: they may not know that they should follow a chat, or that it
    /// was deleted.
    Lost,
    /// A person's presence, which other nodes may show wrongly.
    Presence(Shown, Box<Event>),
    /// Nothing: typing passes, and a client reads its owner's own data again when it reconnects.
    Nothing,
}

impl Missed {
    pub(crate) fn of(event: &Event) -> Self {
        match &event.body {
            EventBody::ChatCreated { .. }
            | EventBody::MemberJoined(_)
            | EventBody::ChatDeleted(_) => Self::Lost,
            EventBody::Presence { user, .. } => {
                let told = match &event.audience {
                    Audience::Users(people) => people.clone(),
                    Audience::Members(_) | Audience::MembersExcept(..) => Vec::new(),
                };
                Self::Presence((*user, told), Box::new(event.clone()))
            }
            body => body.version().map_or(Self::Nothing, |(chat, at)| Self::Reached(chat, at)),
        }
    }
}

impl PendingSync {
    pub(crate) fn enqueue(&mut self, missed: Missed) {
        match missed {
            Missed::Reached(chat, version) => {
                let reached = self.reached.entry(chat).or_insert(version);
                *reached = version.max(*reached);
            }
            Missed::Lost => self.lost = true,
            Missed::Presence(shown, event) => {
                if self.presence.len() < PRESENCES || self.presence.contains_key(&shown) {
                    self.presence.insert(shown, event);
                }
            }
            Missed::Nothing => {}
        }
        if self.reached.len() > CHATS {
            self.reached.clear();
            self.lost = true;
        }
    }

    /// Puts back older entries that could not be sent.
    pub(crate) fn merge(&mut self, other: Self) {
        for (chat, version) in other.reached {
            self.enqueue(Missed::Reached(chat, version));
        }
        for (shown, event) in other.presence {
            self.presence.entry(shown).or_insert(event);
        }
        self.lost |= other.lost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::Timestamp;

    fn reached(chat: i64, version: i64) -> Missed {
        Missed::Reached(ChatId::stored(chat), Version::stored(version))
    }

    #[test]
    fn of_a_chat_only_the_last_version_is_pending() {
        let mut pending = PendingSync::default();
        for missed in [reached(1, 5), reached(1, 4), reached(2, 1), Missed::Nothing] {
            pending.enqueue(missed);
        }
        let expected = [(1, 5), (2, 1)].map(|(c, v)| (ChatId::stored(c), Version::stored(v)));
        assert_eq!(pending, PendingSync { reached: expected.into(), ..PendingSync::default() });
    }

    #[test]
    fn of_a_person_only_the_last_presence_is_pending_for_each_who_is_told() {
        let user = UserId::stored(7);
        let told = [8, 9].map(UserId::stored);
        let presence_for = |told: UserId, online| Event {
            audience: Audience::Users(vec![told]),
            body: EventBody::Presence { user, online, last_seen_at: Timestamp::from_micros(0) },
        };
        let presence = |online| presence_for(told[0], online);
        let kept = |event: Event| match &event.audience {
            Audience::Users(people) => ((user, people.clone()), Box::new(event)),
            _ => unreachable!("each tells one person"),
        };
        let mut untold = PendingSync::default();
        untold.enqueue(Missed::of(&presence(true)));
        untold.enqueue(Missed::of(&presence_for(told[1], false)));
        untold.enqueue(Missed::of(&presence(false)));
        let both = [kept(presence(false)), kept(presence_for(told[1], false))];
        assert_eq!(untold.presence, both.into());
        let mut newer = PendingSync::default();
        newer.enqueue(Missed::of(&presence(true)));
        newer.merge(untold);
        let both = [kept(presence(true)), kept(presence_for(told[1], false))];
        assert_eq!(newer.presence, both.into());
    }

    #[test]
    fn a_full_list_takes_news_of_those_who_are_in_it() {
        let event = |told: i64, online| Event {
            audience: Audience::Users(vec![UserId::stored(told)]),
            body: EventBody::Presence {
                user: UserId::stored(1),
                online,
                last_seen_at: Timestamp::from_micros(0),
            },
        };
        let mut pending = PendingSync::default();
        for told in 1..=PRESENCES as i64 + 1 {
            pending.enqueue(Missed::of(&event(told, true)));
        }
        assert_eq!(pending.presence.len(), PRESENCES);
        pending.enqueue(Missed::of(&event(1, false)));
        let first = &pending.presence[&(UserId::stored(1), vec![UserId::stored(1)])];
        assert_eq!(**first, event(1, false));
    }

    #[test]
    fn past_a_limit_the_others_compare_everything() {
        let mut pending = PendingSync::default();
        for chat in 1..=CHATS as i64 + 1 {
            pending.enqueue(reached(chat, 1));
        }
        assert_eq!(pending, PendingSync { lost: true, ..PendingSync::default() });
    }
}
