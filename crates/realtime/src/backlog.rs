//! Chats of which a socket's mailbox could not hold everything. What did not fit is read from the
//! database once what did fit was written, so a burst closes nobody's socket.

use domain::chat::Missed;
use domain::event::Event;
use domain::ids::{ChatId, Version};
use metrics::counter;
use std::collections::BTreeMap;

/// How far a socket is behind with a chat.
#[derive(Debug, Clone, Copy)]
struct Behind {
    /// Everything up to here was put into the mailbox, or read since.
    from: Version,
    /// The last event that was left out.
    to: Version,
    /// How many events had been put into the mailbox by then. They come first.
    after: u64,
}

/// The chats that one socket is behind with. The hub adds to it; the socket's task takes out what it has caught up
/// with. There hardly ever are any.
#[derive(Default)]
pub(crate) struct Backlog(BTreeMap<ChatId, Behind>);

impl Backlog {
    /// Leaves an event out if an earlier one of its chat was. Returns whether it did.
    pub(crate) fn extend(&mut self, chat: ChatId, version: Version) -> bool {
        let behind = self.0.get_mut(&chat);
        let found = behind.is_some();
        behind.into_iter().for_each(|behind| behind.to = behind.to.max(version));
        found
    }

    /// Leaves out the first event of a chat, after so many others that were put into the mailbox.
    pub(crate) fn begin(&mut self, chat: ChatId, version: Version, after: u64) {
        counter!("confab_sockets_behind_total").increment(1);
        let from = Version::stored(version.get() - 1);
        self.0.insert(chat, Behind { from, to: version, after });
    }

    /// A chat to catch up with, and from where, once so many events were taken out of the mailbox.
    pub(crate) fn next(&self, taken: u64) -> Option<(ChatId, Version)> {
        let ready = self.0.iter().find(|(_, behind)| behind.after <= taken);
        ready.map(|(chat, behind)| (*chat, behind.from))
    }

    /// Takes in what was read of a chat; `None` if the chat is gone. Returns the events that were left
    /// out and are there now. Later ones are not among them: they come by the mailbox, or the person is
    /// in the chat no more.
    pub(crate) fn fill(&mut self, chat: ChatId, missed: Option<Missed>) -> Vec<Event> {
        let Some(behind) = self.0.get_mut(&chat) else { return Vec::new() };
        let Missed { mut events, reached, .. } =
            missed.unwrap_or_else(|| Missed { reached: behind.to, ..Missed::default() });
        let (from, to) = (behind.from, behind.to);
        events.retain(|e| e.body.version().is_none_or(|(_, v)| from < v && v <= to));
        behind.from = reached.max(from);
        // Whatever was left out had been committed, so a page that brings nothing is of a database that
        // was put back to an earlier day.
        if behind.from >= to || reached <= from {
            self.0.remove(&chat);
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::event::{Audience, EventBody};
    use domain::ids::{Seq, UserId};

    const CHAT: ChatId = ChatId::stored(1);

    fn missed(versions: &[i64], reached: i64) -> Option<Missed> {
        let event = |version: &i64| {
            let (user, seq, version) =
                (UserId::stored(1), Seq::stored(1), Version::stored(*version));
            let body = EventBody::Read { chat: CHAT, user, seq, version };
            Event { audience: Audience::Members(CHAT), body }
        };
        let (events, reached) = (versions.iter().map(event).collect(), Version::stored(reached));
        Some(Missed { events, reached, ..Missed::default() })
    }

    fn versions(events: &[Event]) -> Vec<i64> {
        events.iter().filter_map(|e| e.body.version()).map(|(_, v)| v.get()).collect()
    }

    #[test]
    fn what_did_not_fit_is_caught_up_with_once_and_after_what_did() {
        let (mut backlog, version) = (Backlog::default(), Version::stored);
        assert!(!backlog.extend(CHAT, version(4)), "nothing was left out yet");
        backlog.begin(CHAT, version(5), 3);
        assert!(backlog.extend(CHAT, version(6)));
        assert!(!backlog.extend(ChatId::stored(2), version(6)), "another chat goes on");
        assert_eq!(backlog.next(2), None, "one that fitted is not written yet");
        assert_eq!(backlog.next(3), Some((CHAT, version(4))));

        // The database is further: 8 comes by the mailbox later, and must not come twice.
        assert_eq!(versions(&backlog.fill(CHAT, missed(&[5, 6, 8], 8))), [5, 6]);
        assert!(!backlog.extend(CHAT, version(7)), "from here on by the mailbox");
        assert_eq!(backlog.next(9), None);
    }

    #[test]
    fn pages_follow_each_other_and_what_comes_meanwhile_is_read_too() {
        let (mut backlog, version) = (Backlog::default(), Version::stored);
        backlog.begin(CHAT, version(5), 0);
        backlog.extend(CHAT, version(7));
        assert_eq!(versions(&backlog.fill(CHAT, missed(&[5], 5))), [5]);
        assert_eq!(backlog.next(0), Some((CHAT, version(5))));
        assert!(backlog.extend(CHAT, version(8)), "while 6 and 7 are read");
        assert_eq!(versions(&backlog.fill(CHAT, missed(&[6, 7], 7))), [6, 7]);
        assert_eq!(versions(&backlog.fill(CHAT, missed(&[8], 8))), [8]);
        assert!(!backlog.extend(CHAT, version(9)));

        backlog.begin(CHAT, version(10), 0);
        assert_eq!(backlog.fill(CHAT, None), [], "the chat is gone");
        assert_eq!(backlog.next(0), None);
    }
}
