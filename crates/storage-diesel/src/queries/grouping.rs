//! Committing changes of chats in groups: which loop commits a change, and when it is tried again.

use super::call::Work;
use super::database::{Database, Ends, step};
use super::lanes::{Lanes, to_all};
use super::transactions::{Start, take, transaction, unless_silent};
use super::{Conn, Shared, begin_now};
use crate::error::Failure;
use crate::metrics::Commits;
use crate::timeouts::Timeouts;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::{StoreError, WriteError};
use domain::ids::ChatId;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tracing::Instrument;
use write_queue::{Batching, Job, Pass, Writer};

/// How often a change is tried when another node is storing the same unique value. Once that is committed, the
/// next attempt finds it.
pub(super) const ATTEMPTS: usize = 5;

/// A change of a chat that is committed together with others of its kind.
pub(super) trait Grouped: Send + Sync + Sized + 'static {
    /// What it is answered with once it is committed.
    type Done: Send + 'static;
    /// Why it may be refused.
    type Refusal: Send + 'static;

    /// What a commit found of the chats and people, as it left them; `()` if nothing ever is presumed of that.
    type Facts: Send + 'static;

    /// What a loop remembers of those, to presume that it is still so. See ADR 74.
    type Memory: Default + Send + Sync + 'static;

    /// What is presumed; `Infallible` if nothing ever is.
    type Presumed: Send;

    /// How many are committed together. Their values stay well below either database's limit on bound values.
    const TOGETHER: Batching<Arc<Self>>;

    /// Whether it adds to the database, so that its success says that there is room.
    const ADDS: bool;

    /// What it is called in traces.
    const NAME: &'static str;

    fn chat(&self) -> ChatId;

    /// The metrics of its commits, if there are any.
    fn commits() -> Option<Commits>;

    /// Decides on each of these in order, and stores them. With `Start::Begin` it waits for no lock that somebody
    /// else holds: changes that need one get no outcome. With `Start::Begun` the head of their chat is locked, and
    /// all get one.
    fn commit(
        conn: &mut Conn,
        these: Arc<[Arc<Self>]>,
        start: Start,
    ) -> Work<'_, (Vec<Outcome<Self>>, Self::Facts)>;

    /// Takes in what was found by a commit that succeeded.
    fn remember(memory: &Self::Memory, facts: Self::Facts);

    /// What is presumed of these changes, if all of them are admitted by that.
    fn presume<'a>(
        memory: &Self::Memory,
        these: impl Iterator<Item = &'a Self>,
    ) -> Option<Self::Presumed>;

    /// Commits those of which all is as presumed, outside a transaction. The others get no outcome.
    fn commit_presumed(
        conn: &mut Conn,
        these: Arc<[Arc<Self>]>,
        presumed: Self::Presumed,
    ) -> Work<'_, Vec<Outcome<Self>>>;
}

/// What was decided about a change; `None` if somebody else holds a lock that it needs.
pub(super) type Outcome<C> = Option<Result<<C as Grouped>::Done, <C as Grouped>::Refusal>>;

pub(super) type Reply<C> = Result<<C as Grouped>::Done, WriteError<<C as Grouped>::Refusal>>;

/// A change whose caller waits for the reply.
pub(super) type Sent<C> = Job<Arc<C>, Reply<C>>;

/// Where a loop runs, and what it commits on.
#[derive(Clone)]
pub(crate) struct Loop {
    pub(crate) runtime: Handle,
    pub(crate) pool: Pool<Conn>,
}

/// Hands changes to the loops that commit them.
pub(super) struct Groups<C: Grouped> {
    /// Each chat belongs to one loop, so that two loops never wait for each other's lock.
    writers: Vec<Writer<Arc<C>, Reply<C>>>,
    lanes: Vec<Arc<Lanes<C>>>,
}

