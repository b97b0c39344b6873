//! Connections out of the pools, and transactions on them.

use super::call::{Call, Work};
use super::{Conn, begin_locked, begin_read, begin_soon, begin_write};
use crate::error::Failure;
use crate::timeouts::{Timeouts, silent};
use diesel::result::QueryResult;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AsyncConnection, TransactionManager};
use domain::ids::{ChatId, UserId};
use std::time::{Duration, Instant};
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// How long to wait before trying again after the server refused a connection; doubled each time, so
/// that many waiting callers do not keep a starting server from coming up.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// What a write to a chat locks before anything else: first these accounts, then the chat's head.
pub(crate) struct Locks {
    pub(crate) chat: ChatId,
    pub(crate) users: Vec<i64>,
}

impl Locks {
    pub(crate) fn with(self, user: UserId) -> Self {
        Self { users: vec![user.get()], ..self }
    }
}

impl From<ChatId> for Locks {
    fn from(chat: ChatId) -> Self {
        Self { chat, users: Vec::new() }
    }
}

/// Takes a free connection from the pool. A restarting server refuses connections for a moment, so a
/// refusal is retried until `patience` runs out.
pub(crate) async fn take(pool: &Pool<Conn>, patience: Duration) -> Result<Object<Conn>, Failure> {
    let (began, mut pause) = (Instant::now(), PAUSE);
    loop {
        let left = patience.saturating_sub(began.elapsed());
        let failure = match timeout(left, pool.get()).await {
            Ok(Ok(taken)) => return Ok(taken),
            Ok(Err(error)) => Failure::from(error),
            Err(_) => {
                return Err(Failure::unavailable("no connection to the database became free"));
            }
        };
        if pool.is_closed() || began.elapsed() + pause >= patience {
            return Err(failure);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// `Begun`: BEGIN is sent before the work starts. `Begin`: it goes along with the first statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Begin,
    Begun,
}

/// Runs a write transaction. It must run in a task of its own: see [`super::database::Database::write`].
pub(crate) async fn transaction<T, F>(
    pool: &Pool<Conn>,
    waits: Timeouts,
    start: Start,
    work: F,
) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send,
{
    let mut conn = take(pool, waits.turn).await?;
    let work = async {
        match start {
            Start::Begin => begin_soon(&mut conn).await?,
            Start::Begun => begin_write(&mut conn).await?,
        }
        finish(&mut conn, work).await
    };
    let done = timeout(waits.silence, work).await;
    unless_silent(done, conn)
}

/// As `transaction`, with these locks. It waits for another holder until `waits.held` after `since`, most
/// of that time without holding a connection.
pub(crate) async fn locked_transaction<T, F>(
    pool: &Pool<Conn>,
    waits: Timeouts,
    (locks, since): (&Locks, Instant),
    work: F,
) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send,
{
    let mut conn = lock(pool, waits, locks, since).await?;
    let done = timeout(waits.silence, finish(&mut conn, work)).await;
    unless_silent(done, conn)
}

/// Takes a connection and begins a transaction on it that holds these locks.
async fn lock(
    pool: &Pool<Conn>,
    waits: Timeouts,
    locks: &Locks,
    since: Instant,
) -> Result<Object<Conn>, Failure> {
    let (mut pause, mut renewed) = (PAUSE, false);
    loop {
        let mut conn = take(pool, waits.turn).await?;
        let failure = match timeout(waits.silence, begin_locked(&mut conn, locks)).await {
            Ok(Ok(())) => return Ok(conn),
            Ok(Err(failure)) => failure,
            Err(_) => silent(),
        };
        if failure.is_silence() || failure.is_read_only() {
            drop(Object::take(conn));
        } else {
            drop(conn);
        }
        if failure.is_read_only() && !renewed {
            // The pool's other connections may be just as stale. A new one shows whether the server is read-only.
            pool.retain(|_, _| false);
            renewed = true;
            continue;
        }
        if !failure.is_busy() || since.elapsed() + pause >= waits.held {
            return Err(failure);
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The call's result. A connection that timed out is closed, because a late answer would be taken for the
/// answer to the next call. So is one that is read-only.
pub(crate) fn unless_silent<T>(
    done: Result<Result<T, Failure>, Elapsed>,
    conn: Object<Conn>,
) -> Result<T, Failure> {
    let Ok(done) = done else {
        drop(Object::take(conn));
        return Err(silent());
    };
    if done.as_ref().is_err_and(Failure::is_read_only) {
        drop(Object::take(conn));
    }
    done
}

/// The call in a transaction that reads.
pub(super) fn in_snapshot(call: Call) -> Call {
    Box::new(move |conn| {
        Box::pin(async move {
            begin_read(conn).await?;
            finish(conn, call).await
        })
    })
}

/// Runs the work in a transaction that has begun, then commits or rolls back, unless the work committed.
pub(crate) async fn finish<T, F>(conn: &mut Conn, work: F) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send,
{
    match work(conn).await {
        Ok(done) => {
            let open = Manager::transaction_manager_status_mut(conn).transaction_depth()?;
            if open.is_some() {
                Manager::commit_transaction(conn).await?;
            }
            Ok(done)
        }
        Err(failure) => {
            // If this fails too, the pool sees the open transaction and drops the connection, which
            // rolls it back.
            let undone: QueryResult<()> = Manager::rollback_transaction(conn).await;
            if let Err(error) = undone {
                tracing::debug!(%error, "a transaction was not rolled back");
            }
            Err(failure)
        }
    }
}
