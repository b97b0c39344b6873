//! How long to leave a Redis alone that cannot be reached.

use crate::link::plainly;
use crate::node::random;
use redis::RedisError;
use std::time::{Duration, Instant};

/// Between two attempts to connect: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// A connection that lasted this long was a good one: the pauses after it begin anew. In a cluster whose
/// slots are being moved they do not last.
const STEADY: Duration = Duration::from_secs(5);

/// How long to wait before the next attempt to connect.
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: PAUSES.0 }
    }

    /// Says why an attempt failed, loudly only once in a row.
    pub(crate) fn report(&self, error: &RedisError) {
        let error = plainly(error);
        if self.next == PAUSES.0 {
            tracing::warn!(error, "Redis cannot be reached; trying again and again");
        } else {
            tracing::debug!(error, "Redis cannot be reached");
        }
    }

    /// There was a connection since then.
    pub(crate) fn connected_since(&mut self, then: Instant) {
        if then.elapsed() >= STEADY {
            *self = Self::new();
        }
    }

    /// Twice as long as the last one, at most; between half of it and all, so that nodes do not
    /// come all at once.
    pub(crate) fn next(&mut self) -> Duration {
        let half = self.next / 2;
        self.next = (self.next * 2).min(PAUSES.1);
        half + half.mul_f64((random() % 1_000) as f64 / 1_000.0)
    }
}
