//! Every test of the stores, in one binary: linking one for each file took longer than running most of them.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

mod common;
mod contract;
mod deleted_chats;
mod held_chats;
mod log;
mod markers;
mod opening;
mod optimistic;
mod pooler;
mod read_only;
mod recent_sessions;
mod recovery;
mod round_trips;
mod searching;
mod tls;
mod writing;
