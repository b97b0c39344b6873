//! What is sent, until it is known what becomes of it.

use domain::failure::StoreError;
use domain::limits::{
    PUSH_ATTEMPTS, PUSH_RETRY_WAIT, PUSH_RETRY_WAIT_MAX, PUSHES_AT_ONCE, PUSHES_TO_RETRY,
};
use domain::push::{Delivery, Due, Notice, Pushes};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// What is being sent, which is bounded.
pub(crate) struct Deliveries {
    way: Arc<Way>,
    tasks: JoinSet<()>,
}

/// What everything that is being sent shares.
struct Way {
    pushes: Arc<Pushes>,
    at_once: Semaphore,
    to_retry: Semaphore,
}

impl Deliveries {
    pub(crate) fn new(pushes: Arc<Pushes>) -> Self {
        let at_once = Semaphore::new(PUSHES_AT_ONCE);
        let to_retry = Semaphore::new(PUSHES_TO_RETRY);
        let way = Arc::new(Way { pushes, at_once, to_retry });
        Self { way, tasks: JoinSet::new() }
    }

    /// Begins to tell everybody of a message who is to be told of it now.
    pub(crate) async fn tell(&mut self, notice: Arc<Notice>) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let page = self.way.pushes.due(&notice, from).await?;
            for due in page.due {
                while self.tasks.try_join_next().is_some() {}
                // Those that wait to be tried again are bounded by themselves.
                let Ok(place) = self.way.at_once.acquire().await else { return Ok(()) };
                place.forget();
                let (way, notice) = (self.way.clone(), notice.clone());
                self.tasks.spawn(async move { way.send(&notice, due).await });
            }
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Waits for all that was begun.
    pub(crate) async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Gives a place among those that are sent at once back, however that ends.
struct Place<'a>(&'a Semaphore);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

impl Way {
    /// Tries until it is known what becomes of it. Whoever calls has taken a place for it.
    async fn send(&self, notice: &Notice, mut due: Due) {
        let mut place = Some(Place(&self.at_once));
        for attempt in 1..=PUSH_ATTEMPTS {
            let wait = match self.pushes.deliver(&due).await {
                Ok(Delivery::Later(wait)) => {
                    wait.unwrap_or(PUSH_RETRY_WAIT * 2_u32.pow(attempt - 1))
                }
                Ok(delivery) => return count(outcome(delivery)),
                Err(error) => {
                    tracing::warn!(%error, "a subscription that is gone was not forgotten");
                    return count("gone");
                }
            };
            place.take();
            if attempt == PUSH_ATTEMPTS || wait > PUSH_RETRY_WAIT_MAX {
                break;
            }
            let Ok(_waiting) = self.to_retry.try_acquire() else { break };
            sleep(wait).await;
            let Ok(taken) = self.at_once.acquire().await else { break };
            taken.forget();
            place = Some(Place(&self.at_once));
            // Meanwhile the session may have ended, or the message been read.
            match self.pushes.still_due(notice, due.to.session).await {
                Ok(Some(still)) => due = still,
                Ok(None) => return count("moot"),
                Err(error) => {
                    tracing::warn!(%error, "it is not known whether a device is still to be told");
                    break;
                }
            }
        }
        count("given_up");
    }
}

fn outcome(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Taken => "taken",
        Delivery::Gone => "gone",
        Delivery::Refused => "refused",
        Delivery::Later(_) => "given_up",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("confab_push_total", "outcome" => outcome).increment(1);
}
