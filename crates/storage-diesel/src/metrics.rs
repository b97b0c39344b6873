//! The database's metrics; `docs/OPERATIONS.md` lists them.

use metrics::{Counter, Histogram, counter, gauge, histogram};
use std::time::Duration;

/// The metrics of commits that batch messages.
#[derive(Clone)]
pub(crate) struct Commits {
    messages: Histogram,
    seconds: Histogram,
    failures: Counter,
}

impl Commits {
    pub(crate) fn new() -> Self {
        Self {
            messages: histogram!("confab_commit_messages"),
            seconds: histogram!("confab_commit_seconds"),
            failures: counter!("confab_commit_failures_total"),
        }
    }

    /// Records an attempt to commit so many messages together.
    pub(crate) fn note(&self, messages: usize, took: Duration, failed: bool) {
        self.messages.record(number(messages));
        self.seconds.record(took);
        if failed {
            self.failures.increment(1);
        }
    }
}

/// Records what waits: the writes in progress or queued, the queued messages among them, and the chats whose
/// messages wait in a lane.
pub(crate) fn queues(writes: usize, messages: usize, lanes: usize) {
    gauge!("confab_commit_lanes").set(number(lanes));
    gauge!("confab_database_writes").set(number(writes));
    gauge!("confab_commit_queue_messages").set(number(messages));
}

/// Records how many characters of messages one search compared.
pub(crate) fn searched(chars: usize) {
    counter!("confab_search_characters_total").increment(chars as u64);
}

/// The state of a group of connections with the same purpose.
#[derive(Default)]
pub(crate) struct Connections {
    pub(crate) open: usize,
    pub(crate) in_use: usize,
    /// Calls that wait for one.
    pub(crate) waiting: usize,
}

impl Connections {
    pub(crate) fn show(&self, pool: &'static str) {
        gauge!("confab_database_connections", "pool" => pool).set(number(self.open));
        gauge!("confab_database_connections_in_use", "pool" => pool).set(number(self.in_use));
        gauge!("confab_database_waiting", "pool" => pool).set(number(self.waiting));
    }
}

fn number(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}
