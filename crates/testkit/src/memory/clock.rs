//! A clock that stands still.

use domain::clock::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Shows the time that a test sets. Nothing else moves it.
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// At that time.
    pub fn at(time: Timestamp) -> Arc<Self> {
        Arc::new(Self { micros: AtomicI64::new(time.as_micros()) })
    }

    /// Moves it forward.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().plus(span));
    }

    /// Sets it, back too: the clocks of machines do that.
    pub fn set(&self, time: Timestamp) {
        self.micros.store(time.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }
}
