//! What one node knows of who is connected.

use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::presence::ConnectionId;
use std::collections::{HashMap, HashSet};

/// Who is connected here, and who was announced to be online anywhere.
#[derive(Default)]
pub(super) struct Book {
    here: HashMap<UserId, Here>,
    /// Who came or went here since Redis was told.
    changed: HashSet<UserId>,
    /// Those here were told so, or are being told.
    announced: HashSet<UserId>,
}

#[derive(Default)]
struct Here {
    connections: HashSet<ConnectionId>,
    /// When the last connection went.
    left_at: Option<Timestamp>,
}

/// How somebody is here: connected, or when they left.
pub(super) type State = (UserId, Option<Timestamp>);

/// All that a node knows.
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

    /// Some of what Redis was not told. It stays so until [`Self::told`].
    pub(super) fn news(&self, limit: usize) -> Vec<State> {
        self.changed.iter().filter_map(|user| self.state(*user)).take(limit).collect()
    }

    /// All that there is to tell: who was announced, and how everybody is here.
    pub(super) fn everything(&self) -> Everything {
        let states = self.here.keys().filter_map(|user| self.state(*user)).collect();
        Everything { announced: self.announced.iter().copied().collect(), states }
    }

    fn state(&self, user: UserId) -> Option<State> {
        self.here.get(&user).map(|here| (user, here.left_at))
    }

    /// Redis says who was announced; returns of whom that is new.
    pub(super) fn compare(&mut self, announced: HashSet<UserId>) -> Vec<(UserId, bool)> {
        let came = announced.difference(&self.announced).map(|user| (*user, true));
        let gone = self.announced.difference(&announced).map(|user| (*user, false));
        let changes = came.chain(gone).collect();
        self.announced = announced;
        changes
    }

    /// Redis was told this.
    pub(super) fn told(&mut self, told: &[State]) {
        for (user, left_at) in told {
            // Who came back meanwhile is news again.
            if self.state(*user).is_some_and(|(_, now)| now == *left_at) {
                self.changed.remove(user);
                if left_at.is_some() {
                    self.here.remove(user);
                }
            }
        }
    }

    /// Somebody was announced to be online or gone; whether that is new.
    pub(super) fn hear(&mut self, user: UserId, online: bool) -> bool {
        if online { self.announced.insert(user) } else { self.announced.remove(&user) }
    }
}
