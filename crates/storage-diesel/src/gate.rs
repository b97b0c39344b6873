//! Counts the writes that are under config, so that there is an end to them and to the program.

use crate::error::Failure;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many writes may be under way or waiting at once.
pub(crate) const WRITES: u32 = 4096;

/// Lets a limited number of writes in until it is closed.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    patience: Duration,
}

/// A place; the write holds it until it is over.
pub(crate) type Pass = OwnedSemaphorePermit;

impl Gate {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(WRITES as usize)), patience }
    }

    pub(crate) async fn enter(&self) -> Result<Pass, Failure> {
        // The clock is asked only by those that have to wait.
        if let Ok(pass) = self.places.clone().try_acquire_owned() {
            return Ok(pass);
        }
        match tokio::time::timeout(self.patience, self.places.clone().acquire_owned()).await {
            Ok(Ok(pass)) => Ok(pass),
            Ok(Err(_)) => Err(Failure::unavailable("the database has been closed")),
            Err(_) => Err(Failure::unavailable("too many writes are waiting")),
        }
    }

    /// How many writes are in.
    pub(crate) fn inside(&self) -> usize {
        (WRITES as usize).saturating_sub(self.places.available_permits())
    }

    /// Timeouts for the writes that are in and lets nobody in after them.
    pub(crate) async fn close(&self) {
        // Whoever comes now queues behind this, and is turned away by the next line.
        let all = self.places.acquire_many(WRITES).await;
        self.places.close();
        drop(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn closing_waits_for_those_inside_and_turns_the_rest_away() {
        let gate = Arc::new(Gate::new(Duration::from_secs(60)));
        let inside = gate.enter().await.expect("an open gate");
        let closing = tokio::spawn({
            let gate = gate.clone();
            async move { gate.close().await }
        });
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(!closing.is_finished());
        let late = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.is_err() }
        });
        drop(inside);
        closing.await.expect("no panic");
        assert!(late.await.expect("no panic"), "somebody got in after the end");
    }
}
