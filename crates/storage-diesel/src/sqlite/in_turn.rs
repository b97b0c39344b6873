//! SQLite's counterpart to PostgreSQL's pipeline: runs the statements one after the other, since none waits for a
//! network.

use crate::error::Failure;
use diesel::result::QueryResult;

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
