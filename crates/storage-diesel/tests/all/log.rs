//! SQLite's write-ahead log while somebody is always reading.

use crate::common::{person, sqlite_place};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use std::sync::Arc;
use storage_diesel::{Options, open};

const MOST: u64 = 1024 * 1024;
/// Each account takes some pages of 4 KiB in the log.
const WRITES: usize = 60;

/// A reader of the current snapshot, until this is dropped.
fn reader(path: &str) -> SqliteConnection {
    let mut reader = SqliteConnection::establish(path).unwrap();
    reader.batch_execute("BEGIN; SELECT count(*) FROM users;").unwrap();
    reader
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_cut_off_between_reads_that_overlap() {
    let (url, _place) = sqlite_place();
    let path = url.trim_start_matches("sqlite://").to_owned();
    let options = Options { log_bytes: MOST, ..Options::default() };
    let storage = Arc::new(open(&url, &options).await.unwrap());
    let bytes = || std::fs::metadata(format!("{path}-wal")).unwrap().len();
    let (mut reads, mut most, mut cut) = (reader(&path), 0, 0_usize);
    for round in 0..12 {
        for nth in 0..WRITES {
            person(&storage, &format!("Anna {round} {nth}")).await;
        }
        most = most.max(bytes());
        let is_too_long = bytes() > MOST;
        // Another read begins before this one ends, so that there is always one.
        let next = reader(&path);
        drop(std::mem::replace(&mut reads, next));
        let trimming = tokio::spawn({
            let storage = storage.clone();
            async move { storage.trim_log().await.unwrap() }
        });
        if is_too_long {
            // The reader finishes while the writer waits.
            reads.batch_execute("COMMIT").unwrap();
        }
        assert!(trimming.await.unwrap());
        if is_too_long {
            assert!(bytes() <= MOST, "{} bytes", bytes());
            reads = reader(&path);
            cut += 1;
        }
    }
    assert!(cut > 0, "the log was never cut off: {most} bytes");
    assert!(most < 3 * MOST, "{most} bytes");
}
