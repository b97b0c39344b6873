//! What only PostgreSQL can say.

#[path = "queries/mod.rs"]
mod queries;

mod dump;
mod index;

pub(crate) use dump::backup;

use crate::batch::Batch;
use crate::error::{Failure, OpenError, with_causes};
use crate::options::{Options, SLOW_READERS, Sending};
use crate::rows::{Head, NewMessageRow};
use crate::schema::{attachments, chat_heads, messages, users};
use crate::timeouts::Timeouts;
use crate::tls::Secured;
use crate::types::{self, Instant};
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::{
    ConnectionError, ExpressionMethods, QueryDsl, QueryableByName, SelectableHelper,
};
use diesel::result::QueryResult;

use diesel::sql_types::Text;
use diesel::upsert::excluded;
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
use domain::ids::MessageId;
use domain::message::Message;
use futures_util::FutureExt;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

type Conn = AsyncPgConnection;
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

/// Nothing here takes long; what does is stuck and holds locks that others wait for. For the same reason
/// no query is worth being compiled: that took longer than reading a list of 500 chats itself.
const SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '30s'; SET jit = off";

/// Senders look rows up by their keys and do nothing else. Without this the planner reads a whole
/// table of messages as long as its statistics say that it is small, and plans each lookup anew. They
/// wait for a lock for less time than for an answer: then who needs no lock is tried without the others.
const SENDER: &str = "; SET lock_timeout = '5s'; \
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
    SET plan_cache_mode = force_generic_plan";

/// A search or a page of an export is done in milliseconds. What takes longer collects half the index;
/// [`index::find`] knows how to go on.
const SLOW: &str = "; SET statement_timeout = '3s'; SET default_transaction_read_only = on";

diesel::define_sql_function! {
    /// Where a text holds another one, counted from 1; 0 if it does not.
    #[sql_name = "strpos"]
    fn position(text: diesel::sql_types::Text, part: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

/// Where calls run: the runtime that opened the database. A connection lives on the runtime that
/// made it, and the one of a caller may end sooner.
struct Executor {
    ambient: Handle,
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
    let executor = Executor { ambient: Handle::current() };
    let readers = pool(&config, String::from(SESSION), options.connections)?;
    let slow = pool(&config, format!("{SESSION}{SLOW}"), SLOW_READERS)?;
    // Senders have connections of their own, so that nothing else keeps them waiting.
    let senders = match options.sending {
        Sending::Grouped => (0..LOOPS)
            .map(|_| pool(&config, format!("{SESSION}{SENDER}"), 1))
            .collect::<Result<_, _>>()?,
        Sending::OneByOne => Vec::new(),
    };
    let named = vec![
        ("shared", vec![readers.clone()]),
        ("slow_read", vec![slow.clone()]),
        ("send", senders.clone()),
    ];
    let writers = readers.clone();
    let connections = queries::Connections { readers, slow, writers, senders, named };
    let waits = Timeouts { turn: options.patience, answer: options.answer, silence: STUCK };
    Ok(queries::Store::new(connections, executor, (waits, options.lookalikes)))
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
    let handle = Handle::current();
    let run = move || {
        let conn = handle.block_on(connect(&config, SESSION)).map_err(OpenError::connect)?;
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
    let mut manager = ManagerConfig::<Conn>::default();
    // It refuses a connection that is closed or has an open or a broken transaction.
    manager.recycling_method = RecyclingMethod::Fast;
    let (config, executor) = (config.clone(), Handle::current());
    manager.custom_setup = Box::new(move |_| {
        let (config, session) = (config.clone(), session.clone());
        let connecting = executor.spawn(async move { connect(&config, &session).await });
        async move {
            connecting.await.map_err(|error| ConnectionError::BadConnection(error.to_string()))?
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config("", manager);
    Pool::builder(manager).max_size(size).build().map_err(OpenError::connect)
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

/// The heads of those of the chats that there are, as they are once they are locked. All lock in
/// the order of the ids, so nobody waits in a circle.
async fn lock_heads(conn: &mut Conn, chats: Vec<i64>) -> Result<Vec<Head>, Failure> {
    let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(chats));
    let heads = heads.order(chat_heads::chat_id).select(Head::as_select());
    Ok(heads.for_no_key_update().load(conn).await?)
}

/// Keeps whoever else locks one of these texts waiting until the transaction ends, also where no row has it.
async fn lock_names(conn: &mut Conn, mut names: Vec<String>) -> Result<(), Failure> {
    names.sort_unstable();
    names.dedup();
    for name in names {
        let lock = diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
        lock.bind::<Text, _>(name).execute(conn).await?;
    }
    Ok(())
}

/// Locks these accounts in the order of their ids, for the same reason.
async fn lock_users(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let users = users::table.filter(users::id.eq_any(ids)).order(users::id).select(users::id);
    users.for_no_key_update().load::<i64>(conn).await?;
    Ok(())
}

/// A time of the database.
#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = types::sql::Instant)]
    now: Instant,
}

/// The database's time, in a transaction too: not that of its beginning.
async fn now(conn: &mut Conn) -> Result<Instant, Failure> {
    let asked = diesel::sql_query("SELECT clock_timestamp() AS now");
    Ok(asked.get_result::<Now>(conn).await?.now)
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

/// Locks these uploads in the order of their ids.
async fn lock_uploads(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let uploads = attachments::table.filter(attachments::id.eq_any(ids)).order(attachments::id);
    uploads.select(attachments::id).for_update().load::<i64>(conn).await?;
    Ok(())
}

/// Stores messages and gives them their ids, rising in their order: in one statement, for each is a
/// round trip.
async fn store_messages(conn: &mut Conn, mut new: Vec<Message>) -> Result<Vec<Message>, Failure> {
    let ids = diesel::insert_into(messages::table)
        .values(Batch(new.iter().map(NewMessageRow::from).collect()))
        .returning((messages::chat_id, messages::seq, messages::id))
        .get_results::<(i64, i64, i64)>(conn)
        .await?;
    let ids: HashMap<_, _> = ids.into_iter().map(|(chat, seq, id)| ((chat, seq), id)).collect();
    for message in &mut new {
        let id = ids.get(&(message.chat.get(), message.seq.get())).copied();
        message.id = MessageId::stored(id.ok_or(Failure::damaged("messages.id"))?);
    }
    Ok(new)
}

/// Stores the numbers of heads that are locked.
async fn move_heads(conn: &mut Conn, heads: Vec<Head>) -> Result<(), Failure> {
    // They are there, so each conflicts and is updated: an UPDATE cannot take many rows.
    diesel::insert_into(chat_heads::table)
        .values(Batch(heads))
        .on_conflict(chat_heads::chat_id)
        .do_update()
        .set((
            chat_heads::last_seq.eq(excluded(chat_heads::last_seq)),
            chat_heads::version.eq(excluded(chat_heads::version)),
            chat_heads::active_at.eq(excluded(chat_heads::active_at)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
