//! The ids of new messages. They are drawn before the messages are stored, so that what names them can be
//! sent together with them. Those that are not used are lost.

use crate::error::Failure;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// As many as these, in one statement, which is prepared once.
#[derive(QueryId)]
struct Draw {
    count: i64,
}

impl Query for Draw {
    type SqlType = BigInt;
}

impl QueryFragment<Pg> for Draw {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT nextval('messages_id_seq') FROM generate_series(1, ");
        out.push_bind_param::<BigInt, _>(&self.count)?;
        out.push_sql(")");
        Ok(())
    }
}

/// The next ids of messages, as many as these, rising. Sent after the lock of a chat they are higher than
/// all that the chat has.
pub(super) async fn draw_message_ids(
    conn: &mut &AsyncPgConnection,
    count: usize,
) -> Result<Vec<i64>, Failure> {
    let count = crate::rows::number(count);
    Ok(Draw { count }.load(conn).await?)
}
