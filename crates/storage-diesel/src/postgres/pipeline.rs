//! Pipelining: sending several statements together, with one round trip for all.
//!
//! The server runs them one after the other in the order in which they arrive, so they see and lock the same
//! as if each had been waited for. If one fails, the rest of the transaction fails, too, and a COMMIT among
//! them rolls it back.
//!
//! The order is guaranteed only for prepared statements, as these are: one that is not prepared yet makes the
//! others wait for the statement cache. `BEGIN` and `COMMIT` are prepared for the same reason.

use crate::error::Failure;
use diesel::connection::TransactionDepthChange;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};

/// The rows of a query.
macro_rules! rows_of {
    ($conn:expr, $query:expr) => {
        diesel_async::RunQueryDsl::load($query, $conn).await
    };
}

/// Runs these futures in one pipeline. Each refers to the connection by the name given first.
macro_rules! together {
    ($conn:ident => $first:expr, $($next:expr),+ $(,)?) => {{
        let shared = &*$conn;
        together!(@join shared, $conn, $first, $($next),+)
    }};
    (@join $shared:ident, $conn:ident, $a:expr, $b:expr) => {
        futures_util::future::join(
            together!(@one $shared, $conn, $a),
            together!(@one $shared, $conn, $b),
        )
        .await
    };
    (@join $shared:ident, $conn:ident, $a:expr, $b:expr, $c:expr) => {
        futures_util::future::join3(
            together!(@one $shared, $conn, $a),
            together!(@one $shared, $conn, $b),
            together!(@one $shared, $conn, $c),
        )
        .await
    };
    (@join $shared:ident, $conn:ident, $a:expr, $b:expr, $c:expr, $d:expr) => {
        futures_util::future::join4(
            together!(@one $shared, $conn, $a),
            together!(@one $shared, $conn, $b),
            together!(@one $shared, $conn, $c),
            together!(@one $shared, $conn, $d),
        )
        .await
    };
    (@join $shared:ident, $conn:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr) => {
        futures_util::future::join5(
            together!(@one $shared, $conn, $a),
            together!(@one $shared, $conn, $b),
            together!(@one $shared, $conn, $c),
            together!(@one $shared, $conn, $d),
            together!(@one $shared, $conn, $e),
        )
        .await
    };
    (@one $shared:ident, $conn:ident, $work:expr) => {
        async {
            let $conn = &mut &*$shared;
            $work.await
        }
    };
}

/// The connection in the form that [`together`] passes to its futures.
macro_rules! shared {
    ($conn:expr) => {
        &mut &*$conn
    };
}

#[derive(QueryId)]
struct Begin;

impl QueryFragment<Pg> for Begin {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("BEGIN");
        Ok(())
    }
}

#[derive(QueryId)]
struct Commit;

impl QueryFragment<Pg> for Commit {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("COMMIT");
        Ok(())
    }
}

/// Marks the connection as in a transaction, which [`begin_now`] then begins. In this order, a failure in
/// between never leaves an open transaction on a connection that seems to have none.
pub(super) async fn begin_soon(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    status.transaction_state()?.change_transaction_depth(TransactionDepthChange::IncreaseDepth)
}

/// Begins the transaction that [`begin_soon`] has marked.
pub(super) async fn begin_now(conn: &mut &AsyncPgConnection) -> Result<(), Failure> {
    Begin.execute(conn).await?;
    Ok(())
}

/// Commits the statements that were sent before it.
pub(super) async fn commit_now(conn: &mut &AsyncPgConnection) -> Result<(), Failure> {
    Commit.execute(conn).await?;
    Ok(())
}

/// Marks the connection as no longer in a transaction.
pub(super) fn committed(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    status.transaction_state()?.change_transaction_depth(TransactionDepthChange::DecreaseDepth)
}
