//! Whether other nodes follow the chats that this one follows.

use domain::ids::{ChatId, Version};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The chats that this node follows. Events of a chat that no other node follows need not be published: a
/// node that starts to follow it says so, and is then told which version the chat has reached.
#[derive(Default)]
pub(crate) struct PeerInterest(Mutex<State>);

#[derive(Default)]
struct State {
    chats: HashMap<ChatId, Others>,
    /// Rises with everything that invalidates an earlier count of subscribers.
    age: u64,
}

#[derive(Clone, Copy)]
enum Others {
    /// Other nodes may follow the chat.
    Perhaps,
    /// None do. Events up to this version, if any, were not published.
    None(Option<Version>),
}

/// A chat, and the version up to which its events were not published.
pub(crate) type Untold = (ChatId, Version);

impl PeerInterest {
    /// This node now follows the chat.
    pub(crate) fn follow(&self, chat: ChatId) {
        self.state().chats.entry(chat).or_insert(Others::Perhaps);
    }

    /// Another node has started to follow the chat.
    pub(crate) fn meet(&self, chat: ChatId) -> Option<Untold> {
        let mut state = self.state();
        state.age += 1;
        let others = state.chats.get_mut(&chat)?;
        untold(chat, std::mem::replace(others, Others::Perhaps))
    }

    /// This node no longer follows the chat, so it will not hear of others that start to.
    pub(crate) fn leave(&self, chat: ChatId) -> Option<Untold> {
        let mut state = self.state();
        state.age += 1;
        state.chats.remove(&chat).and_then(|others| untold(chat, others))
    }

    /// This node no longer follows any chat.
    pub(crate) fn leave_all(&self) -> Vec<Untold> {
        let mut state = self.state();
        state.age += 1;
        state.chats.drain().filter_map(|(chat, others)| untold(chat, others)).collect()
    }

    /// Whether an event of this chat need not be published; then its version is noted as untold.
    pub(crate) fn keeps(&self, chat: ChatId, version: Option<Version>) -> bool {
        match self.state().chats.get_mut(&chat) {
            Some(Others::None(untold)) => {
                *untold = version.max(*untold);
                true
            }
            Some(Others::Perhaps) | None => false,
        }
    }

    /// The age to pass to [`Self::count`] with a count of subscribers that starts now.
    pub(crate) fn age(&self) -> u64 {
        self.state().age
    }

    /// Records how many nodes subscribe to the chat, unless something has changed since the count began.
    pub(crate) fn count(&self, age: u64, chat: ChatId, listeners: i64) {
        let mut state = self.state();
        if state.age == age
            && listeners == 1
            && let Some(others @ Others::Perhaps) = state.chats.get_mut(&chat)
        {
            *others = Others::None(None);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn untold(chat: ChatId, others: Others) -> Option<Untold> {
    match others {
        Others::None(version) => version.map(|version| (chat, version)),
        Others::Perhaps => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId::stored(1);

    fn version(version: i64) -> Version {
        Version::stored(version)
    }

    fn alone() -> PeerInterest {
        let peers = PeerInterest::default();
        peers.follow(CHAT);
        peers.count(peers.age(), CHAT, 1);
        peers
    }

    #[test]
    fn what_happens_where_nobody_else_is_is_told_to_who_comes() {
        let peers = alone();
        for (at, kept) in [(Some(5), 5), (None, 5), (Some(4), 5), (Some(6), 6)] {
            assert!(peers.keeps(CHAT, at.map(version)), "{at:?} of {kept}");
        }
        assert_eq!(peers.meet(CHAT), Some((CHAT, version(6))));
        assert!(!peers.keeps(CHAT, Some(version(7))));
        assert_eq!(peers.meet(CHAT), None);
        peers.count(peers.age(), CHAT, 1);
        assert_eq!(peers.meet(CHAT), None, "all of it was told");
    }

    #[test]
    fn everything_is_told_where_others_may_be() {
        let peers = PeerInterest::default();
        peers.count(peers.age(), CHAT, 1);
        assert!(!peers.keeps(CHAT, None), "the one who listens is another");
        peers.follow(CHAT);
        for listeners in [0, 2] {
            peers.count(peers.age(), CHAT, listeners);
            assert!(!peers.keeps(CHAT, None), "{listeners}");
        }
    }

    #[test]
    fn a_count_is_worth_nothing_once_somebody_came() {
        let peers = PeerInterest::default();
        peers.follow(CHAT);
        let age = peers.age();
        assert_eq!(peers.meet(CHAT), None);
        peers.count(age, CHAT, 1);
        assert!(!peers.keeps(CHAT, None));
    }

    #[test]
    fn what_was_kept_is_told_when_the_chat_is_left() {
        let peers = alone();
        assert!(peers.keeps(CHAT, Some(version(3))));
        let age = peers.age();
        assert_eq!(peers.leave(CHAT), Some((CHAT, version(3))));
        peers.follow(CHAT);
        peers.count(age, CHAT, 1);
        assert!(!peers.keeps(CHAT, None), "the one who was counted has left");

        let peers = alone();
        assert!(peers.keeps(CHAT, Some(version(3))));
        assert_eq!(peers.leave_all(), [(CHAT, version(3))]);
        assert!(!peers.keeps(CHAT, None));
    }
}
