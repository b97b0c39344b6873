//! How calls run: reads, slow reads and write transactions.

use super::call::{Call, Work, call};
use super::transactions::{
    Locks, Start, in_snapshot, locked_transaction, take, transaction, unless_silent,
};
use super::{Conn, Executor};
use crate::error::Failure;
use crate::recent_sessions::RecentSessions;
use crate::timeouts::Timeouts;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::{StoreError, WriteError};
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{Instrument, Span, trace_span};
use write_queue::{Gate, Outcomes, Pass};

/// Reports how a write ended, and empties the pools if the server has become read-only.
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
            // After a failover the idle connections lead to the old primary. Those in use find out themselves.
            for pool in &*self.pools {
                pool.retain(|_, _| false);
            }
        }
    }

    /// As `note`, for a group that was committed, and whether it added to the database.
    pub(crate) fn note_group<T>(&self, committed: &Result<T, Failure>, adds: bool) {
        self.note(committed);
        if adds && committed.is_ok() {
            self.outcomes.note_added();
        }
    }
}

/// The connection pools, and what decides who may use them when.
pub(crate) struct Database {
    pub(crate) readers: Pool<Conn>,
    pub(crate) slow: Pool<Conn>,
    pub(crate) writers: Pool<Conn>,
    /// For writes that lock no chat, so that they never queue behind writes that wait for a chat's lock.
    pub(crate) apart: Pool<Conn>,
    pub(crate) executor: Executor,
    pub(crate) gate: Gate,
    pub(crate) ends: Ends,
    pub(crate) waits: Timeouts,
    pub(crate) recent: Arc<RecentSessions>,
    pub(crate) named: Vec<(&'static str, Vec<Pool<Conn>>)>,
}

impl Database {
    /// Runs queries outside a transaction: each may see a different state of the database.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (call, result) = call(work);
        self.read_on(&self.readers, call).instrument(step("read")).await?;
        Ok(result.take())
    }

    /// As `read`, for what may take long: searches and exports. They have a few connections of their own,
    /// so that signing in and ordinary reads never wait behind them, and PostgreSQL cancels statements
    /// that exceed the statement timeout.
    pub(crate) async fn read_slowly<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (call, result) = call(work);
        self.read_on(&self.slow, call).instrument(step("slow read")).await?;
        Ok(result.take())
    }

    /// Runs a longer computation on a blocking thread, holding no connection, so that it delays no socket.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        Ok(self.executor.ambient.spawn_blocking(work).await?)
    }

    async fn read_on(&self, pool: &Pool<Conn>, call: Call) -> Result<(), Failure> {
        let (waits, mut conn) = (self.waits, take(pool, self.waits.turn).await?);
        let run = async move {
            let done = timeout(waits.silence, call(&mut conn)).await;
            unless_silent(done, conn)
        };
        waits.for_answer(self.executor.read(run)).await
    }

    /// Runs queries in one transaction, so that all see the same state of the database.
    pub(crate) async fn snapshot<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (call, result) = call(work);
        self.read_on(&self.readers, in_snapshot(call)).instrument(step("read")).await?;
        Ok(result.take())
    }

    /// Runs a write transaction. It runs to its end, atomically, even if the caller stops waiting.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (call, result) = call(work);
        self.write_on(&self.writers, call).instrument(step("write")).await?;
        Ok(result.take())
    }

    /// As `write`, for what locks no chat: accounts, sessions, uploads.
    pub(crate) async fn write_apart<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (call, result) = call(work);
        self.write_on(&self.apart, call).instrument(step("write")).await?;
        Ok(result.take())
    }

    async fn write_on(&self, pool: &Pool<Conn>, call: Call) -> Result<(), Failure> {
        let (pass, pool, waits) = (self.gate.enter().await?, pool.clone(), self.waits);
        self.run(pass, async move { transaction(&pool, waits, Start::Begun, call).await }).await
    }

    /// As `write`, for a change of one chat, with its head locked. Changes of one chat take turns, so that
    /// together they use at most one connection, and none while another server holds the lock for long.
    pub(crate) async fn write_in<T, F>(
        &self,
        locks: impl Into<Locks>,
        work: F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        let (call, result) = call(work);
        self.write_locked(locks.into(), call).instrument(step("write")).await?;
        Ok(result.take())
    }

    async fn write_locked(&self, locks: Locks, call: Call) -> Result<(), Failure> {
        let since = Instant::now();
        let pass = self.gate.enter_chat(locks.chat).await?;
        let (pool, waits) = (self.writers.clone(), self.waits);
        let turn = pass.turn(waits.held.saturating_sub(since.elapsed())).await?;
        let run = async move {
            let done = locked_transaction(&pool, waits, (&locks, since), call).await;
            drop(turn);
            done
        };
        self.run(pass, run).await
    }

    /// Runs a write in its own task, so that it is not cancelled when the caller stops waiting.
    async fn run(
        &self,
        pass: Pass,
        write: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) -> Result<(), Failure> {
        let (ends, recent) = (self.ends.clone(), self.recent.clone());
        let mut call = self.executor.write(async move {
            let result = write.await;
            recent.note_write();
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

    /// A change of a chat where the domain's rules decide on what the transaction read, and may refuse.
    /// A refusal needs no rollback, because the rules are asked before the first write.
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

    /// As `decide`, for what locks no chat; see [`Self::write_apart`].
    pub(crate) async fn decide_apart<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, Result<T, R>> + Send + 'static,
    {
        self.write_apart(work).await.map_err(StoreError::from)?.map_err(WriteError::Refused)
    }

    /// Notes that a write's outcome is unknown to the caller, who stopped waiting and so announces nothing.
    fn be_unsure_after(&self, call: JoinHandle<Result<(), Failure>>) {
        let outcomes = self.ends.outcomes.clone();
        drop(self.executor.write(async move {
            drop(call.await);
            outcomes.be_unsure();
        }));
    }
}

/// A span inside the current trace; none for the server's own background work, which is not traced.
pub(crate) fn step(name: &'static str) -> Span {
    if Span::current().is_none() { Span::none() } else { trace_span!("database", otel.name = name) }
}
