//! Sending Web Push: a notification is encrypted for one browser (RFC 8291), signed by this installation (RFC
//! 8292), and sent to a push service on the public internet (RFC 8030).
#![warn(missing_docs)]

mod deliveries;
mod encrypt;
mod hosts;
mod keys;
mod places;
mod queue;
mod wire;

pub use encrypt::Sender;
pub use keys::{Keys, NotAKey};
pub use queue::{QueueingBus, Rounds};
