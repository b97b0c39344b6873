//! The stores' queries, written once. Compiled under `sqlite` and again under `postgres`; `super`
//! is the database at hand.
//!
//! One file per noun implements its port; each method is one call of [`Database::read`],
//! [`Database::snapshot`] or [`Database::write`], which are the only ways to a connection.

mod addresses;
mod admin;
mod append;
mod audit;
mod authored;
mod bans;
mod blocks;
mod call;
mod changes;
mod chat_list;
mod chats;
mod chats_from_outside;
mod cluster_settings;
mod columns;
mod consent;
pub(crate) mod database;
mod deleted_chats;
mod direct_chat_state;
mod edits;
mod external_ids;
mod grouping;
mod heads;
mod history;
mod host_accounts;
mod host_data;
mod host_pictures;
mod hydrate;
mod import;
mod invites;
mod lanes;
mod lookups;
mod managed;
mod markers;
mod marks;
mod media;
mod members;
mod membership;
mod memberships;
mod mentions;
mod messages;
mod names;
mod newest;
mod optimistic;
mod own_data;
mod own_reactions;
mod people;
mod quota;
mod recent_messages;
mod reindex;
mod repeated_requests;
mod search;
mod second_factors;
mod sending;
mod service_keys;
mod session_end;
mod sessions;
mod set_up;
mod silences;
mod standing;
mod stars;
mod subscriptions;
mod ties;
pub(crate) mod transactions;
mod users;
mod writers;

use super::{
    Conn, Db, Executor, Shared, begin_locked, begin_now, begin_read, begin_soon, begin_write,
    commit_now, committed, drafts, higher, index, known_migrations, lock_deleted, lock_free_heads,
    lock_heads, lock_names, lock_uploads, lock_users, marker_rows, note_id, now, position,
    takes_writes, trim_log,
};
use crate::DatabaseHandle;
use crate::error::Failure;
use crate::metrics;
use crate::timeouts::Timeouts;
use async_trait::async_trait;
use database::{Database, Ends};
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::StoreError;
use domain::message::Draft;
use domain::user::Lookalikes;
use grouping::Groups;
pub(crate) use grouping::Loop;
use markers::Marking;
pub(crate) use sending::Senders;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use transactions::{take, unless_silent};
use write_queue::{Gate, Outcomes};

/// How long whoever asks whether the database is there waits for it.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// How long a connection is asked whether the server takes writes.
const PROBE_LIFE: Duration = Duration::from_secs(10);

/// The connections of an open database.
pub(crate) struct Connections {
    pub(crate) readers: Pool<Conn>,
    /// For what may take long to read, so that nothing else waits behind it.
    pub(crate) slow: Pool<Conn>,
    /// For changes of chats other than messages, and of whatever concerns several.
    pub(crate) writers: Pool<Conn>,
    /// For writes that lock no chat.
    pub(crate) apart: Pool<Conn>,
    pub(crate) senders: Senders,
    /// To find out whether the server takes writes; nothing for a file.
    pub(crate) probe: Option<Pool<Conn>>,
    /// Each of them once, by what figures call it.
    pub(crate) named: Vec<(&'static str, Vec<Pool<Conn>>)>,
}

/// Every store.
pub(crate) struct Store {
    db: Database,
    sender: Groups<Draft>,
    markers: Groups<Marking>,
    probe: Option<Pool<Conn>>,
    lookalikes: Lookalikes,
}

impl Store {
    pub(super) fn new(
        connections: Connections,
        executor: Executor,
        (waits, lookalikes): (Timeouts, Lookalikes),
    ) -> Arc<Self> {
        let Connections { readers, slow, writers, apart, senders, probe, named } = connections;
        let pools = named.iter().flat_map(|(_, pools)| pools).chain(&probe).cloned().collect();
        let ends = Ends { outcomes: Arc::new(Outcomes::default()), pools };
        let Senders { loops, markers, lanes } = senders;
        let sender = Groups::start(&loops, &lanes, waits, &ends);
        let markers = Groups::start(&markers, &lanes, waits, &ends);
        let gate = Gate::new(waits.turn);
        let recent = Arc::default();
        let db =
            Database { readers, slow, writers, apart, executor, gate, ends, waits, recent, named };
        Arc::new(Self { db, sender, markers, probe, lookalikes })
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
        self.db.ends.outcomes.is_full()
    }

    async fn takes_writes(&self) -> Result<bool, StoreError> {
        if self.db.ends.outcomes.is_read_only() {
            return Ok(false);
        }
        let Some(probe) = &self.probe else { return Ok(true) };
        // What a connection says that was made long ago need not be so any more.
        probe.retain(|_, metrics| metrics.age() < PROBE_LIFE);
        let mut conn = take(probe, PING_PATIENCE).await?;
        let asked = self.db.executor.read(async move {
            let done = timeout(PING_PATIENCE, takes_writes(&mut conn)).await;
            unless_silent(done, conn)
        });
        Ok(asked.await.map_err(Failure::from)??)
    }

    async fn unsure(&self) {
        self.db.ends.outcomes.unknown().await;
    }

    async fn agree(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let (name, value) = (name.to_owned(), value.to_owned());
        Ok(self
            .db
            .write_apart(move |conn| Box::pin(cluster_settings::agree(conn, name, value)))
            .await?)
    }

    async fn agreed(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        Ok(self.db.read(move |conn| Box::pin(cluster_settings::agreed(conn, name))).await?)
    }

    async fn reindex(&self) -> Result<bool, StoreError> {
        Ok(names::step(&self.db).await? || reindex::step(&self.db).await?)
    }

    async fn trim_log(&self) -> Result<bool, StoreError> {
        Ok(trim_log(&self.db.writers, &self.db.executor).await?)
    }

    async fn close(&self) {
        self.db.gate.close().await;
        self.db.ends.pools.iter().for_each(Pool::close);
    }

    fn observe(&self) {
        let (messages, lanes) = self.sender.waiting();
        metrics::queues(self.db.gate.inside(), messages, lanes);
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
