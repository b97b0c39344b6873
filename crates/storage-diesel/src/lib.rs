//! The stores of the domain, on SQLite and on PostgreSQL.
//!
//! Every query is written once, in `queries/`, as ordinary diesel. That folder is compiled twice,
//! under `sqlite` and under `postgres`, and each of them says what `Conn` is. What only one of the
//! two can say (how a transaction begins, how a row is locked, where a call may block) is a small
//! function of the same name in both.
//!
//! Three promises are kept in one place each:
//!
//! - A write runs in a task of its own, so a caller that stops waiting cannot leave half of it
//!   (`queries/mod.rs`).
//! - Whoever changes a chat locks its head row first, several in the order of their ids
//!   (`queries/heads.rs`).
//! - Messages that arrive together are committed together (`group_commit.rs`), and none waits for another
//!   chat's lock (`queries/lanes.rs`).
#![warn(missing_docs)]
#![expect(clippy::duplicate_mod, reason = "queries/ is compiled once for each database")]

mod backup;
mod batch;
mod error;
mod indexed;
mod metrics;
mod options;
mod own_thread;
mod pairs;
mod postgres;
mod prepared;
mod rows;
mod schema;
mod sqlite;
mod timeouts;
mod tls;
mod types;
mod url;

use async_trait::async_trait;
use domain::admin::AdminStore;
use domain::block::BlockStore;
use domain::chat::{AddressStore, BanStore, ChatStore, MemberStore};
use domain::directory::TieStore;
use domain::failure::StoreError;
use domain::host::{ExternalIdStore, HostAccountStore};
use domain::import::ImportStore;
use domain::invite::InviteStore;
use domain::media::MediaStore;
use domain::message::{MarkStore, MessageStore};
use domain::own_data::OwnDataStore;
use domain::push::SubscriptionStore;
use domain::second_factor::SecondFactorStore;
use domain::service_key::ServiceKeyStore;
use domain::session::{SessionStore, SetUpStore};
use domain::user::UserStore;
use std::sync::Arc;
use url::Target;

pub use backup::backup;
pub use error::{BackupError, OpenError};
pub use options::{Durability, Options, Sending};

/// An open database.
pub struct Storage {
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// Chats that have an address.
    pub addresses: Arc<dyn AddressStore>,
    /// Who may not come in.
    pub bans: Arc<dyn BanStore>,
    /// Who is in them.
    pub members: Arc<dyn MemberStore>,
    /// Messages.
    pub messages: Arc<dyn MessageStore>,
    /// What people put on them.
    pub marks: Arc<dyn MarkStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// What is somebody's own.
    pub own: Arc<dyn OwnDataStore>,
    /// What admins change, and the log of it.
    pub admin: Arc<dyn AdminStore>,
    /// What is known of files.
    pub media: Arc<dyn MediaStore>,
    /// Where devices are reached by Web Push.
    pub subscriptions: Arc<dyn SubscriptionStore>,
    /// What other servers kept.
    pub import: Arc<dyn ImportStore>,
    /// Invitations to make an account.
    pub invites: Arc<dyn InviteStore>,
    /// Which account is whose at a host.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// What hosts call people and chats.
    pub external_ids: Arc<dyn ExternalIdStore>,
    /// How people are connected by chats.
    pub ties: Arc<dyn TieStore>,
    /// Whether the server was set up.
    pub set_up: Arc<dyn SetUpStore>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Service keys.
    pub service_keys: Arc<dyn ServiceKeyStore>,
    handle: Arc<dyn DatabaseHandle>,
}

