//! Sockets: what all protocols share.
//!
//! An event goes from a use case to the [`Hub`], which knows who listens to which chat, puts the
//! events of each chat in the order of their versions, and drops each into the mailboxes of its
//! listeners. One task serves one socket: it takes from its mailbox, leaves out what its client
//! knows already, and writes. Nothing ever waits for a client while others wait for it.

mod asker;
mod close;
mod feed;
mod frame;
mod frame_guard;
mod holes;
mod hub;
mod mailbox;
mod outgoing;
mod scene;
mod socket;

pub(crate) use asker::Asker;
pub use close::CloseCode;
pub use frame::Frame;
pub use frame_guard::{FrameGuard, FrameLimit};
pub use hub::{Connection, Hub};
pub use mailbox::{Delivery, MAILBOX_SIZE};
pub use scene::Scene;
pub use socket::{Answer, Conversation, Push, Socket, SocketTimes, serve};

/// What a protocol makes of events. The same event makes the same frame for everybody who speaks
/// the protocol, so it is encoded once and the frame is shared.
pub trait Codec: Sync {
    /// Which of the encodings of an event is this protocol's; see [`mailbox::Delivery`].
    fn slot(&self) -> usize;

    /// The frame of an event; `None` if the protocol has no word for it.
    fn encode(&self, delivery: &Delivery) -> Option<Frame>;
}

/// How many protocols there are, which is how many encodings an event may have: the native one comes
/// first, and the dialects follow.
pub const PROTOCOLS: usize = 1 + crate::dialects::COUNT;
