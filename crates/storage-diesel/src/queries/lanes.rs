//! Lanes: where the drafts of a chat wait whose head somebody else holds, so that those of all other chats do
//! not wait with them.
//!
//! A batch takes the heads that are free and waits for none. The drafts of the others go to a lane, one for each
//! chat, and so does whatever is sent to such a chat later, until its lane is empty: they are committed in the
//! order in which they came. Lanes share a few connections, which a lane has for a moment only while the head is
//! held, and a draft that has waited for too long is refused.

use super::Conn;
use super::append::{Outcome, append};
use super::database::{Ends, Locks, Start, locked_transaction};
use super::sending::{ATTEMPTS, Sent, TOGETHER, reply, told};
use crate::error::{Failure, shared};
use crate::metrics::Commits;
use crate::timeouts::Timeouts;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::StoreError;
use domain::ids::ChatId;
use domain::message::Draft;
use futures_util::FutureExt;
use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::slice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The drafts that wait in each lane, by its chat. A lane is there as long as it has work.
type Waiting = HashMap<ChatId, VecDeque<Sent>>;

/// All lanes of one loop.
pub(super) struct Lanes {
    waiting: Mutex<Waiting>,
    pool: Pool<Conn>,
    waits: Timeouts,
    ends: Ends,
    commits: Commits,
}

impl Lanes {
    pub(super) fn new(pool: Pool<Conn>, waits: Timeouts, ends: Ends) -> Arc<Self> {
        // Whoever has a lane waits there for a connection, too.
        let waits = Timeouts { turn: waits.held, ..waits };
        let (waiting, commits) = (Mutex::default(), Commits::new());
        Arc::new(Self { waiting, pool, waits, ends, commits })
    }

    /// How many chats have a lane, and how many drafts wait in them.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let lanes = self.lock();
        (lanes.len(), lanes.values().map(VecDeque::len).sum())
    }

    /// Sends what is for a chat that has a lane there, and returns the rest.
    pub(super) fn pass_on(&self, sent: Vec<Sent>) -> Vec<Sent> {
        let mut lanes = self.lock();
        if lanes.is_empty() {
            return sent;
        }
        let mut rest = Vec::with_capacity(sent.len());
        for sent in sent {
            match lanes.get_mut(&sent.input.chat) {
                Some(lane) => lane.push_back(sent),
                None => rest.push(sent),
            }
        }
        rest
    }

    /// Sends it to the lane of its chat, which begins if there is none.
    pub(super) fn enter(self: &Arc<Self>, sent: Sent) {
        let chat = sent.input.chat;
        let mut lanes = self.lock();
        let begins = !lanes.contains_key(&chat);
        lanes.entry(chat).or_default().push_back(sent);
        drop(lanes);
        if begins {
            let lanes = self.clone();
            drop(tokio::spawn(async move { lanes.run(chat).await }));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, chat: ChatId) {
        while let Some(sent) = self.next(chat) {
            // A panic drops the replies of these and leaves the lane alive.
            let done = AssertUnwindSafe(self.commit(chat, sent)).catch_unwind().await;
            drop(done);
        }
    }

    /// What is next in a lane. It ends when there is nothing, before anything else can come.
    fn next(&self, chat: ChatId) -> Option<Vec<Sent>> {
        let mut lanes = self.lock();
        let next = TOGETHER.take(lanes.get_mut(&chat)?);
        if next.is_empty() {
            lanes.remove(&chat);
            return None;
        }
        Some(next)
    }

    /// Commits these together, or each by itself where the database refuses that, so that one that cannot be
    /// stored fails alone.
    async fn commit(&self, chat: ChatId, sent: Vec<Sent>) {
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

    /// As many of them as are stored, in one transaction with the head of their chat locked.
    async fn attempt(&self, chat: ChatId, sent: &[Sent]) -> Result<Vec<Outcome>, Failure> {
        let drafts: Arc<[Arc<Draft>]> = sent.iter().map(|sent| sent.input.clone()).collect();
        let since = sent.first().map_or_else(Instant::now, |oldest| oldest.since);
        let (locks, began) = (Locks::from(chat), Instant::now());
        let result = locked_transaction(&self.pool, self.waits, (&locks, since), move |conn| {
            Box::pin(append(conn, drafts, Start::Begun))
        })
        .await;
        self.commits.note(sent.len(), began.elapsed(), result.is_err());
        self.ends.note_sent(&result);
        result
    }

    /// One of them after the other. When the database goes away meanwhile, the rest is not tried: each would
    /// wait for it again.
    async fn one_after_another(&self, chat: ChatId, sent: Vec<Sent>) {
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
                result => one.answer(reply(result)),
            }
        }
    }

    async fn alone(&self, chat: ChatId, one: &Sent) -> Result<Vec<Outcome>, Failure> {
        for _ in 1..ATTEMPTS {
            match self.attempt(chat, slice::from_ref(one)).await {
                Err(failure) if failure.is_duplicate() => {}
                result => return result,
            }
        }
        self.attempt(chat, slice::from_ref(one)).await
    }

    /// Refuses those that have waited for long enough, the first at least. The others go on waiting, before
    /// what came later.
    fn give_up_oldest(&self, chat: ChatId, sent: VecDeque<Sent>, busy: &StoreError) {
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

/// Says to each what has become of its draft.
fn answer(sent: Vec<Sent>, outcomes: Vec<Outcome>) {
    for (one, outcome) in sent.into_iter().zip(outcomes) {
        one.answer(told(outcome));
    }
}

/// The same failure for each.
pub(super) fn to_all(sent: impl IntoIterator<Item = Sent>, failure: Failure) {
    let error = StoreError::from(failure);
    for one in sent {
        one.answer(Err(shared(&error).into()));
    }
}