impl Storage {
    fn new<S>(store: Arc<S>) -> Self
    where
        S: UserStore
            + SessionStore
            + ChatStore
            + AddressStore
            + BanStore
            + MemberStore
            + MessageStore
            + MarkStore
            + BlockStore
            + OwnDataStore
            + AdminStore
            + MediaStore
            + SubscriptionStore
            + ImportStore
            + InviteStore
            + HostAccountStore
            + ExternalIdStore
            + TieStore
            + SetUpStore
            + SecondFactorStore
            + ServiceKeyStore
            + DatabaseHandle
            + 'static,
    {
        Self {
            users: store.clone(),
            sessions: store.clone(),
            chats: store.clone(),
            addresses: store.clone(),
            bans: store.clone(),
            members: store.clone(),
            messages: store.clone(),
            marks: store.clone(),
            blocks: store.clone(),
            own: store.clone(),
            admin: store.clone(),
            media: store.clone(),
            subscriptions: store.clone(),
            import: store.clone(),
            invites: store.clone(),
            host_accounts: store.clone(),
            external_ids: store.clone(),
            ties: store.clone(),
            set_up: store.clone(),
            second_factors: store.clone(),
            service_keys: store.clone(),
            handle: store,
        }
    }

    /// Asks the database for the least that it can answer, and waits for it a moment only.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.handle.ping().await
    }

    /// Whether the tables are those that this program knows: every migration of its own has been run.
    /// There may be more of them, by a later version that runs beside it.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        self.handle.is_migrated().await
    }

    /// Whether a write of the last ten seconds found no room on the disk, and no message was stored since.
    pub fn is_full(&self) -> bool {
        self.handle.is_full()
    }

    /// Whether the database can be written, as far as the last write and a connection of this moment know: a
    /// server that stands by for another, or was told to be only read, answers queries and takes no writes.
    pub async fn takes_writes(&self) -> Result<bool, StoreError> {
        self.handle.takes_writes().await
    }

    /// Waits until a write ended of which nobody knows whether it was done: its answer never came. What
    /// came of it can be read once the database answers again.
    pub async fn unsure(&self) {
        self.handle.unsure().await;
    }

    /// Brings some messages up to date that were indexed by an earlier version in another form, and returns
    /// whether there may be more. Until there are none, a search may miss what is said in them.
    pub async fn reindex(&self) -> Result<bool, StoreError> {
        self.handle.reindex().await
    }

    /// Makes room in the write-ahead log of SQLite if it grew past [`Options::log_bytes`]; to be called now
    /// and then. False if it is still too long, since somebody read it all the time.
    pub async fn trim_log(&self) -> Result<bool, StoreError> {
        self.handle.trim_log().await
    }

    /// Tells how busy the database is, as figures.
    pub fn observe(&self) {
        self.handle.observe();
    }

    /// What all who ask for that name get: the value that was given first, for ever.
    pub async fn agree(&self, name: &str, value: &str) -> Result<String, StoreError> {
        self.handle.agree(name, value).await
    }

    /// Waits until every write that was accepted is committed or has failed, then lets go of the
    /// database. Calls that come later answer [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.handle.close().await;
    }
}

/// What a database is asked beside its stores.
#[async_trait]
trait DatabaseHandle: Send + Sync {
    async fn ping(&self) -> Result<(), StoreError>;
    async fn agree(&self, name: &str, value: &str) -> Result<String, StoreError>;
    async fn is_migrated(&self) -> Result<bool, StoreError>;
    fn is_full(&self) -> bool;
    async fn takes_writes(&self) -> Result<bool, StoreError>;
    async fn unsure(&self);
    async fn reindex(&self) -> Result<bool, StoreError>;
    async fn trim_log(&self) -> Result<bool, StoreError>;
    async fn close(&self);
    fn observe(&self);
}

/// Opens the database that the URL names, brings its schema up to date and returns its stores.
///
/// `sqlite://<path>` or `sqlite:<path>` is a file, made if it is not there; `postgres://…` is a
/// database on a server. The connections live on the tokio runtime that this is called on, which
/// must have its I/O and time drivers on and must outlive the stores.
pub async fn open(url: &str, options: &Options) -> Result<Storage, OpenError> {
    match Target::parse(url)? {
        Target::Sqlite(path) => Ok(Storage::new(sqlite::open(path, options).await?)),
        Target::Postgres(url) => Ok(Storage::new(postgres::open(url, options).await?)),
    }
}

/// Brings the schema of the database that the URL names up to date. Several at once take turns.
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    match Target::parse(url)? {
        Target::Sqlite(path) => sqlite::migrate(path).await,
        Target::Postgres(url) => postgres::migrate(url).await,
    }
}
