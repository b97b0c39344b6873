//! The stores' queries, written once. Compiled under `sqlite` and again under `postgres`; `super`
//! is the database at hand.
//!
//! One file per noun implements its port; each method is one call of [`Database::read`],
//! [`Database::snapshot`] or [`Database::write`], which are the only ways to a connection.

mod addresses;
mod admin;
mod append;
mod audit;
mod bans;
mod blocks;
mod changes;
mod chat_list;
mod chats;
mod cluster_settings;
mod columns;
pub(crate) mod database;
mod direct_chat_state;
mod edits;
mod heads;
mod hydrate;
mod import;
mod invites;
mod lookups;
mod marks;
mod media;
mod members;
mod membership;
mod memberships;
mod mentions;
mod messages;
mod names;
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
mod writers;

use super::{
    Conn, Db, Executor, begin_read, begin_write, index, known_migrations, lock_heads, lock_names,
    lock_uploads, lock_users, move_heads, note_id, now, position, store_messages, trim_log,
};
use crate::DatabaseHandle;
use crate::error::Failure;
use crate::gate::Gate;
use crate::metrics;
use crate::outcomes::Outcomes;
use crate::timeouts::Timeouts;
use async_trait::async_trait;
use database::{Database, take, unless_silent};
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use diesel_async::pooled_connection::deadpool::Pool;
use domain::failure::StoreError;
use domain::user::Lookalikes;
use sending::Sender;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long whoever asks whether the database is there waits for it.
const PING_PATIENCE: Duration = Duration::from_secs(1);

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
    lookalikes: Lookalikes,
}

impl Store {
    pub(super) fn new(
        connections: Connections,
        executor: Executor,
        (waits, lookalikes): (Timeouts, Lookalikes),
    ) -> Arc<Self> {
        let Connections { readers, slow, writers, senders, named } = connections;
        let (gate, outcomes) = (Gate::new(waits.turn), Arc::new(Outcomes::default()));
        let sender = Sender::start(&executor, senders, waits, &outcomes);
        let db = Database { readers, slow, writers, executor, gate, outcomes, waits, named };
        Arc::new(Self { db, sender, lookalikes })
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
        Ok(names::step(&self.db).await? || reindex::step(&self.db).await?)
    }

    async fn trim_log(&self) -> Result<bool, StoreError> {
        Ok(trim_log(&self.db.writers, &self.db.executor).await?)
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
