//! The only ways to a connection: reading, reading what takes long, and writing in a transaction.

use super::{Conn, Executor, begin_read, begin_write};
use crate::error::Failure;
use crate::gate::Gate;
use crate::outcomes::Outcomes;
use crate::timeouts::{Timeouts, silent};
use diesel::result::QueryResult;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AsyncConnection, TransactionManager};
use domain::failure::{StoreError, WriteError};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, Span, trace_span};

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// After which a server that refused a connection is asked again; twice as long each time, so that
/// many who wait for it do not keep it from starting.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// A step of a call, on a connection.
pub(crate) type Work<'c, T> = BoxFuture<'c, Result<T, Failure>>;

/// The ways to a connection.
pub(crate) struct Database {
    pub(crate) readers: Pool<Conn>,
    pub(crate) slow: Pool<Conn>,
    pub(crate) writers: Pool<Conn>,
    pub(crate) executor: Executor,
    pub(crate) gate: Gate,
    pub(crate) outcomes: Arc<Outcomes>,
    pub(crate) waits: Timeouts,
    pub(crate) named: Vec<(&'static str, Vec<Pool<Conn>>)>,
}

impl Database {
    /// Runs queries of which each may see the database at another moment.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        self.read_on(&self.readers, work).instrument(step("read")).await
    }

    /// The same for what may take long: searches and exports. They have few connections of their own, so
    /// that signing in and ordinary reads never wait behind them, and PostgreSQL ends what takes longer
    /// than a moment.
    pub(crate) async fn read_slowly<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        self.read_on(&self.slow, work).instrument(step("slow read")).await
    }

    /// Computes for a while, with no connection and not where sockets are served.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        Ok(self.executor.ambient.spawn_blocking(work).await?)
    }

    async fn read_on<T, F>(&self, pool: &Pool<Conn>, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (waits, mut conn) = (self.waits, take(pool, self.waits.turn).await?);
        let run = async move {
            let done = timeout(waits.silence, work(&mut conn)).await;
            unless_silent(done, conn)
        };
        waits.for_answer(self.executor.read(run)).await
    }

    /// Runs queries that all see the database at one moment.
    pub(crate) async fn snapshot<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        self.read(move |conn| {
            Box::pin(async move {
                begin_read(conn).await?;
                finish(conn, work).await
            })
        })
        .await
    }

    /// Runs a write transaction: whole or not at all, whether or not the caller waits for its end.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let done = async {
            let pass = self.gate.enter().await?;
            let (writers, waits) = (self.writers.clone(), self.waits);
            let outcomes = self.outcomes.clone();
            let run = async move {
                let result = transaction(&writers, waits, work).await;
                outcomes.note(&result);
                drop(pass);
                result
            };
            let mut call = self.executor.write(run);
            let answer = waits.for_answer(&mut call).await;
            if !call.is_finished() {
                self.be_unsure_after(call);
            }
            answer
        };
        done.instrument(step("write")).await
    }

    /// The same where the rules decide over what the transaction finds, and may refuse. After a refusal
    /// there is nothing to undo: they are asked before the first write.
    pub(crate) async fn decide<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, Result<T, R>> + Send + 'static,
    {
        self.write(work).await.map_err(StoreError::from)?.map_err(WriteError::Refused)
    }

    /// Nobody waits any more for what comes of this, so nobody tells of it.
    fn be_unsure_after<T: Send + 'static>(&self, call: JoinHandle<Result<T, Failure>>) {
        let outcomes = self.outcomes.clone();
        drop(self.executor.write(async move {
            drop(call.await);
            outcomes.be_unsure();
        }));
    }
}

/// A step of whatever is being traced. What the server does of itself is not.
pub(crate) fn step(name: &'static str) -> Span {
    if Span::current().is_none() { Span::none() } else { trace_span!("database", otel.name = name) }
}

/// A connection that nobody uses and that works as far as can be seen. A server that starts anew
/// refuses connections and takes them again a moment later, so that is waited for, too.
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

/// A write transaction. It must run in a task of its own: see [`Database::write`].
pub(crate) async fn transaction<T, F>(
    pool: &Pool<Conn>,
    waits: Timeouts,
    work: F,
) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send,
{
    let mut conn = take(pool, waits.turn).await?;
    let work = async {
        begin_write(&mut conn).await?;
        finish(&mut conn, work).await
    };
    let done = timeout(waits.silence, work).await;
    unless_silent(done, conn)
}

/// What came of a call. A connection on which nothing came is closed: whatever does would be taken for
/// the answer to somebody else.
pub(crate) fn unless_silent<T>(
    done: Result<Result<T, Failure>, Elapsed>,
    conn: Object<Conn>,
) -> Result<T, Failure> {
    done.unwrap_or_else(|_| {
        drop(Object::take(conn));
        Err(silent())
    })
}

/// Does the work of a transaction that has begun, and ends it.
pub(crate) async fn finish<T, F>(conn: &mut Conn, work: F) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send,
{
    match work(conn).await {
        Ok(done) => {
            Manager::commit_transaction(conn).await?;
            Ok(done)
        }
        Err(failure) => {
            // If this fails too, the pool sees that the transaction is open and throws the
            // connection away, which undoes it.
            let undone: QueryResult<()> = Manager::rollback_transaction(conn).await;
            if let Err(error) = undone {
                tracing::debug!(%error, "a transaction was not rolled back");
            }
            Err(failure)
        }
    }
}
