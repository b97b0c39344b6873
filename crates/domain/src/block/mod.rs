//! People who want nothing of somebody.
//!
//! Blocking closes the direct chat of the two, in both directions, and hides from the one who was
//! blocked whether the other is there, types, or reads what the two wrote to each other. Nobody is told: a chat with somebody who blocked one answers
//! as one with somebody whose account is disabled or was deleted.

mod hidden;
mod manage;
mod page;
mod port;

pub(crate) use hidden::{hide_markers, without_blocked};
pub use manage::BlockError;
pub use page::{Block, BlockPage};
pub use port::BlockStore;
#[cfg(feature = "mocks")]
pub use port::MockBlockStore;

use crate::chat::MemberStore;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::event::EventBus;
use crate::presence::PresenceStore;
use std::sync::Arc;

/// What the use cases of blocking stand on.
pub struct BlockPorts {
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Who finds whom.
    pub directory: Arc<Directory>,
    /// Who shares a chat with whom.
    pub members: Arc<dyn MemberStore>,
    /// Who is connected.
    pub presence: Arc<dyn PresenceStore>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of blocking.
pub struct Blocks {
    ports: BlockPorts,
}

impl Blocks {
    /// Over the given ports.
    pub fn new(ports: BlockPorts) -> Self {
        Self { ports }
    }
}

/// What decides whether a chat between two people is closed, so that nobody may write in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairFacts {
    /// Whether both of them are in it.
    pub both_in: bool,
    /// Whether both accounts are there and active.
    pub both_active: bool,
    /// Whether one of them has blocked the other.
    pub blocked: bool,
}

impl PairFacts {
    /// Whether it is closed.
    pub const fn is_closed(self) -> bool {
        !self.both_in || !self.both_active || self.blocked
    }
}
