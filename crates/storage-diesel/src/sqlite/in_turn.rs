//! What PostgreSQL is sent together is run in turn here: no statement waits for a network.

use super::{Conn, Shared, begin_write};
use crate::error::Failure;
use diesel::result::QueryResult;

/// Runs these one after the other.
macro_rules! together {
    ($conn:ident => $($work:expr),+ $(,)?) => {
        ($($work.await,)+)
    };
}

/// The connection as `together` hands it to each.
macro_rules! shared {
    ($conn:expr) => {
        $conn
    };
}

/// Begins it: a statement that begins it costs no more by itself.
pub(super) async fn begin_soon(conn: &mut Conn) -> QueryResult<()> {
    begin_write(conn).await
}

/// It has begun.
pub(super) async fn begin_now(_: &mut Shared<'_>) -> Result<(), Failure> {
    Ok(())
}

/// Whoever ends the transaction commits it.
pub(super) async fn commit_now(_: &mut Shared<'_>) -> Result<(), Failure> {
    Ok(())
}

/// It was not committed yet.
pub(super) fn committed(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}
