//! SQLite's counterpart to PostgreSQL's pipeline: runs the statements one after the other, since none waits for a
//! network.

use crate::error::Failure;
use diesel::query_dsl::LoadQuery;
use diesel::result::QueryResult;
use diesel::sqlite::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};

/// The rows of a query that is read often.
macro_rules! rows_of {
    ($conn:expr, $query:expr) => {
        crate::sqlite::load($conn, $query).await
    };
}

/// Runs these futures one after the other.
macro_rules! together {
    ($conn:ident => $($work:expr),+ $(,)?) => {
        ($($work.await,)+)
    };
}

/// The connection in the form that `together` passes to its futures.
macro_rules! shared {
    ($conn:expr) => {
        $conn
    };
}

/// Loads rows as they are read. The connection's own `load` copies each value of each row first, for a thread that
/// there is none of here, which takes as long as reading them.
pub(super) async fn load<S, Q, T>(
    conn: &mut SyncConnectionWrapper<SqliteConnection, S>,
    query: Q,
) -> QueryResult<Vec<T>>
where
    S: SpawnBlocking,
    Q: LoadQuery<'static, SqliteConnection, T> + Send + 'static,
    T: Send + 'static,
{
    conn.spawn_blocking(move |conn| query.load(conn)).await
}

/// Does nothing: the transaction has begun already.
pub(super) async fn begin_now<C>(_: &mut C) -> Result<(), Failure> {
    Ok(())
}

/// Does nothing: whoever ends the transaction commits it.
pub(super) async fn commit_now<C>(_: &mut C) -> Result<(), Failure> {
    Ok(())
}

/// Does nothing: the transaction is still open.
pub(super) fn committed<C>(_: &mut C) -> QueryResult<()> {
    Ok(())
}
