//! The domain's storage ports, on SQLite and on PostgreSQL.
//!
//! Every query is written once, in `queries/`, as ordinary diesel. That folder is compiled twice, as a
//! submodule of `sqlite` and of `postgres`, which each define `Conn`. What differs between the two (how a
//! transaction begins, how a row is locked, where a call may block) is a small function of the same name in
//! both.
//!
//! Three guarantees are each implemented in one place:
//!
//! - A write runs in its own task, so a caller that stops waiting cannot interrupt it (`queries/database.rs`).
//! - Every change of a chat locks its head row first; several are locked in the order of their ids
//!   (`queries/heads.rs`).
//! - Messages that arrive together are committed together, and so are read markers (`queries/grouping.rs`); none waits
//!   for another chat's lock (`queries/lanes.rs`).
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
mod recent_sessions;
mod rows;
mod schema;
mod sqlite;
mod timeouts;
mod tls;
mod types;
mod unread;
mod url;

use async_trait::async_trait;
use domain::admin::AdminStore;
use domain::block::BlockStore;
use domain::chat::{AddressStore, BanStore, ChatStore, MemberStore};
use domain::directory::TieStore;
use domain::failure::StoreError;
use domain::host::{ExternalIdStore, HostAccountStore};
use domain::idempotency::IdempotencyStore;
use domain::import::ImportStore;
use domain::invite::InviteStore;
use domain::media::{HostPictureStore, MediaStore};
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
    /// Who is banned from them.
    pub bans: Arc<dyn BanStore>,
    /// Their members.
    pub members: Arc<dyn MemberStore>,
    /// Messages.
    pub messages: Arc<dyn MessageStore>,
    /// Reactions, pins and stars.
    pub marks: Arc<dyn MarkStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// A user's own data, for its export and its deletion.
    pub own: Arc<dyn OwnDataStore>,
    /// Admins' changes, and the audit log.
    pub admin: Arc<dyn AdminStore>,
    /// Attachments and avatars; their contents are in the file store.
    pub media: Arc<dyn MediaStore>,
    /// Web Push subscriptions.
    pub subscriptions: Arc<dyn SubscriptionStore>,
    /// Importing other servers' data.
    pub import: Arc<dyn ImportStore>,
    /// Invitations to create an account.
    pub invites: Arc<dyn InviteStore>,
    /// Which host user each account belongs to.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Pictures of hosts' people that are to be fetched.
    pub host_pictures: Arc<dyn HostPictureStore>,
    /// The ids that hosts give people and chats.
    pub external_ids: Arc<dyn ExternalIdStore>,
    /// Which people share chats.
    pub ties: Arc<dyn TieStore>,
    /// Whether the server has been set up.
    pub set_up: Arc<dyn SetUpStore>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Service keys.
    pub service_keys: Arc<dyn ServiceKeyStore>,
    /// Requests that may be repeated.
    pub idempotency: Arc<dyn IdempotencyStore>,
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
            + HostPictureStore
            + ExternalIdStore
            + TieStore
            + SetUpStore
            + SecondFactorStore
            + ServiceKeyStore
            + IdempotencyStore
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
            host_pictures: store.clone(),
            external_ids: store.clone(),
            ties: store.clone(),
            set_up: store.clone(),
            second_factors: store.clone(),
            service_keys: store.clone(),
            idempotency: store.clone(),
            handle: store,
        }
    }

    /// Asks the database the smallest possible question, with a short timeout.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.handle.ping().await
    }

    /// Whether all migrations that this version knows have been run. A later version that runs at the same time
    /// may have run more.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        self.handle.is_migrated().await
    }

    /// Whether a write failed in the last ten seconds because the disk was full, and no message was stored since.
    pub fn is_full(&self) -> bool {
        self.handle.is_full()
    }

    /// Whether the database accepts writes, judging by the last write and a connection just now. A standby, or a
    /// server that was made read-only, answers queries but refuses writes.
    pub async fn takes_writes(&self) -> Result<bool, StoreError> {
        self.handle.takes_writes().await
    }

    /// Waits until a write has ended whose caller never got an answer, so that nobody knows whether it was
    /// committed. Its result can be read once the database answers again.
    pub async fn unsure(&self) {
        self.handle.unsure().await;
    }

    /// Reindexes some messages that an earlier version indexed in another form, and returns whether there may be
    /// more. Until there are none, a search may miss some of them.
    pub async fn reindex(&self) -> Result<bool, StoreError> {
        self.handle.reindex().await
    }

    /// Truncates SQLite's write-ahead log if it has grown past [`Options::log_bytes`]; to be called regularly.
    /// False if it is still too long because there was always a reader.
    pub async fn trim_log(&self) -> Result<bool, StoreError> {
        self.handle.trim_log().await
    }

    /// Updates the metrics of how busy the database is.
    pub fn observe(&self) {
        self.handle.observe();
    }

    /// Agrees on a value with all other nodes: every caller gets the first value ever given for the name.
    pub async fn agree(&self, name: &str, value: &str) -> Result<String, StoreError> {
        self.handle.agree(name, value).await
    }

    /// What [`Self::agree`] was first given for the name, if it ever was.
    pub async fn agreed(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.handle.agreed(name).await
    }

    /// Waits until every accepted write is committed or has failed, then closes the database. Later calls
    /// return [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.handle.close().await;
    }
}

/// What [`Storage`] asks the database itself.
#[async_trait]
trait DatabaseHandle: Send + Sync {
    async fn ping(&self) -> Result<(), StoreError>;
    async fn agree(&self, name: &str, value: &str) -> Result<String, StoreError>;
    async fn agreed(&self, name: &str) -> Result<Option<String>, StoreError>;
    async fn is_migrated(&self) -> Result<bool, StoreError>;
    fn is_full(&self) -> bool;
    async fn takes_writes(&self) -> Result<bool, StoreError>;
    async fn unsure(&self);
    async fn reindex(&self) -> Result<bool, StoreError>;
    async fn trim_log(&self) -> Result<bool, StoreError>;
    async fn close(&self);
    fn observe(&self);
}

/// Opens the database that the URL names, migrates its schema and returns its stores.
///
/// `sqlite://<path>` or `sqlite:<path>` is a file, created if it does not exist; `postgres://…` is a
/// database on a server. The connections live on the calling tokio runtime, which must have its I/O and
/// time drivers enabled and must outlive the stores.
pub async fn open(url: &str, options: &Options) -> Result<Storage, OpenError> {
    match Target::parse(url)? {
        Target::Sqlite(path) => Ok(Storage::new(sqlite::open(path, options).await?)),
        Target::Postgres(url) => Ok(Storage::new(postgres::open(url, options).await?)),
    }
}

/// Migrates the schema of the database that the URL names. Concurrent calls take turns.
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    match Target::parse(url)? {
        Target::Sqlite(path) => sqlite::migrate(path).await,
        Target::Postgres(url) => postgres::migrate(url).await,
    }
}
