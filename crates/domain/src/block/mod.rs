//! Blocking people.
//!
//! Blocking closes the direct chat of the two people, in both directions, and hides from the blocked person
//! whether the other is online, is typing, or has read what they wrote to each other. The blocked person is
//! not told: the chat behaves as if the other's account were disabled or deleted.

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

/// The ports that blocking needs.
pub struct BlockPorts {
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Decides who may find whom.
    pub directory: Arc<Directory>,
    /// Who shares a chat with whom.
    pub members: Arc<dyn MemberStore>,
    /// Who is connected.
    pub presence: Arc<dyn PresenceStore>,
    /// Publishes events.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of blocking.
pub struct Blocks {
    ports: BlockPorts,
}

impl Blocks {
    /// Uses the given ports.
    pub fn new(ports: BlockPorts) -> Self {
        Self { ports }
    }
}

/// The facts that decide whether a chat between two people is closed, so that nobody may write in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairFacts {
    /// Whether both of them are members.
    pub both_in: bool,
    /// Whether both accounts exist and are active.
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
