//! Lanes: queues for chats whose heads another transaction has locked, so that other chats' drafts need not wait.
//!
//! A batch takes the heads that are free and waits for none. Drafts for locked heads go to a lane, one per chat.
//! Whatever is sent to such a chat later goes there, too, until the lane is empty, so that drafts are committed
//! in the order in which they came. Lanes share a few connections; while a head stays locked, its lane holds
//! one only for moments. A draft that has waited too long is refused.

use super::Conn;
use super::database::Ends;
use super::grouping::{ATTEMPTS, Grouped, Outcome, Sent, reply, told};
use super::transactions::{Locks, Start, locked_transaction};
use crate::error::{Failure, shared};
use crate::metrics::Commits;
use crate::timeouts::Timeouts;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::StoreError;
use domain::ids::ChatId;
use futures_util::FutureExt;
use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::slice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What waits in each lane, by chat. A lane exists only while it has work.
type Waiting<C> = HashMap<ChatId, VecDeque<Sent<C>>>;

/// The lanes of one commit loop.
pub(super) struct Lanes<C: Grouped> {
    waiting: Mutex<Waiting<C>>,
    pool: Pool<Conn>,
    waits: Timeouts,
    ends: Ends,
    commits: Option<Commits>,
}

impl<C: Grouped> Lanes<C> {
    pub(super) fn new(pool: Pool<Conn>, waits: Timeouts, ends: Ends) -> Arc<Self> {
        // Waiting in a lane includes waiting for a connection.
        let waits = Timeouts { turn: waits.held, ..waits };
        let (waiting, commits) = (Mutex::default(), C::commits());
        Arc::new(Self { waiting, pool, waits, ends, commits })
    }

    /// How many chats have a lane, and how many drafts wait in them.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let lanes = self.lock();
        (lanes.len(), lanes.values().map(VecDeque::len).sum())
    }

    /// Moves drafts of chats that have a lane into it, and returns the rest.
    pub(super) fn pass_on(&self, sent: Vec<Sent<C>>) -> Vec<Sent<C>> {
        let mut lanes = self.lock();
        if lanes.is_empty() {
            return sent;
        }
        let mut rest = Vec::with_capacity(sent.len());
        for sent in sent {
            match lanes.get_mut(&sent.input.chat()) {
                Some(lane) => lane.push_back(sent),
                None => rest.push(sent),
            }
        }
        rest
    }

    /// Puts a draft into its chat's lane, and starts the lane if there is none.
    pub(super) fn enter(self: &Arc<Self>, sent: Sent<C>) {
        let chat = sent.input.chat();
        let mut lanes = self.lock();
        let begins = !lanes.contains_key(&chat);
        lanes.entry(chat).or_default().push_back(sent);
        drop(lanes);
        if begins {
            let lanes = self.clone();
            drop(tokio::spawn(async move { lanes.run(chat).await }));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<C>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, chat: ChatId) {
        while let Some(sent) = self.next(chat) {
            // A panic drops these drafts' replies, so their senders get an error; the lane goes on.
            let done = AssertUnwindSafe(self.commit(chat, sent)).catch_unwind().await;
            drop(done);
        }
    }

    /// The next drafts of a lane. An empty lane is removed under the same lock, so no draft can be lost
    /// in between.
    fn next(&self, chat: ChatId) -> Option<Vec<Sent<C>>> {
        let mut lanes = self.lock();
        let next = C::TOGETHER.take(lanes.get_mut(&chat)?);
        if next.is_empty() {
            lanes.remove(&chat);
            return None;
        }
        Some(next)
    }

    /// Commits these together; if the database refuses that, one by one, so that a draft that cannot be
    /// stored fails alone.
    async fn commit(&self, chat: ChatId, sent: Vec<Sent<C>>) {
        let result = self.attempt(chat, &sent).await;
        match result {
            Ok(outcomes) => answer(sent, outcomes),
            Err(failure) if failure.is_busy() => {
                self.give_up_oldest(chat, sent.into(), &failure.into());
            }
            Err(failure) if failure.is_refusal() => self.one_after_another(chat, sent).await,
            Err(failure) => to_all(sent, failure),
        }
    }

    /// Stores them in one transaction, with their chat's head locked.
    async fn attempt(&self, chat: ChatId, sent: &[Sent<C>]) -> Result<Vec<Outcome<C>>, Failure> {
        let these: Arc<[Arc<C>]> = sent.iter().map(|sent| sent.input.clone()).collect();
        let since = sent.first().map_or_else(Instant::now, |oldest| oldest.since);
        let (locks, began) = (Locks::from(chat), Instant::now());
        let result = locked_transaction(&self.pool, self.waits, (&locks, since), move |conn| {
            C::commit(conn, these, Start::Begun)
        })
        .await;
        if let Some(commits) = &self.commits {
            commits.note(sent.len(), began.elapsed(), result.is_err());
        }
        self.ends.note_group(&result, C::ADDS);
        result.map(|(outcomes, _)| outcomes)
    }

    /// Commits them one by one. If the database becomes unreachable, the rest fail without an attempt,
    /// since each would wait for it again.
    async fn one_after_another(&self, chat: ChatId, sent: Vec<Sent<C>>) {
        let mut line = VecDeque::from(sent);
        while let Some(one) = line.pop_front() {
            match self.alone(chat, &one).await {
                Err(failure) if failure.is_busy() => {
                    line.push_front(one);
                    return self.give_up_oldest(chat, line, &failure.into());
                }
                Err(failure) if !failure.is_refusal() => {
                    line.push_front(one);
                    return to_all(line, failure);
                }
                result => one.answer(reply::<C>(result)),
            }
        }
    }

    async fn alone(&self, chat: ChatId, one: &Sent<C>) -> Result<Vec<Outcome<C>>, Failure> {
        for _ in 1..ATTEMPTS {
            match self.attempt(chat, slice::from_ref(one)).await {
                Err(failure) if failure.is_duplicate() => {}
                result => return result,
            }
        }
        self.attempt(chat, slice::from_ref(one)).await
    }

    /// Refuses the drafts that have waited too long, and always the first. The others return to the front
    /// of the lane.
    fn give_up_oldest(&self, chat: ChatId, sent: VecDeque<Sent<C>>, busy: &StoreError) {
        let (mut old, mut rest) = (Vec::new(), Vec::new());
        for one in sent {
            if old.is_empty() || one.since.elapsed() >= self.waits.held {
                old.push(one);
            } else {
                rest.push(one);
            }
        }
        let mut lanes = self.lock();
        let lane = lanes.entry(chat).or_default();
        for one in rest.into_iter().rev() {
            lane.push_front(one);
        }
        drop(lanes);
        for one in old {
            one.answer(Err(shared(busy).into()));
        }
    }
}

/// Gives each sender the outcome of its draft.
fn answer<C: Grouped>(sent: Vec<Sent<C>>, outcomes: Vec<Outcome<C>>) {
    for (one, outcome) in sent.into_iter().zip(outcomes) {
        one.answer(told::<C>(outcome));
    }
}

/// Gives each sender the same failure.
pub(super) fn to_all<C: Grouped>(sent: impl IntoIterator<Item = Sent<C>>, failure: Failure) {
    let error = StoreError::from(failure);
    for one in sent {
        one.answer(Err(shared(&error).into()));
    }
}
