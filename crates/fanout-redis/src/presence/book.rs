//! What one node knows about who is connected.

use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::presence::ConnectionId;
use std::collections::{HashMap, HashSet};

/// Who is connected to this node, and who was announced to be online on any node.
#[derive(Default)]
pub(super) struct Book {
    here: HashMap<UserId, Here>,
    /// Users who came or left here since Redis was last told.
    changed: HashSet<UserId>,
    /// Users who are announced as online; the local sockets know it or are being told.
    announced: HashSet<UserId>,
}

#[derive(Default)]
struct Here {
    connections: HashSet<ConnectionId>,
    /// When the last connection closed.
    left_at: Option<Timestamp>,
}

/// A user, and when they left this node; `None` while they are connected.
pub(super) type State = (UserId, Option<Timestamp>);

/// Everything that a node knows about presence.
pub(super) struct Everything {
    pub(super) announced: Vec<UserId>,
    pub(super) states: Vec<State>,
}

impl Book {
    pub(super) fn connect(&mut self, user: UserId, connection: ConnectionId) {
        let here = self.here.entry(user).or_default();
        if here.connections.is_empty() {
            self.changed.insert(user);
        }
        here.connections.insert(connection);
        here.left_at = None;
    }

    pub(super) fn disconnect(&mut self, user: UserId, connection: ConnectionId, now: Timestamp) {
        if let Some(here) = self.here.get_mut(&user)
            && here.connections.remove(&connection)
            && here.connections.is_empty()
        {
            here.left_at = Some(now);
            self.changed.insert(user);
        }
    }

    pub(super) fn is_online(&self, user: UserId) -> bool {
        let is_here = |here: &Here| !here.connections.is_empty();
        self.announced.contains(&user) || self.here.get(&user).is_some_and(is_here)
    }

    /// Some changes that Redis has not been told. They stay pending until [`Self::told`].
    pub(super) fn news(&self, limit: usize) -> Vec<State> {
        self.changed.iter().filter_map(|user| self.state(*user)).take(limit).collect()
    }

    /// Everything to tell Redis: who is announced, and the state of everybody here.
    pub(super) fn everything(&self) -> Everything {
        let states = self.here.keys().filter_map(|user| self.state(*user)).collect();
        Everything { announced: self.announced.iter().copied().collect(), states }
    }

    fn state(&self, user: UserId) -> Option<State> {
        self.here.get(&user).map(|here| (user, here.left_at))
    }

    /// Takes over from Redis who is announced, and returns what changed.
    pub(super) fn compare(&mut self, announced: HashSet<UserId>) -> Vec<(UserId, bool)> {
        let came = announced.difference(&self.announced).map(|user| (*user, true));
        let gone = self.announced.difference(&announced).map(|user| (*user, false));
        let changes = came.chain(gone).collect();
        self.announced = announced;
        changes
    }

    /// Notes that Redis was told these states.
    pub(super) fn told(&mut self, told: &[State]) {
        for (user, left_at) in told {
            // If their state has changed again meanwhile, it stays pending.
            if self.state(*user).is_some_and(|(_, now)| now == *left_at) {
                self.changed.remove(user);
                if left_at.is_some() {
                    self.here.remove(user);
                }
            }
        }
    }

    /// Takes note that somebody was announced as online or offline, and returns whether that is new.
    pub(super) fn hear(&mut self, user: UserId, online: bool) -> bool {
        if online { self.announced.insert(user) } else { self.announced.remove(&user) }
    }
}
