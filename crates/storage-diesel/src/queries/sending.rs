//! Sending: which loop commits a draft, and when it is tried again.

use super::append::{Outcome, append, append_and_tell, placed};
use super::database::{Database, Ends, Start, step, take, transaction, unless_silent};
use super::lanes::{Lanes, to_all};
use super::optimistic::{Facts, Remembered};
use super::{Conn, drafts};
use crate::error::Failure;
use crate::metrics::Commits;
use crate::rows::Placed;
use crate::timeouts::Timeouts;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::StoreError;
use domain::limits::COMMIT_COST;
use domain::message::{AppendError, Appended, Draft};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tracing::Instrument;
use write_queue::{Batching, Job, WRITES_OF_A_CHAT, Writer};

/// The most drafts that are committed together. Their values stay well below either database's limit on
/// bound values.
pub(super) const TOGETHER: Batching<Arc<Draft>> =
    Batching { count: WRITES_OF_A_CHAT, cost: COMMIT_COST, cost_of: |draft| draft.cost() };

/// How often a draft is tried when another node is storing the same client id. Once that is committed,
/// the next attempt finds it and replays.
pub(super) const ATTEMPTS: usize = 5;

pub(super) type Reply = Result<Appended, AppendError>;

/// A draft whose sender waits for the reply.
pub(super) type Sent = Job<Arc<Draft>, Reply>;

/// The connections that messages are stored on.
pub(crate) struct Senders {
    /// None to write each message by itself.
    pub(crate) loops: Vec<Loop>,
    /// For the chats that a loop could not take.
    pub(crate) lanes: Pool<Conn>,
}

/// Where a loop runs, and what it stores messages on.
#[derive(Clone)]
pub(crate) struct Loop {
    pub(crate) runtime: Handle,
    pub(crate) pool: Pool<Conn>,
}

/// Hands drafts to the loops that commit them.
pub(super) struct Sender {
    /// Each chat belongs to one loop, so that two loops never wait for each other's lock.
    writers: Vec<Writer<Arc<Draft>, Reply>>,
    lanes: Vec<Arc<Lanes>>,
}

impl Sender {
    /// Starts the loops.
    pub(super) fn start(senders: &Senders, waits: Timeouts, ends: &Ends) -> Self {
        // Others wait behind a batch: what they are to wait is what it may take.
        let waits = Timeouts { silence: waits.answer, ..waits };
        let (mut writers, mut lanes) = (Vec::new(), Vec::new());
        for Loop { runtime, pool } in &senders.loops {
            let aside = Lanes::new(senders.lanes.clone(), waits, ends.clone());
            let (pool, ends, commits) = (pool.clone(), ends.clone(), Commits::new());
            let (lanes_of_loop, remembered) = (aside.clone(), Mutex::default());
            let batches = Batches { pool, waits, ends, commits, remembered, lanes: lanes_of_loop };
            let batches = Arc::new(batches);
            let (writer, run) = Writer::new(TOGETHER, move |sent: Vec<Sent>| {
                let batches = batches.clone();
                async move { batches.commit(sent).await }
            });
            drop(runtime.spawn(run));
            writers.push(writer);
            lanes.push(aside);
        }
        Self { writers, lanes }
    }

    pub(super) async fn append(&self, db: &Database, draft: Draft) -> Reply {
        let (loops, draft) = (self.writers.len(), Arc::new(draft));
        let share = draft.chat.get().unsigned_abs() as usize % loops.max(1);
        let Some(writer) = self.writers.get(share) else {
            return one_by_one(db, draft).await;
        };
        // The span covers the queue and the shared commit.
        let done = async {
            let pass = db.gate.enter_chat(draft.chat).await?;
            let reply = writer.submit(draft, pass).await;
            reply.unwrap_or_else(|| Err(StoreError::unavailable("the writer failed").into()))
        };
        done.instrument(step("append")).await
    }

    /// How many drafts wait in queues and lanes, and how many lanes there are.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let queued: usize = self.writers.iter().map(Writer::waiting).sum();
        let lanes = self.lanes.iter().map(|lanes| lanes.waiting());
        lanes.fold((queued, 0), |(all, lanes), (open, waiting)| (all + waiting, lanes + open))
    }
}

/// Sends a draft in its own transaction, where there are no loops.
async fn one_by_one(db: &Database, draft: Arc<Draft>) -> Reply {
    let drafts = Arc::<[Arc<Draft>]>::from(vec![draft.clone()]);
    for _ in 1..ATTEMPTS {
        let drafts = drafts.clone();
        match db
            .write_in(draft.chat, move |conn| Box::pin(append(conn, drafts, Start::Begun)))
            .await
        {
            Err(failure) if failure.is_duplicate() => {}
            result => return reply(result),
        }
    }
    reply(db.write_in(draft.chat, move |conn| Box::pin(append(conn, drafts, Start::Begun))).await)
}

