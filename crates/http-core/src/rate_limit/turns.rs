//! Running each account's searches one after the other.

use super::connection_limits::{ConnectionLimits, ConnectionSlot};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::limits::{DATABASE_WAIT, SEARCHES_AT_ONCE, SEARCHES_WAITING};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// When to try again after a refusal.
const PAUSE: Duration = Duration::from_secs(1);

/// The queues in which each account's searches wait.
pub(super) struct Turns {
    /// Limits how many searches of each account run or wait.
    places: Arc<ConnectionLimits<UserId>>,
    lines: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// The right to search now. It ends when this is dropped.
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: ConnectionSlot<UserId>,
}

impl Turns {
    pub(super) fn new() -> Self {
        let places = ConnectionLimits::new(SEARCHES_AT_ONCE + SEARCHES_WAITING);
        Self { places, lines: Mutex::default() }
    }

    /// Waits until the account's earlier searches are done. Refused if too many wait already, or after
    /// [`DATABASE_WAIT`].
    pub(super) async fn take(&self, user: UserId) -> Result<Turn, Failure> {
        let place = self.places.take(user).ok_or_else(busy)?;
        let line = self.line(user);
        match timeout(DATABASE_WAIT, line.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit, _place: place }),
            // The first cannot happen: semaphores are never closed.
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    fn line(&self, user: UserId) -> Arc<Semaphore> {
        let mut lines = self.lines();
        let line = lines.get(&user).and_then(Weak::upgrade);
        line.unwrap_or_else(|| {
            let line = Arc::new(Semaphore::new(SEARCHES_AT_ONCE));
            lines.insert(user, Arc::downgrade(&line));
            line
        })
    }

    /// Removes empty queues.
    pub(super) fn forget_idle(&self) {
        self.lines().retain(|_, line| line.strong_count() > 0);
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<UserId, Weak<Semaphore>>> {
        // A poisoned lock is harmless: no panic above can leave the map half-changed.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy() -> Failure {
    let detail = "Other searches of this account are still running.";
    Failure::too_many(PAUSE, "too_many_searches", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::failure::Kind;
    use futures_util::FutureExt;

    fn user(id: i64) -> UserId {
        UserId::stored(id)
    }

    #[actix_web::test]
    async fn the_searches_of_one_account_wait_for_each_other() {
        let turns = Turns::new();
        let first = turns.take(user(1)).await.unwrap();
        let mut waiting: Vec<_> =
            (0..SEARCHES_WAITING).map(|_| Box::pin(turns.take(user(1)))).collect();
        for second in &mut waiting {
            assert!(second.now_or_never().is_none(), "it waits");
        }
        let refused = turns.take(user(1)).await.err().unwrap();
        assert_eq!((refused.kind, refused.code), (Kind::TooMany, "too_many_searches"));
        assert!(refused.wait().is_some());
        let other = turns.take(user(2)).await.expect("others go on");
        drop(first);
        let next = waiting.remove(0).await.expect("its turn");
        drop((next, waiting, other));
        turns.forget_idle();
        assert!(turns.lines().is_empty(), "nothing is remembered of who does not search");
        turns.take(user(1)).await.expect("a new line");
    }
}