impl<C: Grouped> Groups<C> {
    /// Starts the loops; none to commit each change by itself. What a loop cannot take goes to lanes, which share
    /// the connections of that pool.
    pub(super) fn start(loops: &[Loop], apart: &Pool<Conn>, waits: Timeouts, ends: &Ends) -> Self {
        // Others wait behind a batch: what they are to wait is what it may take.
        let waits = Timeouts { silence: waits.answer, ..waits };
        let (mut writers, mut lanes) = (Vec::new(), Vec::new());
        for Loop { runtime, pool } in loops {
            let aside = Lanes::<C>::new(apart.clone(), waits, ends.clone());
            let (pool, ends, commits) = (pool.clone(), ends.clone(), C::commits());
            let (lanes_of_loop, memory) = (aside.clone(), C::Memory::default());
            let batches = Batches { pool, waits, ends, commits, memory, lanes: lanes_of_loop };
            let batches = Arc::new(batches);
            let (writer, run) = Writer::new(C::TOGETHER, move |sent: Vec<Sent<C>>| {
                let batches = batches.clone();
                async move { batches.commit(sent).await }
            });
            drop(runtime.spawn(run));
            writers.push(writer);
            lanes.push(aside);
        }
        Self { writers, lanes }
    }

    /// Commits a change that has a place among the chat's.
    pub(super) async fn submit(&self, db: &Database, change: C) -> Reply<C> {
        let chat = change.chat();
        let pass = async move { Ok(db.gate.enter_chat(chat).await?) };
        self.submit_with(db, pass, Arc::new(change)).await
    }

    /// Commits a change that takes no place among the chat's, since it does not change what others see.
    pub(super) async fn submit_apart(&self, db: &Database, change: C) -> Reply<C> {
        let pass = async { Ok(db.gate.enter().await?) };
        self.submit_with(db, pass, Arc::new(change)).await
    }

    async fn submit_with(
        &self,
        db: &Database,
        pass: impl Future<Output = Result<Pass, WriteError<C::Refusal>>>,
        change: Arc<C>,
    ) -> Reply<C> {
        let (loops, chat) = (self.writers.len(), change.chat());
        let share = chat.get().unsigned_abs() as usize % loops.max(1);
        let Some(writer) = self.writers.get(share) else {
            return one_by_one(db, change).await;
        };
        // The span covers the queue and the shared commit.
        let done = async {
            let reply = writer.submit(change, pass.await?).await;
            reply.unwrap_or_else(|| Err(StoreError::unavailable("the writer failed").into()))
        };
        done.instrument(step(C::NAME)).await
    }

    /// How many changes wait in queues and lanes, and how many lanes there are.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let queued: usize = self.writers.iter().map(Writer::waiting).sum();
        let lanes = self.lanes.iter().map(|lanes| lanes.waiting());
        lanes.fold((queued, 0), |(all, lanes), (open, waiting)| (all + waiting, lanes + open))
    }
}

/// Commits a change in its own transaction, where there are no loops.
async fn one_by_one<C: Grouped>(db: &Database, change: Arc<C>) -> Reply<C> {
    let (chat, these) = (change.chat(), Arc::<[Arc<C>]>::from(vec![change]));
    let mut attempt = 1;
    loop {
        let these = these.clone();
        match db.write_in(chat, move |conn| C::commit(conn, these, Start::Begun)).await {
            Err(failure) if failure.is_duplicate() && attempt < ATTEMPTS => attempt += 1,
            result => return reply::<C>(result.map(|(outcomes, _)| outcomes)),
        }
    }
}

/// One commit loop's connection pool and lanes.
struct Batches<C: Grouped> {
    pool: Pool<Conn>,
    waits: Timeouts,
    ends: Ends,
    commits: Option<Commits>,
    memory: C::Memory,
    lanes: Arc<Lanes<C>>,
}

impl<C: Grouped> Batches<C> {
    /// Commits changes together. Those that need what somebody else has locked go to lanes. If the database
    /// refuses the batch, all go to lanes, so that a change that cannot be stored fails alone.
    async fn commit(&self, sent: Vec<Sent<C>>) {
        let sent = self.lanes.pass_on(sent);
        let sent = self.commit_presumed(sent).await;
        if sent.is_empty() {
            return;
        }
        match self.attempt(&sent).await {
            Ok(outcomes) => {
                answer_decided(sent, outcomes).into_iter().for_each(|one| self.lanes.enter(one));
            }
            Err(failure) if failure.is_refusal() => {
                sent.into_iter().for_each(|one| self.lanes.enter(one));
            }
            Err(failure) => to_all(sent, failure),
        }
    }

