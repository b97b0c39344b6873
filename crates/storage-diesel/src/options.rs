//! The options of opening a database.

use domain::limits::{CHAT_WAIT, DATABASE_ANSWER, DATABASE_WAIT, SQLITE_LOG_BYTES};
use domain::user::Lookalikes;
use std::time::Duration;

/// The options of opening a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many calls may read at once. On PostgreSQL, half as many may change chats, in addition to those
    /// that send messages, and a quarter may write what belongs to no chat.
    pub connections: usize,
    /// How many slow calls may read at once: searches and exports, which wait for each other and delay nothing
    /// else.
    pub slow_readers: usize,
    /// How messages are committed.
    pub sending: Sending,
    /// When SQLite waits for the disk. For PostgreSQL, the server's own setting applies.
    pub durability: Durability,
    /// How long a call waits for a connection before it fails as unavailable.
    pub patience: Duration,
    /// How long a change of a chat waits for other changes of it before it is refused.
    pub held: Duration,
    /// How long a call waits for PostgreSQL's answer before it fails as unavailable. What was begun continues
    /// without it.
    pub answer: Duration,
    /// Bytes of SQLite's write-ahead log above which it is truncated.
    pub log_bytes: u64,
    /// Whether user names that look like others are refused.
    pub lookalikes: Lookalikes,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            slow_readers: 2,
            sending: Sending::Grouped,
            durability: Durability::Full,
            patience: DATABASE_WAIT,
            held: CHAT_WAIT,
            answer: DATABASE_ANSWER,
            log_bytes: SQLITE_LOG_BYTES,
            lookalikes: Lookalikes::default(),
        }
    }
}

/// How messages are committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Waiting messages are committed together.
    Grouped,
    /// Each message gets its own transaction; for comparison in benchmarks.
    OneByOne,
}

/// When SQLite waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// At every commit, so that a power cut loses nothing that was acknowledged.
    Full,
    /// Only occasionally: for benchmarks and tests. A power cut may lose the last commits.
    Normal,
}
