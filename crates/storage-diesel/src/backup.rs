//! A copy of a database at one moment, while it is used.

use crate::url::Target;
use crate::{postgres, sqlite};
use std::error::Error;
use std::path::{Path, PathBuf};

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

/// Copies the database that the URL names into a folder, as it is at one moment, while others read
/// and write. Answers the new file: `confab.db` for SQLite, and `confab.dump` for PostgreSQL, which
/// `pg_restore` reads.
pub async fn backup(url: &str, folder: &Path) -> Result<PathBuf, BackupError> {
    match Target::parse(url).map_err(BackupError::database)? {
        Target::Sqlite(path) => {
            let to = folder.join("confab.db");
            sqlite::backup(path, &to).await.map(|()| to)
        }
        Target::Postgres(url) => {
            let to = folder.join("confab.dump");
            postgres::backup(url, &to).await.map(|()| to)
        }
    }
}
