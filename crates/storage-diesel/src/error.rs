//! What goes wrong, and what the domain learns of it. All mapping is here.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;
use domain::failure::StoreError;
use std::error::Error;
use std::sync::Arc;
use tokio::task::JoinError;
use write_queue::End;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is a URL of neither kind.
    #[error("DATABASE_URL must be sqlite://<path> or postgres://<user>:<password>@<host>/<name>")]
    Url,
    /// The path is not that of a file.
    #[error("DATABASE_URL must name a file after sqlite://")]
    SqlitePath,
    /// The file or the server could not be opened.
    #[error("the database that DATABASE_URL names could not be opened: {0}")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migrate(#[source] Box<dyn Error + Send + Sync>),
    /// The file can be read only.
    #[error("the database file {path} that DATABASE_URL names cannot be written: {cause}")]
    ReadOnly {
        /// The file.
        path: String,
        /// What SQLite says.
        cause: Box<dyn Error + Send + Sync>,
    },
    /// A server's database that cannot hold every text.
    #[error(
        "the database that DATABASE_URL names has the encoding {0}; create one with ENCODING 'UTF8'"
    )]
    Encoding(String),
    /// A pooler that gives each transaction another connection.
    #[error(
        "DATABASE_URL leads to a pooler that hands connections round between transactions; it must do so \
         between sessions only (PgBouncer: pool_mode = session)"
    )]
    Pooler,
}

impl OpenError {
    pub(crate) fn connect(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Connect(cause.into())
    }
    pub(crate) fn migrate(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Migrate(cause.into())
    }
}

/// Why a query, or a transaction around some, did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The port's own answer; the transaction is undone.
    Answer(StoreError),
    /// The database's.
    Database(DieselError),
}

impl Failure {
    pub(crate) const NOT_FOUND: Self = Self::Answer(StoreError::NotFound);
    pub(crate) const CONFLICT: Self = Self::Answer(StoreError::Conflict);

    pub(crate) fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Answer(StoreError::unavailable(cause))
    }
    /// A stored value that this program never stored.
    pub(crate) fn damaged(column: &'static str) -> Self {
        Self::unavailable(format!("a row holds an unknown value in {column}"))
    }
    /// Somebody else holds what it has to lock. Nothing was done.
    pub(crate) fn busy(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Answer(StoreError::busy(cause))
    }
    /// Whether somebody else held what it had to lock. Nothing was done.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Database(error) => is_locked(error),
            Self::Answer(error) => matches!(error, StoreError::Busy(_)),
        }
    }
    /// Whether the connection, or the database, can only read. Nothing was done.
    pub(crate) fn is_read_only(&self) -> bool {
        let read_only = DatabaseErrorKind::ReadOnlyTransaction;
        matches!(self, Self::Database(DieselError::DatabaseError(kind, _)) if *kind == read_only)
    }
    /// Whether there was no room for it.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Database(error) => is_full(error),
            Self::Answer(error) => matches!(error, StoreError::Full(_)),
        }
    }
    /// Whether a row of the same unique value is there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        let unique = DatabaseErrorKind::UniqueViolation;
        matches!(self, Self::Database(DieselError::DatabaseError(kind, _)) if *kind == unique)
    }
    /// Whether the database understood the call and refused it. Otherwise the connection failed, or
    /// the disk is full, and asking again at once for each of many would only make it worse.
    pub(crate) fn is_refusal(&self) -> bool {
        use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
        match self {
            _ if self.is_full() || self.is_busy() || self.is_read_only() => false,
            Self::Database(DieselError::DatabaseError(kind, info)) => {
                // What a server says to everybody before it goes.
                !matches!(kind, ClosedConnection | UnableToSendCommand)
                    && !info.message().starts_with("terminating connection")
            }
            Self::Database(DieselError::SerializationError(_)) => true,
            Self::Database(_) | Self::Answer(_) => false,
        }
    }
    /// Whether the database said nothing that tells what it has done.
    pub(crate) fn is_silence(&self) -> bool {
        let says_so = match self {
            Self::Database(error) => matches!(error, DieselError::NotFound),
            Self::Answer(error) => !matches!(error, StoreError::Unavailable(_)),
        };
        let says_what = self.is_full() || self.is_busy() || self.is_read_only();
        !says_so && !says_what && !self.is_refusal()
    }
}

impl Failure {
    /// What it says about the database; nothing if it is about the call alone.
    pub(crate) fn end(&self) -> Option<End> {
        match self {
            _ if self.is_full() => Some(End::Full),
            _ if self.is_read_only() => Some(End::ReadOnly),
            _ => self.is_silence().then_some(End::Unknown),
        }
    }
}

impl From<DieselError> for Failure {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        Self::unavailable(error)
    }
}

impl From<JoinError> for Failure {
    /// The task panicked, or its runtime is gone.
    fn from(error: JoinError) -> Self {
        Self::unavailable(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Answer(error)
    }
}

impl From<Failure> for StoreError {
    /// A row that refers to one that is not there was asked for by an id that is not there; so a
    /// violated foreign key is `NotFound`.
    fn from(failure: Failure) -> Self {
        use DatabaseErrorKind::{ForeignKeyViolation, UniqueViolation};
        match failure {
            Failure::Answer(error) => error,
            Failure::Database(DieselError::NotFound) => Self::NotFound,
            Failure::Database(DieselError::DatabaseError(ForeignKeyViolation, _)) => Self::NotFound,
            Failure::Database(DieselError::DatabaseError(UniqueViolation, _)) => Self::Conflict,
            Failure::Database(error) if is_full(&error) => Self::Full(Arc::new(error)),
            Failure::Database(error) if is_locked(&error) => Self::Busy(Arc::new(error)),
            Failure::Database(error) => Self::unavailable(error),
        }
    }
}

/// Whether there is no room. Neither driver passes its code on; these are the words of SQLite, and
/// those of the system in what PostgreSQL says.
fn is_full(error: &DieselError) -> bool {
    const WORDS: [&str; 3] =
        ["database or disk is full", "No space left on device", "Disk quota exceeded"];
    let DieselError::DatabaseError(_, info) = error else { return false };
    WORDS.iter().any(|words| info.message().contains(words))
}

/// Whether another process holds the file, in SQLite's words: they are in no other language, and diesel
/// keeps the code to itself.
fn is_locked(error: &DieselError) -> bool {
    let DieselError::DatabaseError(_, info) = error else { return false };
    info.message() == "database is locked"
}

/// An error and its causes in one sentence, for a driver that tells them apart and shows the first.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut sentence = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| (*cause).source()) {
        let cause = cause.to_string();
        if !sentence.contains(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

/// The same failure for each of several senders.
pub(crate) fn shared(error: &StoreError) -> StoreError {
    match error {
        StoreError::NotFound => StoreError::NotFound,
        StoreError::Conflict => StoreError::Conflict,
        StoreError::Unavailable(cause) => StoreError::Unavailable(cause.clone()),
        StoreError::Full(cause) => StoreError::Full(cause.clone()),
        StoreError::Busy(cause) => StoreError::Busy(cause.clone()),
    }
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database could not be read, or the copy not written.
    #[error("the database could not be copied")]
    Database(#[source] Box<dyn Error + Send + Sync>),
    /// PostgreSQL's own program for it is missing.
    #[error(
        "pg_dump is not here. Install PostgreSQL's client programs of the server's version, or back the \
         database up where it runs: docs/OPERATIONS.md says how"
    )]
    NoProgram,
    /// It is there, and did not do it.
    #[error("pg_dump: {0}")]
    Program(String),
}

impl BackupError {
    pub(crate) fn database(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Database(cause.into())
    }
}
