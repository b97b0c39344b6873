//! The events of one chat, put in order.

use crate::mailbox::Mailbox;
use crate::socket_id::SocketId;
use domain::chat::{Horizon, Missed};
use domain::event::Event;
use domain::ids::{UserId, Version};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Events that may wait for an earlier one. Past that they are dropped: the database has them all.
const HELD: usize = 1024;

/// Why it is looked for in the database what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// A later event came.
    Gap,
    /// Another node said that it could not tell of it.
    Reached,
    /// The chat was not followed yet when it happened.
    Followed,
    /// Anything may have been lost: a connection was broken, or a node died.
    Everything,
    /// There was no reason but to look now and then.
    Routine,
}

impl Why {
    /// How it is called among the metrics.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Reached => "reached",
            Self::Followed => "followed",
            Self::Everything => "everything",
            Self::Routine => "routine",
        }
    }
}

/// Where a socket that listens gets events.
pub(crate) struct Listener {
    /// Its owner.
    pub(crate) user: UserId,
    pub(crate) mailbox: Arc<Mailbox>,
}

/// What a node knows of a chat that somebody here listens to.
pub(crate) struct Feed {
    /// Up to which version events were delivered.
    pub(crate) delivered: Version,
    /// Up to which version there are events, as far as anybody said.
    known: Version,
    /// Who said so, of the first that was missing.
    pub(crate) why: Why,
    /// Who listens.
    pub(crate) listeners: HashMap<SocketId, Listener>,
    /// What is hidden from those of them from whom something is. There hardly ever are any.
    pub(crate) horizons: HashMap<SocketId, Horizon>,
    /// Later events, which wait for those in between.
    held: BTreeMap<Version, Event>,
}

impl Feed {
    pub(crate) fn at(delivered: Version) -> Self {
        let known = delivered;
        let (listeners, horizons, held) = Default::default();
        Self { delivered, known, why: Why::Gap, listeners, horizons, held }
    }

    /// Lets a socket listen, from which that is hidden.
    pub(crate) fn listen(&mut self, socket: SocketId, listener: Listener, horizon: Horizon) {
        self.listeners.insert(socket, listener);
        self.set_horizon(socket, horizon);
    }

    fn set_horizon(&mut self, socket: SocketId, horizon: Horizon) {
        if horizon.is_none() {
            self.horizons.remove(&socket);
        } else {
            self.horizons.insert(socket, horizon);
        }
    }

    /// Hides that from a socket that listens, unless more is hidden already.
    pub(crate) fn hide(&mut self, socket: SocketId, horizon: Horizon) {
        if self.listeners.contains_key(&socket) {
            let known = self.horizons.get(&socket).copied().unwrap_or_default();
            self.set_horizon(socket, known.further(horizon));
        }
    }

    /// Takes a socket out that listened.
    pub(crate) fn forget(&mut self, socket: SocketId) {
        self.listeners.remove(&socket);
        self.horizons.remove(&socket);
    }

    /// Takes an event in and returns those that are next in order now.
    pub(crate) fn accept(&mut self, version: Version, event: Event) -> Vec<Event> {
        if version <= self.delivered {
            return Vec::new();
        }
        if version == self.delivered.next() {
            self.delivered = version;
            self.known = self.known.max(version);
            let mut ready = vec![event];
            ready.extend(self.next_in_order());
            return ready;
        }
        if self.held.len() >= HELD {
            self.held.clear();
        }
        self.note(version, Why::Gap);
        self.held.insert(version, event);
        Vec::new()
    }

    /// There are events up to this version. Returns whether one is missing.
    pub(crate) fn note(&mut self, version: Version, why: Why) -> bool {
        if !self.has_gap() {
            self.why = why;
        }
        self.known = self.known.max(version);
        self.has_gap()
    }

    /// Takes in what the database has from somewhere at or before [`Self::delivered`] on, where later
    /// changes may stand for earlier ones, and returns what is next in order now.
    pub(crate) fn fill(&mut self, missed: Missed) -> Vec<Event> {
        let Missed { events, reached, more, .. } = missed;
        let news = |event: &Event| event.body.version().is_none_or(|(_, v)| v > self.delivered);
        let mut ready: Vec<_> = events.into_iter().filter(news).collect();
        self.delivered = self.delivered.max(reached);
        if !more {
            // The database knows best: nothing of what was announced is further than this, but for
            // what came while it was asked.
            self.known = self.held.last_key_value().map_or(reached, |(version, _)| *version);
        }
        self.held.retain(|version, _| *version > self.delivered);
        ready.extend(self.next_in_order());
        ready
    }

