//! Backing up a database while it is in use.

use crate::error::BackupError;
use crate::url::Target;
use crate::{postgres, sqlite};
use std::path::{Path, PathBuf};

/// Makes a consistent copy of the database that the URL names in a folder, while others read and write.
/// Returns the new file: `confab.db` for SQLite, and `confab.dump` for PostgreSQL, which `pg_restore` reads.
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
