//! A clock that only moves when told to.

use domain::clock::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Shows the time that a test sets.
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// A clock that shows that time.
    pub fn at(time: Timestamp) -> Arc<Self> {
        Arc::new(Self { micros: AtomicI64::new(time.as_micros()) })
    }

    /// Moves it forward.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().plus(span));
    }

    /// Sets it, also backwards, as a machine's clock can be.
    pub fn set(&self, time: Timestamp) {
        self.micros.store(time.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }
}