    /// Commits changes if what is remembered is still so, and returns those that are still to be committed.
    async fn commit_presumed(&self, sent: Vec<Sent<C>>) -> Vec<Sent<C>> {
        let presumed = C::presume(&self.memory, sent.iter().map(|one| &*one.input));
        let Some(presumed) = presumed else { return sent };
        let these = inputs(&sent);
        let began = Instant::now();
        let committed = async {
            let mut conn = take(&self.pool, self.waits.turn).await?;
            let commit = C::commit_presumed(&mut conn, these, presumed);
            let done = timeout(self.waits.silence, commit).await;
            unless_silent(done, conn)
        };
        let committed = committed.await;
        let count = match &committed {
            Ok(outcomes) => outcomes.iter().flatten().count(),
            // The usual way finds out which of them it was, or gets another connection.
            Err(failure) if failure.is_refusal() || failure.is_read_only() => 0,
            Err(_) => sent.len(),
        };
        if count == 0 {
            return sent;
        }
        self.note(count, began, &committed);
        match committed {
            Ok(outcomes) => answer_decided(sent, outcomes),
            Err(failure) => {
                to_all(sent, failure);
                Vec::new()
            }
        }
    }

    fn note<T>(&self, count: usize, began: Instant, result: &Result<T, Failure>) {
        if let Some(commits) = &self.commits {
            commits.note(count, began.elapsed(), result.is_err());
        }
        self.ends.note_group(result, C::ADDS);
    }

    async fn attempt(&self, sent: &[Sent<C>]) -> Result<Vec<Outcome<C>>, Failure> {
        let these = inputs(sent);
        match self.transaction(these.clone()).await {
            // The connection may lead to a former primary, and has been closed. A new one shows whether the
            // server itself is read-only.
            Err(failure) if failure.is_read_only() => self.transaction(these).await,
            result => result,
        }
    }

    async fn transaction(&self, these: Arc<[Arc<C>]>) -> Result<Vec<Outcome<C>>, Failure> {
        let (count, began) = (these.len(), Instant::now());
        let result = transaction(&self.pool, self.waits, Start::Begin, move |conn| {
            C::commit(conn, these, Start::Begin)
        });
        let result = result.await;
        self.note(count, began, &result);
        let (outcomes, facts) = result?;
        C::remember(&self.memory, facts);
        Ok(outcomes)
    }
}

fn inputs<C: Grouped>(sent: &[Sent<C>]) -> Arc<[Arc<C>]> {
    sent.iter().map(|one| one.input.clone()).collect()
}

/// Answers those that have an outcome, and returns the others.
fn answer_decided<C: Grouped>(sent: Vec<Sent<C>>, outcomes: Vec<Outcome<C>>) -> Vec<Sent<C>> {
    let mut left = Vec::new();
    for (one, outcome) in sent.into_iter().zip(outcomes) {
        match outcome {
            None => left.push(one),
            decided => one.answer(told::<C>(decided)),
        }
    }
    left
}

/// The reply to a change's caller.
pub(super) fn told<C: Grouped>(outcome: Outcome<C>) -> Reply<C> {
    match outcome {
        Some(verdict) => verdict.map_err(WriteError::Refused),
        None => Err(StoreError::busy("the chat is being changed").into()),
    }
}

/// The reply for a transaction with a single change. A violated constraint becomes `Unavailable`: the rules
/// admitted the change, so `NotFound` or `Conflict` would mislead the caller.
pub(super) fn reply<C: Grouped>(result: Result<Vec<Outcome<C>>, Failure>) -> Reply<C> {
    let refused = |error| StoreError::unavailable(format!("the database refused it: {error}"));
    match result.map(|mut outcomes| outcomes.pop()) {
        Ok(Some(outcome)) => told::<C>(outcome),
        Ok(None) => Err(StoreError::unavailable("a change got no answer").into()),
        Err(failure) => Err(match StoreError::from(failure) {
            error @ (StoreError::NotFound | StoreError::Conflict) => refused(error),
            error => error,
        }
        .into()),
    }
}

/// Sends the BEGIN along with what comes after it, if that is still to be done.
pub(super) async fn begin(conn: &mut Shared<'_>, start: Start) -> Result<(), Failure> {
    if start == Start::Begin { begin_now(conn).await } else { Ok(()) }
}

/// Each of these once, in their order.
pub(super) fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}
