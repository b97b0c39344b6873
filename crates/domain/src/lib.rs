//! The rules of a chat, and nothing else.
//!
//! Nouns are modules (`user`, `session`, `chat`, `message`, `media`, `presence`,
//! `push`, `admin`, `block`, `own_data`, `second_factor`, `service_key`, `directory`, `data`); in each, `mod.rs` holds the
//! entities, `port.rs` what the outside must provide, and every other file one use case. There is
//! no runtime, no database and no protocol here, so any service can reuse it: implement the ports
//! (or take the ones this workspace has), hand them to the use cases, call.
//!
//! A use case says what is wanted, has a store decide about that and write it at once, publishes an
//! [`event::Event`] with its [`event::Audience`], and returns. Whatever goes wrong can be turned into a
//! [`failure::Failure`], which is all that the outside learns.
//!
//! # The three kinds of numbers
//!
//! Catching up is exact because of three numbers, never because of a clock:
//!
//! - [`ids::Seq`] numbers the messages of one chat: 1, 2, 3 … without holes, in the order in which
//!   they were committed. A message keeps its number for ever; deleting it leaves a tombstone.
//! - [`ids::Version`] counts the changes that somebody in the chat may see: 1 when it is made, one
//!   more for each message, edit, deletion, member, role, title or read marker. Everything that
//!   can change carries the version of its last change, so "what changed after V" is a question
//!   that a database can answer.
//! - A read marker is the `Seq` up to which a member has read. It only moves forward. What is
//!   unread is counted from it and never stored.
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
pub mod ids;
pub mod import;
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
