//! Sampling log lines that strangers can cause at any rate: one a second of each kind is written, and how
//! many more there were.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many characters of a client's text a log line contains.
const LOGGED_CHARS: usize = 200;

/// Requests above a rate limit.
pub static TOO_MANY: Sampled = Sampled::new("requests that were too many");
/// Health checks.
pub static HEALTH: Sampled = Sampled::new("requests for health");
/// Requests by pages of other origins.
pub static FOREIGN_PAGES: Sampled = Sampled::new("pages of other origins");
/// Connections above a limit.
pub static CONNECTIONS: Sampled = Sampled::new("connections that were too many");
/// Attempts to sign in above a rate limit.
pub static LOG_INS: Sampled = Sampled::new("attempts to sign in that were too many");

static ALL: [&Sampled; 5] = [&TOO_MANY, &HEALTH, &FOREIGN_PAGES, &CONNECTIONS, &LOG_INS];

/// One kind of line.
pub struct Sampled {
    what: &'static str,
    /// How many there were since the last turn.
    count: AtomicU64,
}

impl Sampled {
    const fn new(what: &'static str) -> Self {
        Self { what, count: AtomicU64::new(0) }
    }

    /// Counts a line, and returns whether to write it, because it is the first of its turn.
    pub fn is_written(&self) -> bool {
        self.count.fetch_add(1, Ordering::Relaxed) == 0
    }

    /// Ends the turn, and returns how many lines were not written.
    fn turn(&self) -> u64 {
        self.count.swap(0, Ordering::Relaxed).saturating_sub(1)
    }
}

/// Logs how many lines were not written; to be called once a second.
pub fn log_what_was_left_out() {
    for kind in ALL {
        let more = kind.turn();
        if more > 0 {
            tracing::info!(more, of = kind.what, "more of the same were not logged");
        }
    }
}

/// Cuts a client's text to the length that a log line contains.
pub fn cut(said: &str) -> &str {
    said.char_indices().nth(LOGGED_CHARS).map_or(said, |(end, _)| &said[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_turn_is_written_and_the_others_are_counted() {
        let kind = Sampled::new("examples");
        assert_eq!(kind.turn(), 0);
        let written = (0..1_000).filter(|_| kind.is_written()).count();
        assert_eq!((written, kind.turn(), kind.turn()), (1, 999, 0));
        assert!(kind.is_written());
        assert_eq!(kind.turn(), 0);
    }

    #[test]
    fn what_was_said_is_cut_between_characters() {
        assert_eq!(cut("/short"), "/short");
        assert_eq!(cut(&"ü".repeat(60_000)), "ü".repeat(200));
    }
}
