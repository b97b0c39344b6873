//! What only PostgreSQL can say.

// Its macros are for what follows.
#[macro_use]
mod pipeline;

#[path = "queries/mod.rs"]
mod queries;

mod drafts;
mod dump;
mod index;
mod locks;
mod marker_rows;
mod optimistic;
mod pooler;

pub(crate) use dump::backup;

use crate::error::{Failure, OpenError, with_causes};
use crate::options::{Options, Sending};
use crate::own_thread::OwnThread;
use crate::timeouts::Timeouts;
use crate::tls::Secured;
use crate::types::{self, Instant};
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::ConnectionError;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::FutureExt;
use locks::{
    LOCK_WAIT, OTHER_LOCKS_WAIT, begin_locked, lock_deleted, lock_free_heads, lock_heads,
    lock_names, lock_uploads, lock_users,
};
use pipeline::{begin_now, begin_soon, commit_now, committed};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

type Conn = AsyncPgConnection;

/// A connection that others send statements on at the same time.
type Shared<'c> = &'c Conn;

type Db = Pg;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Any number, as long as all nodes agree on it.
const MIGRATION_LOCK: i64 = 0x63_6f6e_6661_6200;

/// Loops that write messages, each for the chats of its share: while one waits for its commit the
/// other works.
const LOOPS: usize = 2;

/// How long a server may leave what was sent to it without an answer on the network's level.
const SILENCE: Duration = Duration::from_secs(20);

/// How long a server may take from the first word to the end of what prepares a connection. One that
/// stands still takes connections, and no more.
const GREETING: Duration = Duration::from_secs(5);

/// How long a call may keep a connection: longer than the server lets a statement take, so that it is
/// the server that ends what is only slow.
const STUCK: Duration = Duration::from_secs(60);

/// How long a transaction may say nothing before the server ends it and what it has locked is free. A node that
/// works says the next thing at once; one that was stopped in the middle must not keep the chats that it had.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(5);

/// Connections that the lanes of chats share; see [`queries`].
const LANES: usize = 4;

/// Nothing here takes long; what does is stuck and holds locks that others wait for. For the same reason
/// no query is worth being compiled: that took longer than reading a list of 500 chats itself.
fn session() -> String {
    let (locks, idle) = (OTHER_LOCKS_WAIT.as_millis(), IDLE_IN_TRANSACTION.as_millis());
    format!(
        "SET statement_timeout = '30s'; SET lock_timeout = {locks}; \
         SET idle_in_transaction_session_timeout = {idle}; SET jit = off"
    )
}

/// A plan for whatever the parameters are, by the indexes. If one of the parameters is a list, the planner assumes ten
/// of them, finds that a plan for the one that there is would be cheaper, and plans each call anew, which takes longer
/// than most calls do. A plan that is kept must not read a whole table because that was small when it was made.
const EVERYDAY: &str = "; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";

/// Senders look rows up by their keys and do nothing else. Without this the planner reads many messages as long as
/// its statistics say that there are few.
const SENDER: &str = "; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// A search or a page of an export is done in milliseconds. What takes longer collects half the index;
/// [`index::find`] knows how to go on.
const SLOW: &str = "; SET statement_timeout = '3s'; SET default_transaction_read_only = on";

diesel::define_sql_function! {
    /// Where a text holds another one, counted from 1; 0 if it does not.
    #[sql_name = "strpos"]
    fn position(text: diesel::sql_types::Text, part: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

diesel::define_sql_function! {
    /// The higher one of two numbers.
    #[sql_name = "greatest"]
    fn higher(one: diesel::sql_types::BigInt, other: diesel::sql_types::BigInt) -> diesel::sql_types::BigInt;
}

diesel::define_sql_function! {
    /// The time, in a transaction too: not that of its beginning.
    fn clock_timestamp() -> types::sql::Instant;
}

/// Where calls run: the runtime that opened the database. A connection lives on the runtime that
/// made it, and the one of a caller may end sooner.
struct Executor {
    ambient: Handle,
    /// Those of the loops that write messages.
    _senders: Vec<OwnThread>,
}

impl Executor {
    fn write<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.ambient.spawn(work)
    }

    /// In a task too: a query whose caller leaves is read to its end, and its connection is good.
    fn read<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.ambient.spawn(work)
    }
}

/// Where the database is, and how to get there.
#[derive(Clone)]
struct ConnectionConfig {
    client: Config,
    tls: Option<MakeRustlsConnect>,
}

