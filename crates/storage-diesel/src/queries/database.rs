//! The only ways to a connection: reading, reading what takes long, and writing in a transaction.

use super::{Conn, Executor, begin_locked, begin_read, begin_soon, begin_write};
use crate::error::Failure;
use crate::timeouts::{Timeouts, silent};
use diesel::result::QueryResult;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AsyncConnection, TransactionManager};
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, UserId};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, Span, trace_span};
use write_queue::{Gate, Outcomes, Pass};

type Manager = <Conn as AsyncConnection>::TransactionManager;

/// After which a server that refused a connection is asked again; twice as long each time, so that
/// many who wait for it do not keep it from starting.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// A step of a call, on a connection.
pub(crate) type Work<'c, T> = BoxFuture<'c, Result<T, Failure>>;

/// What a write of a chat locks before it does anything else: its head, and before it these accounts.
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

/// What follows from how a write ended.
#[derive(Clone)]
pub(crate) struct Ends {
    pub(crate) outcomes: Arc<Outcomes>,
    pub(crate) pools: Arc<[Pool<Conn>]>,
}

impl Ends {
    pub(crate) fn note<T>(&self, ended: &Result<T, Failure>) {
        if let Some(end) = ended.as_ref().err().and_then(Failure::end) {
            self.outcomes.note(end);
        }
        if ended.as_ref().is_err_and(Failure::is_read_only) {
            // They were made when the server was another, or to be only read. Those in use find out themselves.
            for pool in &*self.pools {
                pool.retain(|_, _| false);
            }
        }
    }

    /// The same of messages that were stored.
    pub(crate) fn note_sent<T>(&self, sent: &Result<T, Failure>) {
        self.note(sent);
        if sent.is_ok() {
            self.outcomes.note_added();
        }
    }
}

/// The ways to a connection.
pub(crate) struct Database {
    pub(crate) readers: Pool<Conn>,
    pub(crate) slow: Pool<Conn>,
    pub(crate) writers: Pool<Conn>,
    /// For writes that lock no chat: nothing that waits for one keeps them waiting.
    pub(crate) apart: Pool<Conn>,
    pub(crate) executor: Executor,
    pub(crate) gate: Gate,
    pub(crate) ends: Ends,
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
        self.write_on(&self.writers, work).instrument(step("write")).await
    }

    /// The same for what locks no chat and waits for none: accounts, sessions, uploads.
    pub(crate) async fn write_apart<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        self.write_on(&self.apart, work).instrument(step("write")).await
    }

    async fn write_on<T, F>(&self, pool: &Pool<Conn>, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (pass, pool, waits) = (self.gate.enter().await?, pool.clone(), self.waits);
        self.run(pass, async move { transaction(&pool, waits, Start::Begun, work).await }).await
    }

    /// The same for a change of one chat, with its head locked. Those of one chat take turns, so that they
    /// have one connection together, and none while somebody else holds the head for long.
    pub(crate) async fn write_in<T, F>(
        &self,
        locks: impl Into<Locks>,
        work: F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (locks, since) = (locks.into(), Instant::now());
        let done = async {
            let pass = self.gate.enter_chat(locks.chat).await?;
            let (pool, waits) = (self.writers.clone(), self.waits);
            let turn = pass.turn(waits.held.saturating_sub(since.elapsed())).await?;
            let call = async move {
                let done = locked_transaction(&pool, waits, (&locks, since), work).await;
                drop(turn);
                done
            };
            self.run(pass, call).await
        };
        done.instrument(step("write")).await
    }

    /// Runs a write in a task, so that it is done whether or not the caller waits for its end.
    async fn run<T: Send + 'static>(
        &self,
        pass: Pass,
        write: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let ends = self.ends.clone();
        let mut call = self.executor.write(async move {
            let result = write.await;
            ends.note(&result);
            drop(pass);
            result
        });
        let answer = self.waits.for_answer(&mut call).await;
        if !call.is_finished() {
            self.be_unsure_after(call);
        }
        answer
    }

    /// A change of a chat where the rules decide over what the transaction finds, and may refuse. After a
    /// refusal there is nothing to undo: they are asked before the first write.
    pub(crate) async fn decide<T, R, F>(
        &self,
        locks: impl Into<Locks>,
        work: F,
    ) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, Result<T, R>> + Send + 'static,
    {
        self.write_in(locks, work).await.map_err(StoreError::from)?.map_err(WriteError::Refused)
    }

    /// The same for what locks no chat; see [`Self::write_apart`].
    pub(crate) async fn decide_apart<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, Result<T, R>> + Send + 'static,
    {
        self.write_apart(work).await.map_err(StoreError::from)?.map_err(WriteError::Refused)
    }

    /// Nobody waits any more for what comes of this, so nobody tells of it.
    fn be_unsure_after<T: Send + 'static>(&self, call: JoinHandle<Result<T, Failure>>) {
        let outcomes = self.ends.outcomes.clone();
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

/// Whether a transaction has begun when its work does, or begins with the work's first statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Begin,
    Begun,
}

/// A write transaction. It must run in a task of its own: see [`Database::write`].
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

/// The same with these locks. Whoever else holds them is waited for until `waits.held` after `since`, and
/// hardly any of that time on a connection.
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

/// A connection whose transaction has these locks.
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
            // Others of the pool are as old. A new one tells whether it is the server.
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

/// What came of a call. A connection on which nothing came is closed: whatever does would be taken for
/// the answer to somebody else. So is one that can only read.
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

/// Does the work of a transaction that has begun, and ends it unless the work has committed it.
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
