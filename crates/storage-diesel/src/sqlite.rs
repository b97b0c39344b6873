//! What only SQLite can say.
//!
//! One connection writes, on a thread of its own, so that its calls may block there: every write
//! transaction is a task of that thread's runtime. A few others read, each call on tokio's blocking
//! pool as a whole. So no statement hops between threads, and a file has one writer, which never
//! finds it locked by another one of this process.

// Its macros are for what follows.
#[macro_use]
mod in_turn;

#[path = "queries/mod.rs"]
mod queries;

mod copy;
mod drafts;
mod index;
mod kept;
mod log;
mod marker_rows;
mod one_by_one;

pub(crate) use copy::backup;

use crate::error::{Failure, OpenError};
use crate::options::{Durability, Options, Sending};
use crate::own_thread::OwnThread;
use crate::rows::Head;
use crate::schema::chat_heads;
use crate::timeouts::Timeouts;
use crate::types;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::migration::MigrationSource;
use diesel::prelude::{Connection, ConnectionError, QueryDsl};
use diesel::result::QueryResult;

use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::RunQueryDsl;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use domain::clock::{Clock, SystemClock};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use in_turn::{begin_now, commit_now, committed, load};
use log::Log;
use queries::transactions::{Locks, take};
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

type Conn = SyncConnectionWrapper<SqliteConnection, Inline>;
type Db = diesel::sqlite::Sqlite;

/// The same, where PostgreSQL has one that others send statements on.
type Shared<'c> = Conn;

type Boxed = Box<dyn Error + Send + Sync>;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// How long a connection waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(10);

/// Runs SQLite's calls on the thread that polls: [`Executor`] sees to it that it may block.
#[derive(Clone, Copy)]
pub(crate) struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Boxed>> {
        // Lazily, as any future: not before somebody polls it.
        async move { Ok(task()) }.boxed()
    }
    fn get_runtime() -> Self {
        Self
    }
}

/// Where calls run.
struct Executor {
    /// That of the writing connection.
    writer: OwnThread,
    /// The runtime whose blocking pool the readers use.
    ambient: Handle,
    log: Log,
}

impl Executor {
    fn new(log: Log) -> std::io::Result<Self> {
        let writer = OwnThread::start("sqlite-writer")?;
        Ok(Self { writer, ambient: Handle::current(), log })
    }

    fn write<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.writer.runtime().spawn(work)
    }

    fn read<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let handle = self.ambient.clone();
        self.ambient.spawn_blocking(move || handle.block_on(work))
    }
}

pub(crate) async fn open(path: &str, options: &Options) -> Result<Arc<queries::Store>, OpenError> {
    migrate(path).await?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    // A page that many transactions change is copied into the file once per checkpoint, so these
    // are rarer than SQLite's own 1,000 pages: at 32 MB of log.
    // While another process holds the file, those who wait are told together.
    let busy = options.held;
    let writer = format!(
        "PRAGMA busy_timeout = {}; PRAGMA synchronous = {synchronous}; PRAGMA cache_size = -16384; \
         PRAGMA wal_autocheckpoint = 8192;",
        busy.as_millis()
    );
    // What is read together lies on many pages, and whatever a connection has at hand it forgets when
    // another one writes: so it maps the file, or as much of it as SQLite allows.
    let reader = "PRAGMA cache_size = -2048; PRAGMA mmap_size = 2147418112; \
        PRAGMA query_only = ON;";
    let writers = pool(path, writer, 1)?;
    let readers = pool(path, reader.to_owned(), options.connections)?;
    let slow = pool(path, reader.to_owned(), options.slow_readers)?;
    // A wrong path or a file that is no database should show now and not at the first call.
    drop(writers.get().await.map_err(OpenError::connect)?);
    let executor =
        Executor::new(Log::of(path, options.log_bytes, busy)).map_err(OpenError::connect)?;
    let loops = if options.sending == Sending::Grouped { 1 } else { 0 };
    // One connection writes, so there are no lanes; what is refused together is tried one by one on it.
    let runtime = executor.writer.runtime().clone();
    let one = queries::Loop { runtime, pool: writers.clone() };
    let (loops, markers) = (vec![one.clone(); loops], vec![one; loops]);
    let senders = queries::Senders { loops, markers, lanes: writers.clone() };
    let named = vec![
        ("read", vec![readers.clone()]),
        ("slow_read", vec![slow.clone()]),
        ("write", vec![writers.clone()]),
    ];
    let waits = Timeouts::for_a_file(options.patience, busy);
    let (apart, probe) = (writers.clone(), None);
    let connections = queries::Connections { readers, slow, writers, apart, senders, probe, named };
    Ok(queries::Store::new(connections, executor, (waits, options.lookalikes)))
}

