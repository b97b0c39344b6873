//! Backing up the database file with SQLite's `VACUUM INTO`.

use super::connect;
use crate::error::BackupError;
use diesel::prelude::{Connection, QueryableByName, RunQueryDsl};
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use std::fs::File;
use std::path::Path;

/// Makes a consistent copy of the file at `path` and its write-ahead log, and checks the copy. Writers need not
/// wait, but the log grows until this is done.
pub(crate) async fn backup(path: &str, to: &Path) -> Result<(), BackupError> {
    let (path, to) = (path.to_owned(), to.to_owned());
    let run = move || {
        if !Path::new(&path).exists() {
            return Err(BackupError::database(format!("there is no file {path}")));
        }
        let mut conn = connect(&path, "").map_err(BackupError::database)?;
        let name = to.to_str().ok_or_else(|| BackupError::database("its path is not UTF-8"))?;
        let copy = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name);
        copy.execute(&mut conn).map_err(BackupError::database)?;
        check(name)?;
        // SQLite does not sync the copy to the disk.
        File::open(&to).and_then(|file| file.sync_all()).map_err(BackupError::database)
    };
    tokio::task::spawn_blocking(run).await.map_err(BackupError::database)?
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// Fails if the copy is damaged.
fn check(copy: &str) -> Result<(), BackupError> {
    let mut conn = SqliteConnection::establish(copy).map_err(BackupError::database)?;
    let found: Vec<Found> = diesel::sql_query("PRAGMA integrity_check(1)")
        .load(&mut conn)
        .map_err(BackupError::database)?;
    match found.first().map(|found| found.integrity_check.as_str()) {
        Some("ok") => Ok(()),
        damage => Err(BackupError::database(format!("the copy is damaged: {damage:?}"))),
    }
}
