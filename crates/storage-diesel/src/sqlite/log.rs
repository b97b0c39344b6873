//! The write-ahead log, which grows for as long as one read begins before another one ends.
//!
//! SQLite writes the log from its beginning again once everything in it is in the database and nobody reads
//! it any more. Overlapping reads see to it that there is always somebody. So past a size the writer holds the
//! file, waits until those who read are done, and cuts the log off; whoever begins meanwhile reads the
//! database alone.

use super::Conn;
use crate::error::Failure;
use diesel::QueryableByName;
use diesel::sql_types::Integer;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use metrics::gauge;
use std::path::PathBuf;
use std::time::Duration;

/// How long the writer, and with it every write, waits for those who read. Then it is left for the next turn.
const PATIENCE: Duration = Duration::from_secs(1);

/// The log of a database file.
pub(super) struct Log {
    path: PathBuf,
    /// Bytes from which on it is cut off.
    most: u64,
    /// How long the writer waits for whoever holds the file, otherwise.
    busy: Duration,
}

impl Log {
    /// Of the database at that path.
    pub(super) fn of(path: &str, most: u64, busy: Duration) -> Self {
        Self { path: format!("{path}-wal").into(), most, busy }
    }

    pub(super) const fn busy(&self) -> Duration {
        self.busy
    }

    /// Whether it is too long.
    pub(super) fn is_too_long(&self) -> bool {
        // It is not there before the first write.
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        gauge!("confab_sqlite_log_bytes")
            .set(u32::try_from(bytes / 1024).map_or(0.0, f64::from) * 1024.0);
        bytes > self.most
    }
}

/// What SQLite says of a checkpoint.
#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Cuts the log off, unless somebody reads it for too long; `busy` is how long the writer waits otherwise.
pub(super) async fn cut(conn: &mut Conn, busy: Duration) -> Result<bool, Failure> {
    set_patience(conn, PATIENCE).await?;
    let cut = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn).await;
    set_patience(conn, busy).await?;
    let Checkpoint { busy } = cut?;
    Ok(busy == 0)
}

async fn set_patience(conn: &mut Conn, patience: Duration) -> Result<(), Failure> {
    let set = format!("PRAGMA busy_timeout = {}", patience.as_millis());
    Ok(conn.batch_execute(&set).await?)
}