pub(crate) async fn open(url: &str, options: &Options) -> Result<Arc<queries::Store>, OpenError> {
    let config = connection_config(url)?;
    migrate(url).await?;
    let part = |of: usize| (options.connections / of).max(1);
    let everyday = format!("{}{EVERYDAY}", session());
    let readers = pool(&config, everyday.clone(), options.connections)?;
    let slow = pool(&config, format!("{}{SLOW}", session()), options.slow_readers)?;
    let writers = pool(&config, everyday.clone(), part(2))?;
    let apart = pool(&config, everyday, part(4))?;
    let probe = pool(&config, session(), 1)?;
    let (senders, threads) = senders(&config, options.sending)?;
    let executor = Executor { ambient: Handle::current(), _senders: threads };
    let sends = senders.loops.iter().map(|one| one.pool.clone()).collect();
    let marks = senders.markers.iter().map(|one| one.pool.clone()).collect();
    let named = vec![
        ("read", vec![readers.clone()]),
        ("slow_read", vec![slow.clone()]),
        ("write", vec![writers.clone()]),
        ("write_apart", vec![apart.clone()]),
        ("send", sends),
        ("mark", marks),
        ("lane", vec![senders.lanes.clone()]),
    ];
    let probe = Some(probe);
    let connections = queries::Connections { readers, slow, writers, apart, senders, probe, named };
    let (turn, held) = (options.patience, options.held);
    let waits = Timeouts { turn, held, answer: options.answer, silence: STUCK };
    Ok(queries::Store::new(connections, executor, (waits, options.lookalikes)))
}

/// Senders have connections of their own, so that nothing else keeps them waiting. A batch waits for next to
/// no lock; lanes, which lock one head before they do anything, have the time for the others.
///
/// A loop shares a thread with its connection and with nothing else, so that no other call on the shared runtime
/// keeps messages waiting.
fn senders(
    config: &ConnectionConfig,
    sending: Sending,
) -> Result<(queries::Senders, Vec<OwnThread>), OpenError> {
    let count = if sending == Sending::Grouped { LOOPS } else { 0 };
    let session = format!("{}{EVERYDAY}{SENDER}", session());
    let batch = format!("{session}; SET lock_timeout = {}", LOCK_WAIT.as_millis());
    let (mut loops, mut threads) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let thread = OwnThread::start("sender").map_err(OpenError::connect)?;
        let runtime = thread.runtime().clone();
        let pool = pool_on(runtime.clone(), config, batch.clone(), 1)?;
        loops.push(queries::Loop { runtime, pool });
        threads.push(thread);
    }
    let lanes = pool(config, session, LANES)?;
    // One loop for all chats, which needs no thread of its own: nobody waits for a marker to write the next word.
    let pool = pool(config, batch, 1)?;
    let markers = queries::Loop { runtime: Handle::current(), pool };
    let markers = vec![markers; count.min(1)];
    Ok((queries::Senders { loops, markers, lanes }, threads))
}

/// A database of another encoding takes some texts and fails on others, when it is too late.
fn has_every_character(conn: &mut AsyncConnectionWrapper<Conn>) -> Result<(), OpenError> {
    let encoding = diesel::dsl::sql::<Text>("SELECT current_setting('server_encoding')");
    let encoding: String =
        diesel::RunQueryDsl::get_result(encoding, conn).map_err(OpenError::migrate)?;
    if encoding == "UTF8" { Ok(()) } else { Err(OpenError::Encoding(encoding)) }
}

/// Nodes that start together take turns; the lock goes with the connection.
pub(crate) async fn migrate(url: &str) -> Result<(), OpenError> {
    // Migrations are written for blocking connections. This one runs on the blocking pool, driven
    // from outside, which works on a runtime of one thread too.
    let config = connection_config(url)?;
    let two = async { Ok((client(&config).await?, client(&config).await?)) };
    pooler::refuse(two, GREETING).await?;
    let handle = Handle::current();
    let run = move || {
        let conn = handle.block_on(connect(&config, &session())).map_err(OpenError::connect)?;
        let mut conn = AsyncConnectionWrapper::<Conn>::from(conn);
        has_every_character(&mut conn)?;
        // The others wait for however long the first one takes.
        let lock = format!(
            "SET statement_timeout = 0; SET lock_timeout = 0; \
             SELECT pg_advisory_lock({MIGRATION_LOCK})"
        );
        SimpleConnection::batch_execute(&mut conn, &lock).map_err(OpenError::migrate)?;
        conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(OpenError::migrate)
    };
    tokio::task::spawn_blocking(run).await.map_err(OpenError::connect)?
}

