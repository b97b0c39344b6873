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

/// A connection of somebody: a socket on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    /// The connection that stands for requests over HTTP by somebody without a socket.
    pub(super) const VISIT: Self = Self(u64::MAX);
}

/// Somebody came online or went offline, after the grace period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceChange {
    /// Who.
    pub user: UserId,
    /// Whether they are connected now.
    pub online: bool,
    /// When that was found out.
    pub at: Timestamp,
}

/// What a node has learnt about presence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Who came online or went offline, on any node, for this node to inform its sockets.
    pub changes: Vec<PresenceChange>,
    /// Whose last-seen time this node has to store. All nodes learn the changes, but only one stores each.
    pub to_note: Vec<UserId>,
}
