//! Who is connected, and who is typing.

mod announce;
mod board;
mod online;
mod port;
mod typing;

pub use board::LocalPresence;
pub use online::{PresencePorts, PresenceService, Visible};
#[cfg(feature = "mocks")]
pub use port::MockPresenceStore;
pub use port::PresenceStore;
pub use typing::Typing;

use crate::ids::UserId;

/// One connection of somebody: a socket, on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Somebody who came online or went offline for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresenceChange {
    /// Who.
    pub user: UserId,
    /// Whether they are connected now.
    pub online: bool,
}
