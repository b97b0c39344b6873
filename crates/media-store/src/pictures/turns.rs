//! The queue of pictures.
//!
//! It is first come, first served, but each account has only one picture in it at a time. So somebody who
//! sends many waits only for themselves: at most one of their pictures is ahead of anybody else's.

use domain::ids::UserId;
use domain::limits::{IMAGE_QUEUE, PICTURES_PER_ACCOUNT};
use domain::media::ImageError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A bounded queue for processing pictures, a few at a time.
pub(super) struct Turns {
    /// Limits how many pictures wait or are being processed.
    places: Arc<Semaphore>,
    /// Limits how many are being processed.
    at_once: Arc<Semaphore>,
    lines: Arc<Lines>,
}

/// A turn to process a picture. It ends when this is dropped.
pub(super) struct Turn {
    _at_once: OwnedSemaphorePermit,
    _of_account: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
    _line: InLine,
}

/// The accounts that have pictures waiting or being processed.
#[derive(Default)]
struct Lines(Mutex<HashMap<UserId, Line>>);

struct Line {
    /// Held by the account's one picture in the queue.
    turn: Arc<Semaphore>,
    pictures: usize,
}

/// A picture that counts for its account.
struct InLine {
    lines: Arc<Lines>,
    owner: UserId,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(IMAGE_QUEUE + at_once)),
            at_once: Arc::new(Semaphore::new(at_once)),
            lines: Arc::default(),
        }
    }

    /// Waits for a turn; `Busy` if too many wait, of this account or of all.
    pub(super) async fn wait(&self, owner: UserId) -> Result<Turn, ImageError> {
        let busy = |_| ImageError::Busy;
        let (line, turn) = self.lines.join(owner).ok_or(ImageError::Busy)?;
        let place = self.places.clone().try_acquire_owned().map_err(|_| ImageError::Busy)?;
        let of_account = turn.acquire_owned().await.map_err(busy)?;
        let at_once = self.at_once.clone().acquire_owned().await.map_err(busy)?;
        Ok(Turn { _at_once: at_once, _of_account: of_account, _place: place, _line: line })
    }
}

impl Lines {
    /// Counts another picture of an account, unless it has too many.
    fn join(self: &Arc<Self>, owner: UserId) -> Option<(InLine, Arc<Semaphore>)> {
        let mut lines = self.all();
        let line = lines
            .entry(owner)
            .or_insert_with(|| Line { turn: Arc::new(Semaphore::new(1)), pictures: 0 });
        if line.pictures >= PICTURES_PER_ACCOUNT {
            return None;
        }
        line.pictures += 1;
        Some((InLine { lines: self.clone(), owner }, line.turn.clone()))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InLine {
    fn drop(&mut self) {
        let mut lines = self.lines.all();
        if let Some(line) = lines.get_mut(&self.owner) {
            line.pictures -= 1;
            if line.pictures == 0 {
                lines.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::JoinSet;

    fn user(id: i64) -> UserId {
        UserId::stored(id)
    }

    /// On one thread everything comes as far as it can before this goes on.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn who_sends_many_waits_for_themselves() {
        let turns = Arc::new(Turns::new(1));
        let working = turns.wait(user(1)).await.unwrap();
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = JoinSet::new();
        for owner in [1, 1, 1, 2, 3, 2] {
            let (turns, served) = (turns.clone(), served.clone());
            waiting.spawn(async move {
                let turn = turns.wait(user(owner)).await.unwrap();
                served.lock().unwrap().push(owner);
                drop(turn);
            });
            settle().await;
        }
        drop(working);
        waiting.join_all().await;
        let order = served.lock().unwrap().clone();
        assert_eq!(order[..2], [2, 3], "one of each other comes first: {order:?}");
        assert_eq!(order.len(), 6);
        assert!(turns.lines.all().is_empty(), "nobody is remembered");
    }

    #[tokio::test]
    async fn an_account_fills_no_queue() {
        let turns = Arc::new(Turns::new(1));
        let working = turns.wait(user(1)).await.unwrap();
        let mut waiting = JoinSet::new();
        for _ in 1..PICTURES_PER_ACCOUNT {
            let turns = turns.clone();
            waiting.spawn(async move { turns.wait(user(1)).await.map(drop) });
        }
        settle().await;
        assert!(matches!(turns.wait(user(1)).await.err(), Some(ImageError::Busy)));
        let other = tokio::spawn({
            let turns = turns.clone();
            async move { turns.wait(user(2)).await.map(drop) }
        });
        settle().await;
        drop(working);
        other.await.unwrap().unwrap();
        assert!(waiting.join_all().await.iter().all(Result::is_ok));
        // Who gives up leaves nothing behind.
        let working = turns.wait(user(1)).await.unwrap();
        let mut gives_up = Box::pin(turns.wait(user(1)));
        assert!(tokio::time::timeout(std::time::Duration::ZERO, &mut gives_up).await.is_err());
        drop(gives_up);
        drop(working);
        assert!(turns.lines.all().is_empty());
    }
}
