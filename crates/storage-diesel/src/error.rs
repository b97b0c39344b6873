//! Errors of the databases, and all of their mapping to the domain's errors.

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
    /// The URL names neither kind of database.
    #[error("DATABASE_URL must be sqlite://<path> or postgres://<user>:<password>@<host>/<name>")]
    Url,
    /// The URL names no file.
    #[error("DATABASE_URL must name a file after sqlite://")]
    SqlitePath,
    /// The file or the server could not be opened.
    #[error("the database that DATABASE_URL names could not be opened: {0}")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// The schema could not be migrated.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migrate(#[source] Box<dyn Error + Send + Sync>),
    /// The file is read-only.
    #[error("the database file {path} that DATABASE_URL names cannot be written: {cause}")]
    ReadOnly {
        /// The file.
        path: String,
        /// SQLite's error.
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The database's encoding is not UTF-8, so it cannot store every text.
    #[error(
        "the database that DATABASE_URL names has the encoding {0}; create one with ENCODING 'UTF8'"
    )]
    Encoding(String),
    /// A pooler that shares connections between transactions.
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

/// Why a query or a transaction failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An answer of the port's, such as `NotFound`; the transaction is rolled back.
    Answer(StoreError),
    /// An error of the database.
    Database(DieselError),
}

impl Failure {
    pub(crate) const NOT_FOUND: Self = Self::Answer(StoreError::NotFound);
    pub(crate) const CONFLICT: Self = Self::Answer(StoreError::Conflict);

    pub(crate) fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Answer(StoreError::unavailable(cause))
    }
    /// A stored value that this program would never have stored.
    pub(crate) fn damaged(column: &'static str) -> Self {
        Self::unavailable(format!("a row holds an unknown value in {column}"))
    }
    /// Another transaction holds a lock that it needs. Nothing was done.
    pub(crate) fn busy(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Answer(StoreError::busy(cause))
    }
    /// Whether another transaction held a lock that it needed. Nothing was done.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Database(error) => is_locked(error),
            Self::Answer(error) => matches!(error, StoreError::Busy(_)),
        }
    }
    /// Whether the connection or the database is read-only. Nothing was done.
    pub(crate) fn is_read_only(&self) -> bool {
        let read_only = DatabaseErrorKind::ReadOnlyTransaction;
        matches!(self, Self::Database(DieselError::DatabaseError(kind, _)) if *kind == read_only)
    }
    /// Whether the disk was full.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Database(error) => is_full(error),
            Self::Answer(error) => matches!(error, StoreError::Full(_)),
        }
    }
    /// Whether it violated a unique constraint.
    pub(crate) fn is_duplicate(&self) -> bool {
        let unique = DatabaseErrorKind::UniqueViolation;
        matches!(self, Self::Database(DieselError::DatabaseError(kind, _)) if *kind == unique)
    }
    /// Whether the database refused this particular call. Otherwise the connection failed or the disk is
    /// full, and repeating each call of a batch at once would only make it worse.
    pub(crate) fn is_refusal(&self) -> bool {
        use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
        match self {
            _ if self.is_full() || self.is_busy() || self.is_read_only() => false,
            Self::Database(DieselError::DatabaseError(kind, info)) => {
                // This message goes to every client when the server shuts down.
                !matches!(kind, ClosedConnection | UnableToSendCommand)
                    && !info.message().starts_with("terminating connection")
            }
            Self::Database(DieselError::SerializationError(_)) => true,
            Self::Database(_) | Self::Answer(_) => false,
        }
    }
    /// Whether the outcome is unknown, because no usable answer came.
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
    /// What it means for the database's health; nothing if it concerns this call alone.
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
    /// The task panicked, or its runtime was shut down.
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
    /// A violated foreign key is `NotFound`, because the caller gave the id of something that does not exist.
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

/// Whether the disk is full. Neither driver exposes the error code, so this looks for SQLite's message, and for
/// the operating system's within PostgreSQL's.
fn is_full(error: &DieselError) -> bool {
    const WORDS: [&str; 3] =
        ["database or disk is full", "No space left on device", "Disk quota exceeded"];
    let DieselError::DatabaseError(_, info) = error else { return false };
    WORDS.iter().any(|words| info.message().contains(words))
}

/// Whether another process has locked the file. Diesel does not expose the error code, but SQLite's messages
/// are never translated.
fn is_locked(error: &DieselError) -> bool {
    let DieselError::DatabaseError(_, info) = error else { return false };
    info.message() == "database is locked"
}

/// An error with its causes in one sentence, for drivers whose `Display` shows only the outermost.
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

/// A copy of the failure, so that several senders can get it.
pub(crate) fn shared(error: &StoreError) -> StoreError {
    match error {
        StoreError::NotFound => StoreError::NotFound,
        StoreError::Conflict => StoreError::Conflict,
        StoreError::Unavailable(cause) => StoreError::Unavailable(cause.clone()),
        StoreError::Full(cause) => StoreError::Full(cause.clone()),
        StoreError::Busy(cause) => StoreError::Busy(cause.clone()),
    }
}

/// Why a backup failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database could not be read, or the copy not written.
    #[error("the database could not be copied")]
    Database(#[source] Box<dyn Error + Send + Sync>),
    /// `pg_dump` is not installed.
    #[error(
        "pg_dump is not here. Install PostgreSQL's client programs of the server's version, or back the \
         database up where it runs: docs/OPERATIONS.md says how"
    )]
    NoProgram,
    /// `pg_dump` failed.
    #[error("pg_dump: {0}")]
    Program(String),
}

impl BackupError {
    pub(crate) fn database(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Database(cause.into())
    }
}
