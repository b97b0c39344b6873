//! Web Push to the outside: what is told is encrypted for one browser (RFC 8291), signed as from
//! this installation (RFC 8292) and handed to a push service on the public internet (RFC 8030).
#![warn(missing_docs)]

mod client;
mod courier;
mod keys;
mod sender;
mod sending;
mod wire;

pub use courier::{Courier, Rounds};
pub use keys::{Keys, NotAKey};
pub use sender::Sender;
