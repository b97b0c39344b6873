//! How long to wait before connecting again to a Redis that cannot be reached.

use crate::link::plainly;
use crate::node::random;
use redis::RedisError;
use std::time::{Duration, Instant};

/// The pause between two attempts to connect: the first one, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// After a connection that lasted this long, the pauses start from the shortest again. While a cluster moves
/// its slots, connections do not last.
const STEADY: Duration = Duration::from_secs(5);

/// How long to wait before the next attempt to connect.
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: PAUSES.0 }
    }

    /// Logs why an attempt failed: the first of several in a row as a warning.
    pub(crate) fn report(&self, error: &RedisError) {
        let error = plainly(error);
        if self.next == PAUSES.0 {
            tracing::warn!(error, "Redis cannot be reached; trying again and again");
        } else {
            tracing::debug!(error, "Redis cannot be reached");
        }
    }

    /// Notes that a connection has ended that had existed since then.
    pub(crate) fn connected_since(&mut self, then: Instant) {
        if then.elapsed() >= STEADY {
            *self = Self::new();
        }
    }

    /// The next pause, which doubles each time up to the longest. It is random between half and all of
    /// that, so that nodes do not reconnect all at once.
    pub(crate) fn next(&mut self) -> Duration {
        let half = self.next / 2;
        self.next = (self.next * 2).min(PAUSES.1);
        half + half.mul_f64((random() % 1_000) as f64 / 1_000.0)
    }
}
