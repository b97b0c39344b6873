//! Sockets: what all protocols share.
//!
//! An event goes from a use case to the [`Hub`], which knows who listens to which chat, puts the
//! events of each chat in the order of their versions, and drops each into the mailboxes of its
//! listeners; what has no room there, a socket reads from the database once it has. One task serves one
//! socket: it takes from its mailbox, leaves out what its client knows already, and writes. Nothing ever waits
//! for a client while others wait for it, and no lock is over all chats.
//!
//! What a protocol does is its [`Conversation`]; everything else of a socket's life is in
//! `lifecycle.rs`, the same for all of them. This crate knows no protocol.

mod backlog;
mod close;
mod confirmed;
mod connected;
mod connection;
mod conversation;
mod delivery;
mod feed;
mod frame;
mod frame_guard;
mod gaps;
mod hub;
mod lifecycle;
mod mailbox;
pub mod metrics;
mod outgoing;
mod presence;
mod reconcile;
mod serve;
mod sessions;
mod share;
mod socket;
mod socket_id;

pub use close::CloseCode;
pub use connection::Belonging;
pub use conversation::{Answer, Conversation, Push};
pub use delivery::{Codec, Delivery};
pub use frame::Frame;
pub use hub::Hub;
pub use lifecycle::{Beginning, OpenSocket, SocketServices, open};
pub use mailbox::{MAILBOX_BYTES, MAILBOX_SIZE};
pub use socket::{Socket, SocketOptions, SocketTimes, UNACKNOWLEDGED};