    /// Whether an earlier event is missing.
    pub(crate) fn has_gap(&self) -> bool {
        self.known > self.delivered
    }

    fn next_in_order(&mut self) -> Vec<Event> {
        let mut ready = Vec::new();
        while let Some(event) = self.held.remove(&self.delivered.next()) {
            self.delivered = self.delivered.next();
            ready.push(event);
        }
        if self.held.is_empty() {
            // An emptied map keeps its room, and a node follows many chats.
            self.held = BTreeMap::new();
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::{Audience, EventBody};
    use domain::ids::{ChatId, Seq};

    fn event(version: i64) -> Event {
        let chat = ChatId::stored(1);
        let version = Version::stored(version);
        let body = EventBody::Read { chat, user: UserId::stored(1), seq: Seq::stored(1), version };
        Event { audience: Audience::Members(chat), body }
    }

    fn accept(feed: &mut Feed, version: i64) -> Vec<i64> {
        versions(&feed.accept(Version::stored(version), event(version)))
    }

    fn missed(events: Vec<Event>, reached: i64) -> Missed {
        let (reached, horizons) = (Version::stored(reached), Vec::new());
        Missed { events, horizons, reached, more: false }
    }

    fn versions(events: &[Event]) -> Vec<i64> {
        events.iter().filter_map(|e| e.body.version()).map(|(_, v)| v.get()).collect()
    }

    #[test]
    fn events_come_out_in_order_and_once() {
        let mut feed = Feed::at(Version::stored(3));
        assert_eq!(accept(&mut feed, 5), [0; 0]);
        assert!(feed.has_gap());
        assert_eq!(accept(&mut feed, 6), [0; 0]);
        assert_eq!(accept(&mut feed, 3), [0; 0]);
        assert_eq!(accept(&mut feed, 4), [4, 5, 6]);
        assert!(!feed.has_gap());
        assert_eq!(accept(&mut feed, 5), [0; 0]);
        assert_eq!(accept(&mut feed, 7), [7]);
    }

    #[test]
    fn a_gap_is_filled_from_the_database() {
        let mut feed = Feed::at(Version::stored(3));
        accept(&mut feed, 6);
        accept(&mut feed, 9);
        // Version 5 was overtaken by 7: the database knows the thing at 7 only.
        let filled = feed.fill(missed(vec![event(4), event(6), event(7)], 7));
        assert_eq!(versions(&filled), [4, 6, 7]);
        assert!(feed.has_gap());
        assert_eq!(accept(&mut feed, 8), [8, 9]);
    }

    #[test]
    fn too_many_held_events_are_dropped_and_filled_later() {
        let mut feed = Feed::at(Version::ZERO);
        for version in 2..2 + HELD as i64 {
            assert_eq!(accept(&mut feed, version), [0; 0]);
        }
        let last = 2 + HELD as i64;
        assert_eq!(accept(&mut feed, last), [0; 0]);
        assert_eq!(feed.held.len(), 1);
        let all = (1..=last).map(event).collect();
        assert_eq!(feed.fill(missed(all, last)).len(), HELD + 2);
        assert!(!feed.has_gap());
    }

    #[test]
    fn a_version_that_was_only_named_is_a_gap_until_the_database_was_asked() {
        let mut feed = Feed::at(Version::stored(3));
        assert!(!feed.note(Version::stored(3), Why::Routine));
        assert!(feed.note(Version::stored(5), Why::Reached));
        assert_eq!(accept(&mut feed, 4), [4]);
        assert!(feed.has_gap());
        let first = Missed { more: true, ..missed(vec![event(5)], 5) };
        feed.note(Version::stored(7), Why::Everything);
        assert_eq!(feed.why, Why::Reached, "who said it first");
        assert_eq!(versions(&feed.fill(first)), [5]);
        assert!(feed.has_gap(), "there is more");
        assert_eq!(feed.fill(missed(Vec::new(), 6)), []);
        assert!(!feed.has_gap(), "what the database does not have is not there");
    }
}
