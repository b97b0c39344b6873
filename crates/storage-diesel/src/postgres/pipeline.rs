//! Statements that are sent together, so that the server is waited for once.
//!
//! It runs them in the order in which they were sent, each after the end of the one before it, and so they see
//! and lock what they would if each had been waited for. After one that fails, the rest of a transaction fails
//! too, and a COMMIT among them undoes it.
//!
//! That they are sent in the order in which they are named holds for statements that are prepared, as these are:
//! one that is not prepared yet keeps the others waiting for the cache that it goes to. `BEGIN` and `COMMIT` are
//! prepared for the same reason.

use crate::error::Failure;
use diesel::connection::TransactionDepthChange;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};

/// Runs these together on a connection, which has the name that is given in each of them.
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

/// The connection as [`together`] hands it to each.
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

/// Takes note of a transaction that begins with the next statement: [`begin_now`] is sent before it. Noted
/// first, a connection on which something fails in between is never taken for one without a transaction.
pub(super) async fn begin_soon(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    status.transaction_state()?.change_transaction_depth(TransactionDepthChange::IncreaseDepth)
}

/// Begins the transaction that was noted.
pub(super) async fn begin_now(conn: &mut &AsyncPgConnection) -> Result<(), Failure> {
    Begin.execute(conn).await?;
    Ok(())
}

/// Commits what was sent before.
pub(super) async fn commit_now(conn: &mut &AsyncPgConnection) -> Result<(), Failure> {
    Commit.execute(conn).await?;
    Ok(())
}

/// Takes note that the transaction was committed.
pub(super) fn committed(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
    status.transaction_state()?.change_transaction_depth(TransactionDepthChange::DecreaseDepth)
}
