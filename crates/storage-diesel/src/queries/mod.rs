//! The stores' queries, written once. Compiled under `sqlite` and again under `postgres`; `super`
//! is the database at hand.
//!
//! One file per noun implements its port; each method is one call of [`Database::read`],
//! [`Database::snapshot`] or [`Database::write`], which are the only ways to a connection.

mod addresses;
mod admin;
mod append;
mod bans;
mod blocks;
mod changes;
mod chat_list;
mod chats;
mod cluster_settings;
mod columns;
mod direct_chat_state;
mod edits;
mod heads;
mod hydrate;
mod import;
mod lookups;
mod marks;
mod media;
mod members;
mod membership;
mod memberships;
mod mentions;
mod messages;
mod own_data;
mod people;
mod recent_messages;
mod reindex;
mod search;
mod sending;
mod session_end;
mod sessions;
mod stars;
mod subscriptions;
mod users;

use super::{
    Conn, Db, Executor, begin_read, begin_write, index, known_migrations, lock_heads, lock_uploads,
    lock_users, move_heads, note_id, now, position, store_messages,
};
use crate::DatabaseHandle;
use crate::error::Failure;
use crate::gate::Gate;
use crate::metrics;
use crate::outcomes::Outcomes;
use crate::timeouts::{Timeouts, silent};
use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};
use domain::failure::{StoreError, WriteError};
use futures_util::future::BoxFuture;
use sending::Sender;
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

/// How long whoever asks whether the database is there waits for it.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// A step of a call, on a connection.
type Work<'c, T> = BoxFuture<'c, Result<T, Failure>>;

/// The connections of an open database.
pub(crate) struct Connections {
    pub(crate) readers: Pool<Conn>,
    /// For what may take long to read, so that nothing else waits behind it.
    pub(crate) slow: Pool<Conn>,
    pub(crate) writers: Pool<Conn>,
    /// One for each loop that writes messages; none to write each message by itself.
    pub(crate) senders: Vec<Pool<Conn>>,
    /// Each of them once, by what figures call it.
    pub(crate) named: Vec<(&'static str, Vec<Pool<Conn>>)>,
}

/// Every store.
pub(crate) struct Store {
    db: Database,
    sender: Sender,
}

pub(super) struct Database {
    readers: Pool<Conn>,
    slow: Pool<Conn>,
    writers: Pool<Conn>,
    executor: Executor,
    gate: Gate,
    outcomes: Arc<Outcomes>,
    waits: Timeouts,
    named: Vec<(&'static str, Vec<Pool<Conn>>)>,
}

impl Store {
    pub(super) fn new(connections: Connections, executor: Executor, waits: Timeouts) -> Arc<Self> {
        let Connections { readers, slow, writers, senders, named } = connections;
        let (gate, outcomes) = (Gate::new(waits.turn), Arc::new(Outcomes::default()));
        let sender = Sender::start(&executor, senders, waits, &outcomes);
        let db = Database { readers, slow, writers, executor, gate, outcomes, waits, named };
        Arc::new(Self { db, sender })
    }
}

#[cfg(test)]
impl Store {
    /// The connections for what may take long. SQLite's tests hold them; the same file is compiled for
    /// PostgreSQL, where nobody does.
    #[allow(dead_code, reason = "one of the two databases has no such test")]
    pub(super) fn slow(&self) -> &Pool<Conn> {
        &self.db.slow
    }
}

impl Database {
    /// Runs queries of which each may see the database at another moment.
    async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        self.read_on(&self.readers, work).instrument(step("read")).await
    }

    /// The same for what may take long: searches and exports. They have few connections of their own, so
    /// that signing in and ordinary reads never wait behind them, and PostgreSQL ends what takes longer
    /// than a moment.
    pub(super) async fn read_slowly<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
    {
        self.read_on(&self.slow, work).instrument(step("slow read")).await
    }

    /// Computes for a while, with no connection and not where sockets are served.
    async fn compute<T: Send + 'static>(
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
    async fn snapshot<T, F>(&self, work: F) -> Result<T, Failure>
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
    async fn write<T, F>(&self, work: F) -> Result<T, Failure>
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
    async fn decide<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
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
fn step(name: &'static str) -> Span {
    if Span::current().is_none() { Span::none() } else { trace_span!("database", otel.name = name) }
}

/// A connection that nobody uses and that works as far as can be seen. A server that starts anew
/// refuses connections and takes them again a moment later, so that is waited for, too.
async fn take(pool: &Pool<Conn>, patience: Duration) -> Result<Object<Conn>, Failure> {
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
async fn transaction<T, F>(pool: &Pool<Conn>, waits: Timeouts, work: F) -> Result<T, Failure>
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
fn unless_silent<T>(
    done: Result<Result<T, Failure>, Elapsed>,
    conn: Object<Conn>,
) -> Result<T, Failure> {
    done.unwrap_or_else(|_| {
        drop(Object::take(conn));
        Err(silent())
    })
}

/// Does the work of a transaction that has begun, and ends it.
async fn finish<T, F>(conn: &mut Conn, work: F) -> Result<T, Failure>
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

#[async_trait]
impl DatabaseHandle for Store {
    async fn ping(&self) -> Result<(), StoreError> {
        let mut conn = take(&self.db.readers, PING_PATIENCE).await?;
        let silence = self.db.waits.silence;
        let asked = self.db.executor.read(async move {
            let done = timeout(silence, ping(&mut conn)).await;
            unless_silent(done, conn)
        });
        match timeout(PING_PATIENCE, asked).await {
            Ok(answered) => Ok(answered.map_err(Failure::from)??),
            Err(_) => Err(StoreError::unavailable("the database does not answer in time")),
        }
    }

    async fn is_migrated(&self) -> Result<bool, StoreError> {
        let run = self.db.read(|conn| Box::pin(migrations(conn))).await?;
        Ok(known_migrations().iter().all(|known| run.contains(known)))
    }

    fn is_full(&self) -> bool {
        self.db.outcomes.room.is_full()
    }

    async fn unsure(&self) {
        self.db.outcomes.unknown().await;
    }

    async fn agree(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        Ok(self.db.write(move |conn| Box::pin(cluster_settings::agree(conn, name, value))).await?)
    }

    async fn reindex(&self) -> Result<bool, StoreError> {
        Ok(reindex::step(&self.db).await?)
    }

    async fn close(&self) {
        self.db.gate.close().await;
        self.db.readers.close();
        self.db.slow.close();
        self.db.writers.close();
        self.sender.close();
    }

    fn observe(&self) {
        metrics::queues(self.db.gate.inside(), self.sender.waiting());
        for (name, pools) in &self.db.named {
            let mut together = metrics::Connections::default();
            for status in pools.iter().map(Pool::status) {
                together.open += status.size;
                together.in_use += status.size - status.available.min(status.size);
                together.waiting += status.waiting;
            }
            together.show(name);
        }
    }
}

/// A migration that was run.
#[derive(QueryableByName)]
struct Run {
    #[diesel(sql_type = Text)]
    version: String,
}

async fn migrations(conn: &mut Conn) -> Result<Vec<String>, Failure> {
    let all = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    Ok(all.load::<Run>(conn).await?.into_iter().map(|run| run.version).collect())
}

async fn ping(conn: &mut Conn) -> Result<(), Failure> {
    diesel::sql_query("SELECT 1").execute(conn).await?;
    Ok(())
}
