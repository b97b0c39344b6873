//! The write-ahead log, which keeps growing while reads overlap.
//!
//! SQLite starts the log over once it is fully checkpointed and nobody reads it any more. With overlapping
//! reads there is always a reader. So past a certain size, the writer locks the file, waits until the current
//! readers are done, and truncates the log; new readers meanwhile read only the database file.

use super::Conn;
use crate::error::Failure;
use diesel::QueryableByName;
use diesel::sql_types::Integer;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use metrics::gauge;
use std::path::PathBuf;
use std::time::Duration;

/// How long the writer, and with it every write, waits for readers. After that, the next attempt has to do it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The log of a database file.
pub(super) struct Log {
    path: PathBuf,
    /// The size in bytes above which the log is truncated.
    most: u64,
    /// The writer's usual busy timeout.
    busy: Duration,
}

impl Log {
    /// The log of the database at that path.
    pub(super) fn of(path: &str, most: u64, busy: Duration) -> Self {
        Self { path: format!("{path}-wal").into(), most, busy }
    }

    pub(super) const fn busy(&self) -> Duration {
        self.busy
    }

    /// Whether the log is larger than it may be. Also sets the metric of its size.
    pub(super) fn is_too_long(&self) -> bool {
        // The file does not exist before the first write.
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        gauge!("confab_sqlite_log_bytes")
            .set(u32::try_from(bytes / 1024).map_or(0.0, f64::from) * 1024.0);
        bytes > self.most
    }
}

/// The result of a checkpoint.
#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Truncates the log, unless a reader takes too long. `busy` is the writer's usual busy timeout, which is
/// restored afterwards.
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
