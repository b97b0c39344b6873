//! What was found out a moment ago.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long it counts. Then somebody has to try again: a server that says for ever that it is not ready
/// is asked for nothing, and would never find out.
const MEMORY: Duration = Duration::from_secs(10);

/// Whether something was found out a moment ago.
#[derive(Default)]
pub(crate) struct Lately(Mutex<Option<Instant>>);

impl Lately {
    /// It is found out, or that it is over.
    pub(crate) fn set(&self, is_so: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = is_so.then(Instant::now);
    }

    pub(crate) fn is_so(&self) -> bool {
        let at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|at| at.elapsed() < MEMORY)
    }
}
