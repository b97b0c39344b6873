//! Sending: who commits which drafts, and when they are tried again.

use super::append::{Verdict, append};
use super::database::{Database, step, transaction};
use super::{Conn, Executor};
use crate::error::{Failure, shared};
use crate::group_commit::Writer;
use crate::metrics::Commits;
use crate::outcomes::Outcomes;
use crate::timeouts::Timeouts;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::StoreError;
use domain::message::{AppendError, Appended, Draft};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// How many drafts are committed together, at most. Their values stay far below what a statement
/// may have on either database.
const TOGETHER: usize = 512;

/// How often a draft is tried whose client id another node stores at the same time. Once it is
/// stored, it is found.
const ATTEMPTS: usize = 5;

type Reply = Result<Appended, AppendError>;

/// Hands drafts to the loops that commit them.
pub(super) struct Sender {
    /// A chat belongs to one of them, so that two never wait for each other's lock.
    writers: Vec<Writer<Draft, Reply>>,
    pools: Vec<Pool<Conn>>,
}

impl Sender {
    /// Starts a loop for each pool.
    pub(super) fn start(
        executor: &Executor,
        pools: Vec<Pool<Conn>>,
        waits: Timeouts,
        outcomes: &Arc<Outcomes>,
    ) -> Self {
        // Others wait behind a batch: what they are to wait is what it may take.
        let waits = Timeouts { silence: waits.answer, ..waits };
        let start = |pool: &Pool<Conn>| {
            let (pool, seen) =
                (pool.clone(), Seen { commits: Commits::new(), outcomes: outcomes.clone() });
            let (writer, run) = Writer::new(TOGETHER, move |drafts: Vec<Draft>| {
                let (pool, seen) = (pool.clone(), seen.clone());
                async move { commit(&pool, waits, drafts.into(), &seen).await }
            });
            drop(executor.write(run));
            writer
        };
        Self { writers: pools.iter().map(start).collect(), pools }
    }

    pub(super) async fn append(&self, db: &Database, draft: Draft) -> Reply {
        let loops = self.writers.len();
        let share = draft.chat.get().unsigned_abs() as usize % loops.max(1);
        let Some(writer) = self.writers.get(share) else {
            return one_by_one(db, draft).await;
        };
        // From the queue to the commit that it shares with others.
        let done = async {
            let pass = db.gate.enter().await.map_err(StoreError::from)?;
            let reply = writer.submit(draft, pass).await;
            reply.unwrap_or_else(|| Err(StoreError::unavailable("the writer failed").into()))
        };
        done.instrument(step("append")).await
    }

    /// How many drafts wait that no loop has taken yet.
    pub(super) fn waiting(&self) -> usize {
        self.writers.iter().map(Writer::waiting).sum()
    }

    pub(super) fn close(&self) {
        self.pools.iter().for_each(Pool::close);
    }
}

/// Who is told of each commit.
#[derive(Clone)]
struct Seen {
    commits: Commits,
    outcomes: Arc<Outcomes>,
}

/// Without a loop: a transaction of its own for each draft.
async fn one_by_one(db: &Database, draft: Draft) -> Reply {
    let draft = Arc::<[Draft]>::from(vec![draft]);
    for _ in 1..ATTEMPTS {
        let drafts = draft.clone();
        match db.write(move |conn| Box::pin(append(conn, drafts))).await {
            Err(failure) if failure.is_duplicate() => {}
            result => return reply(result),
        }
    }
    reply(db.write(move |conn| Box::pin(append(conn, draft))).await)
}

/// Commits drafts together or, where the database refuses that, each by itself, so that one that
/// cannot be stored fails alone.
async fn commit(
    pool: &Pool<Conn>,
    waits: Timeouts,
    drafts: Arc<[Draft]>,
    seen: &Seen,
) -> Vec<Reply> {
    let (together, began) = (drafts.clone(), Instant::now());
    let result = transaction(pool, waits, move |conn| Box::pin(append(conn, together))).await;
    seen.commits.note(drafts.len(), began.elapsed(), result.is_err());
    seen.outcomes.note_sent(&result);
    match result {
        Ok(verdicts) => {
            verdicts.into_iter().map(|verdict| verdict.map_err(AppendError::Refused)).collect()
        }
        Err(failure) if failure.is_refusal() => one_after_another(pool, waits, &drafts, seen).await,
        Err(failure) => to_all(drafts.len(), failure).collect(),
    }
}

/// The same failure for so many.
fn to_all(drafts: usize, failure: Failure) -> impl Iterator<Item = Reply> {
    let error = StoreError::from(failure);
    (0..drafts).map(move |_| Err(shared(&error).into()))
}

/// Commits each by itself. When the database goes away meanwhile, the rest is not tried: each would
/// wait for it again.
async fn one_after_another(
    pool: &Pool<Conn>,
    waits: Timeouts,
    drafts: &[Draft],
    seen: &Seen,
) -> Vec<Reply> {
    let mut replies = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let result = commit_one(pool, waits, draft.clone()).await;
        seen.outcomes.note_sent(&result);
        match result {
            Err(failure) if !failure.is_refusal() => {
                replies.extend(to_all(drafts.len() - replies.len(), failure));
                break;
            }
            result => replies.push(reply(result)),
        }
    }
    replies
}

async fn commit_one(
    pool: &Pool<Conn>,
    waits: Timeouts,
    draft: Draft,
) -> Result<Vec<Verdict>, Failure> {
    let draft = Arc::<[Draft]>::from(vec![draft]);
    for _ in 1..ATTEMPTS {
        let drafts = draft.clone();
        match transaction(pool, waits, move |conn| Box::pin(append(conn, drafts))).await {
            Err(failure) if failure.is_duplicate() => {}
            result => return result,
        }
    }
    transaction(pool, waits, move |conn| Box::pin(append(conn, draft))).await
}

/// The answer to the one draft of a transaction. A violated constraint is no answer that a sender
/// understands: the rules have admitted the draft.
fn reply(result: Result<Vec<Verdict>, Failure>) -> Reply {
    let refused = |error| StoreError::unavailable(format!("a message was refused: {error}"));
    match result {
        Ok(mut verdicts) => match verdicts.pop() {
            Some(verdict) => verdict.map_err(AppendError::Refused),
            None => Err(StoreError::unavailable("a message got no answer").into()),
        },
        Err(failure) => Err(match StoreError::from(failure) {
            error @ (StoreError::Unavailable(_) | StoreError::Full(_)) => error,
            error => refused(error),
        }
        .into()),
    }
}