/// One commit loop's connection pool and lanes.
struct Batches {
    pool: Pool<Conn>,
    waits: Timeouts,
    ends: Ends,
    commits: Commits,
    /// Only the loop itself takes it.
    remembered: Mutex<Remembered>,
    lanes: Arc<Lanes>,
}

impl Batches {
    /// Commits drafts together. Drafts of chats whose heads are locked go to lanes. If the database refuses
    /// the batch, all go to lanes, so that a draft that cannot be stored fails alone.
    async fn commit(&self, sent: Vec<Sent>) {
        let sent = self.lanes.pass_on(sent);
        let sent = self.store_remembered(sent).await;
        if sent.is_empty() {
            return;
        }
        match self.attempt(&sent).await {
            Ok(outcomes) => {
                for (one, outcome) in sent.into_iter().zip(outcomes) {
                    match outcome {
                        None => self.lanes.enter(one),
                        decided => one.answer(told(decided)),
                    }
                }
            }
            Err(failure) if failure.is_refusal() => {
                sent.into_iter().for_each(|one| self.lanes.enter(one));
            }
            Err(failure) => to_all(sent, failure),
        }
    }

    /// Stores drafts if their chats and authors are as remembered, and returns those that are still to be stored.
    async fn store_remembered(&self, sent: Vec<Sent>) -> Vec<Sent> {
        if !drafts::IS_OPTIMISTIC || sent.is_empty() {
            return sent;
        }
        let drafts = drafts_of(&sent);
        let Some(presumed) = self.remembered().admit(&drafts) else { return sent };
        let began = Instant::now();
        let stored = async {
            let mut conn = take(&self.pool, self.waits.turn).await?;
            let store = drafts::store_if_so(&mut conn, &drafts, &presumed);
            let done = timeout(self.waits.silence, store).await;
            unless_silent(done, conn)
        };
        let stored = stored.await;
        match &stored {
            Ok(stored) if stored.is_empty() => return sent,
            // The usual way finds out which of them it was, or gets another connection.
            Err(failure) if failure.is_refusal() || failure.is_read_only() => return sent,
            _ => {}
        }
        let count = stored.as_ref().map_or(sent.len(), Vec::len);
        self.commits.note(count, began.elapsed(), stored.is_err());
        self.ends.note_sent(&stored);
        match stored {
            Ok(stored) => answer_stored(sent, &stored),
            Err(failure) => {
                to_all(sent, failure);
                Vec::new()
            }
        }
    }

    fn note(&self, facts: Facts) {
        if drafts::IS_OPTIMISTIC {
            self.remembered().note(facts);
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt(&self, sent: &[Sent]) -> Result<Vec<Outcome>, Failure> {
        let drafts = drafts_of(sent);
        match self.transaction(drafts.clone()).await {
            // The connection may lead to a former primary, and has been closed. A new one shows whether the
            // server itself is read-only.
            Err(failure) if failure.is_read_only() => self.transaction(drafts).await,
            result => result,
        }
    }

    async fn transaction(&self, drafts: Arc<[Arc<Draft>]>) -> Result<Vec<Outcome>, Failure> {
        let (count, began) = (drafts.len(), Instant::now());
        let result = transaction(&self.pool, self.waits, Start::Begin, move |conn| {
            Box::pin(append_and_tell(conn, drafts, Start::Begin))
        });
        let result = result.await.map(|(outcomes, facts)| {
            self.note(facts);
            outcomes
        });
        self.commits.note(count, began.elapsed(), result.is_err());
        self.ends.note_sent(&result);
        result
    }
}

fn drafts_of(sent: &[Sent]) -> Arc<[Arc<Draft>]> {
    sent.iter().map(|one| one.input.clone()).collect()
}

/// Tells the senders of these, and returns the others.
fn answer_stored(sent: Vec<Sent>, stored: &[Placed]) -> Vec<Sent> {
    let mut left: Vec<_> = sent.into_iter().map(Some).collect();
    for place in stored {
        if let Some(one) = left.get_mut(place.nth).and_then(Option::take) {
            let appended = placed(&one.input, place);
            one.answer(Ok(appended));
        }
    }
    left.into_iter().flatten().collect()
}

/// The reply to a draft's sender.
pub(super) fn told(outcome: Outcome) -> Reply {
    match outcome {
        Some(verdict) => verdict.map_err(AppendError::Refused),
        None => Err(StoreError::busy("the chat is being changed").into()),
    }
}

/// The reply for a transaction with a single draft. A violated constraint becomes `Unavailable`: the rules
/// admitted the draft, so `NotFound` or `Conflict` would mislead the sender.
pub(super) fn reply(result: Result<Vec<Outcome>, Failure>) -> Reply {
    let refused = |error| StoreError::unavailable(format!("a message was refused: {error}"));
    match result.map(|mut outcomes| outcomes.pop()) {
        Ok(Some(outcome)) => told(outcome),
        Ok(None) => Err(StoreError::unavailable("a message got no answer").into()),
        Err(failure) => Err(match StoreError::from(failure) {
            error @ (StoreError::NotFound | StoreError::Conflict) => refused(error),
            error => error,
        }
        .into()),
    }
}
