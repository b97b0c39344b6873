//! Who is connected, and who is typing.

mod announce;
mod board;
mod online;
mod port;
mod typing;
mod visit;

pub use board::LocalPresence;
pub use online::{PresencePorts, PresenceService, Visible};
#[cfg(feature = "mocks")]
pub use port::MockPresenceStore;
pub use port::PresenceStore;
pub use typing::{Typing, TypingPorts, Typists};

use crate::clock::Timestamp;
use crate::ids::UserId;

/// One connection of somebody: a socket, on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    /// What somebody is there by who has no socket and makes requests.
    pub(super) const VISIT: Self = Self(u64::MAX);
}

/// Somebody who came online or went offline for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceChange {
    /// Who.
    pub user: UserId,
    /// Whether they are connected now.
    pub online: bool,
    /// When it was found out.
    pub at: Timestamp,
}

/// What a node has learnt of who came and who went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Who came online or went offline, on whatever node: what those here are to be told.
    pub changes: Vec<PresenceChange>,
    /// Whose time is to be noted by this node, of all that learn of them.
    pub to_note: Vec<UserId>,
}