fn connection_config(url: &str) -> Result<ConnectionConfig, OpenError> {
    let Secured { url, tls } = Secured::parse(url)?;
    let mut config: Config = url.parse().map_err(OpenError::connect)?;
    config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
    config.connect_timeout(Duration::from_secs(5)).keepalives_idle(SILENCE);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("confab");
    }
    Ok(ConnectionConfig { client: config, tls })
}

fn pool(config: &ConnectionConfig, session: String, size: usize) -> Result<Pool<Conn>, OpenError> {
    pool_on(Handle::current(), config, session, size)
}

/// A pool whose connections live on this runtime.
fn pool_on(
    runtime: Handle,
    config: &ConnectionConfig,
    session: String,
    size: usize,
) -> Result<Pool<Conn>, OpenError> {
    let mut manager = ManagerConfig::<Conn>::default();
    // It refuses a connection that is closed or has an open or a broken transaction.
    manager.recycling_method = RecyclingMethod::Fast;
    let config = config.clone();
    manager.custom_setup = Box::new(move |_| {
        let (config, session) = (config.clone(), session.clone());
        let connecting = runtime.spawn(async move { connect(&config, &session).await });
        async move {
            connecting.await.map_err(|error| ConnectionError::BadConnection(error.to_string()))?
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config("", manager);
    Pool::builder(manager).max_size(size).build().map_err(OpenError::connect)
}

/// A connection as those of the pools are, so that a pooler that keeps it because of its settings does so.
async fn client(config: &ConnectionConfig) -> Result<Client, tokio_postgres::Error> {
    let client = match config.tls.clone() {
        None => {
            let (client, connection) = config.client.connect(NoTls).await?;
            tokio::spawn(connection);
            client
        }
        Some(tls) => {
            let (client, connection) = config.client.connect(tls).await?;
            tokio::spawn(connection);
            client
        }
    };
    client.batch_execute(&session()).await?;
    Ok(client)
}

async fn connect(config: &ConnectionConfig, session: &str) -> Result<Conn, ConnectionError> {
    let greeted = timeout(GREETING, greet(config, session)).await;
    let silent = |_| ConnectionError::BadConnection("the server does not answer".to_owned());
    greeted.map_err(silent)?
}

async fn greet(config: &ConnectionConfig, session: &str) -> Result<Conn, ConnectionError> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(with_causes(&error));
    let mut conn = match config.tls.clone() {
        None => {
            let (client, connection) = config.client.connect(NoTls).await.map_err(bad)?;
            Conn::try_from_client_and_connection(client, connection).await?
        }
        Some(tls) => {
            let (client, connection) = config.client.connect(tls).await.map_err(bad)?;
            Conn::try_from_client_and_connection(client, connection).await?
        }
    };
    conn.batch_execute(session).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// The versions of the migrations that this program has.
fn known_migrations() -> Vec<String> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    known.iter().map(|migration| migration.name().version().to_string()).collect()
}

async fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction(conn).await
}

/// All its queries see the database as it was at the first.
async fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    AnsiTransactionManager::begin_transaction_sql(conn, sql).await
}

/// Whether the server takes writes on this connection. One that stands by for another does not.
async fn takes_writes(conn: &mut Conn) -> Result<bool, Failure> {
    let read_only = diesel::dsl::sql::<Text>("SELECT current_setting('transaction_read_only')");
    Ok(read_only.get_result::<String>(conn).await? == "off")
}

/// The database's time, in a transaction too: not that of its beginning.
async fn now(conn: &mut Conn) -> Result<Instant, Failure> {
    Ok(diesel::select(clock_timestamp()).get_result(conn).await?)
}

/// The server keeps its log in bounds itself.
async fn trim_log(_: &Pool<Conn>, _: &Executor) -> Result<bool, Failure> {
    Ok(true)
}

/// An id was given from outside: the database gives out higher ones from now on.
async fn note_id(conn: &mut Conn, table: &str, id: i64) -> Result<(), Failure> {
    let sequence = format!("pg_get_serial_sequence('{table}', 'id')");
    let sql =
        format!("SELECT setval({sequence}, {id}) FROM {table}_id_seq WHERE last_value < {id}");
    diesel::sql_query(sql).execute(conn).await?;
    Ok(())
}
