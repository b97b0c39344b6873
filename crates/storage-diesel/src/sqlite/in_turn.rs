//! What PostgreSQL is sent together is run in turn here: no statement waits for a network.

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

/// It has begun.
pub(super) async fn begin_now<C>(_: &mut C) -> Result<(), Failure> {
    Ok(())
}

/// Whoever ends the transaction commits it.
pub(super) async fn commit_now<C>(_: &mut C) -> Result<(), Failure> {
    Ok(())
}

/// It was not committed yet.
pub(super) fn committed<C>(_: &mut C) -> QueryResult<()> {
    Ok(())
}
