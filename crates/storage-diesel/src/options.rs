//! How a database is used.

use domain::limits::{CHAT_WAIT, DATABASE_ANSWER, DATABASE_WAIT, SQLITE_LOG_BYTES};
use domain::user::Lookalikes;
use std::time::Duration;

/// How a database is used.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many calls may read at once. On PostgreSQL half as many may change chats, beside what sends, and a
    /// quarter may write what is of no chat.
    pub connections: usize,
    /// How many calls that may take long may read at once: searches and exports, which wait for each other
    /// and keep nothing else waiting.
    pub slow_readers: usize,
    /// How a message is committed.
    pub sending: Sending,
    /// When SQLite waits for the disk. PostgreSQL has its own setting on the server.
    pub durability: Durability,
    /// How long a call waits for its turn before it answers that the database is not available.
    pub patience: Duration,
    /// How long a change of a chat waits for others that change the same chat, before it is refused.
    pub held: Duration,
    /// How long a call waits for PostgreSQL to answer, before it answers that it is not available. What
    /// was begun goes on without it.
    pub answer: Duration,
    /// Bytes of SQLite's write-ahead log from which on it is cut off.
    pub log_bytes: u64,
    /// What becomes of user names that look like others.
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
    /// Those that wait are committed together.
    Grouped,
    /// Each in a transaction of its own: what a benchmark compares with.
    OneByOne,
}

/// When SQLite waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// At every commit, so that a power cut loses nothing that was acknowledged.
    Full,
    /// Now and then: for benchmarks and tests. A power cut may lose the last commits.
    Normal,
}
