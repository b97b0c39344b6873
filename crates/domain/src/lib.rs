//! The rules of a chat server, and nothing else.
//!
//! There is a module for each noun (`user`, `session`, `chat`, `message`, `media`, `presence`, `push`,
//! `admin`, `block`, `own_data`, `second_factor`, `service_key`, `directory`, `data`). In each, `mod.rs`
//! contains the entities, `port.rs` the traits that the outside must implement, and every other file one use
//! case. There is no runtime, no database and no protocol here, so any service can reuse it: implement the
//! ports (or use this workspace's implementations), pass them to the use cases, and call these.
//!
//! A use case describes a change, has a store decide on it and write it in one transaction, publishes an
//! [`event::Event`] with its [`event::Audience`], and returns. Every error can be converted to a
//! [`failure::Failure`], which is all that callers outside learn.
//!
//! # The three kinds of numbers
//!
//! Clients can catch up exactly because of three numbers, and no clock is involved:
//!
//! - [`ids::Seq`] numbers the messages of one chat: 1, 2, 3 … without gaps, in the order in which they were committed.
//!   A message keeps its number for ever; deleting it leaves a tombstone.
//! - [`ids::Version`] counts the changes that members of the chat may see: 1 when it is created, and one more for each
//!   message, edit, deletion, and change of a member, a role, the title or a read marker. Everything that can change
//!   carries the version of its last change, so a database can answer "what changed after V".
//! - A read marker is the `Seq` up to which a member has read. It only moves forward. Unread messages are counted from
//!   it, and the count is never stored.
#![warn(missing_docs)]

pub mod admin;
pub mod block;
pub mod chat;
pub mod clock;
pub mod data;
pub mod directory;
pub mod event;
pub mod failure;
pub mod host;
pub mod idempotency;
pub mod ids;
pub mod import;
pub mod internet;
pub mod invite;
pub mod limits;
pub mod media;
pub mod message;
pub mod nodes;
pub mod output;
pub mod own_data;
pub mod presence;
pub mod push;
pub mod second_factor;
pub mod service_key;
pub mod session;
pub mod size;
pub mod text;
pub mod user;
pub mod words;