diesel::define_sql_function! {
    /// Where a text holds another one, counted from 1; 0 if it does not.
    #[sql_name = "instr"]
    fn position(text: diesel::sql_types::Text, part: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

diesel::define_sql_function! {
    /// The higher one of two numbers.
    #[sql_name = "max"]
    fn higher(one: diesel::sql_types::BigInt, other: diesel::sql_types::BigInt) -> diesel::sql_types::BigInt;
}

/// One migration run at a time, in one transaction that begins by taking the file: of several
/// processes that start together the later ones find the work done.
pub(crate) async fn migrate(path: &str) -> Result<(), OpenError> {
    let path = path.to_owned();
    let run = move || {
        let mut conn = connect(&path, "").map_err(|error| unopened(&path, &error))?;
        conn.immediate_transaction::<_, Boxed, _>(|conn| {
            conn.run_pending_migrations(MIGRATIONS).map(drop)
        })
        .map_err(OpenError::migrate)?;
        // A file that cannot be written is opened all the same, and refuses the first real write.
        conn.batch_execute("PRAGMA user_version = 0")
            .map_err(|cause| OpenError::ReadOnly { path, cause: cause.into() })
    };
    tokio::task::spawn_blocking(run).await.map_err(OpenError::connect)?
}

/// Names the file, which `DATABASE_URL` may not have done.
fn unopened(path: &str, error: &ConnectionError) -> OpenError {
    OpenError::connect(format!("{path}: {error}"))
}

fn pool(path: &str, pragmas: String, size: usize) -> Result<Pool<Conn>, OpenError> {
    let mut config = ManagerConfig::<Conn>::default();
    // It refuses a connection with an open transaction, and a file does not hang up.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |path| {
        let (path, pragmas) = (path.to_owned(), pragmas.clone());
        let bad = |error: tokio::task::JoinError| ConnectionError::BadConnection(error.to_string());
        let connecting = tokio::task::spawn_blocking(move || connect(&path, &pragmas));
        async move {
            let conn = connecting.await.map_err(bad)??;
            Ok(SyncConnectionWrapper::with_runtime(conn, Inline))
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path, config);
    Pool::builder(manager).max_size(size).build().map_err(OpenError::connect)
}

fn connect(path: &str, pragmas: &str) -> Result<SqliteConnection, ConnectionError> {
    let mut conn = SqliteConnection::establish(path)?;
    let setup = format!(
        "PRAGMA busy_timeout = {}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; {pragmas}",
        BUSY.as_millis()
    );
    conn.batch_execute(&setup).map_err(ConnectionError::CouldntSetupConfiguration)?;
    wal(&mut conn).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// Turns write-ahead logging on. SQLite does not wait for a lock here, whatever its timeout is, so
/// of several that open one new file all but one would fail.
fn wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    let begun = Instant::now();
    loop {
        let set = "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;";
        match conn.batch_execute(set) {
            // diesel keeps SQLite's code to itself.
            Err(error) if begun.elapsed() < BUSY && error.to_string().contains("locked") => {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// The versions of the migrations that this program has.
fn known_migrations() -> Vec<String> {
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).unwrap_or_default();
    known.iter().map(|migration| migration.name().version().to_string()).collect()
}

/// Begins a transaction that is sent to. A statement that begins it costs no more by itself.
async fn begin_soon(conn: &mut Conn) -> QueryResult<()> {
    begin_write(conn).await
}

/// Takes the file at once: a transaction that began by reading could not wait for its turn.
async fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    begin(conn, "BEGIN IMMEDIATE").await
}

/// The same: with the file it has every lock.
async fn begin_locked(conn: &mut Conn, locks: &Locks) -> Result<(), Failure> {
    begin_write(conn).await?;
    lock_users(conn, locks.users.clone()).await
}

/// From its first query on it sees the database as it was then.
async fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    begin(conn, "BEGIN DEFERRED").await
}

async fn begin(conn: &mut Conn, sql: &'static str) -> QueryResult<()> {
    conn.spawn_blocking(move |conn| AnsiTransactionManager::begin_transaction_sql(conn, sql)).await
}

/// The heads of those of the chats that there are. The transaction holds the whole file already.
async fn lock_heads(conn: &mut Conn, chats: Vec<i64>) -> Result<Vec<Head>, Failure> {
    Ok(conn.spawn_blocking(move |conn| one_by_one::heads(conn, &chats)).await?)
}

/// The same, and none that somebody else holds.
async fn lock_free_heads(
    conn: &mut Conn,
    chats: Vec<i64>,
) -> Result<(Vec<Head>, Vec<i64>), Failure> {
    Ok((lock_heads(conn, chats).await?, Vec::new()))
}

/// A chat that was deleted and is not gone yet.
async fn lock_deleted(conn: &mut Conn) -> Result<Option<i64>, Failure> {
    let deleted = chat_heads::table.filter(chat_heads::deleted).order(chat_heads::chat_id);
    Ok(deleted.limit(1).select(chat_heads::chat_id).load(conn).await?.pop())
}

/// A file that cannot be written was not opened.
async fn takes_writes(_: &mut Conn) -> Result<bool, Failure> {
    Ok(true)
}

/// AUTOINCREMENT takes note of ids that are given from outside.
async fn note_id(_: &mut Conn, _: &str, _: i64) -> Result<(), Failure> {
    Ok(())
}

/// Nobody else is writing.
async fn lock_names(_: &mut Conn, _: Vec<String>) -> Result<(), Failure> {
    Ok(())
}

/// The same.
async fn lock_users(_: &mut Conn, _: Vec<i64>) -> Result<(), Failure> {
    Ok(())
}

/// The database's time. It runs in this process, and every process that opens it is on this machine.
async fn now(_: &mut Conn) -> Result<types::Instant, Failure> {
    Ok(types::Instant(SystemClock.now()))
}

/// Cuts the write-ahead log off if it is too long. Writes wait meanwhile.
async fn trim_log(writers: &Pool<Conn>, executor: &Executor) -> Result<bool, Failure> {
    if !executor.log.is_too_long() {
        return Ok(true);
    }
    let mut conn = take(writers, BUSY).await?;
    let busy = executor.log.busy();
    executor.write(async move { log::cut(&mut conn, busy).await }).await?
}

/// The same.
async fn lock_uploads(_: &mut Conn, _: Vec<i64>) -> Result<(), Failure> {
    Ok(())
}
