//! What several nouns ask about accounts.

use super::Conn;
use crate::error::Failure;
use crate::schema::users;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

/// `NotFound` unless each of these, which are all different, has an account.
pub(super) async fn exist(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let wanted = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let there = users::id.eq_any(ids).and(users::deleted_at.is_null());
    let there: i64 = users::table.filter(there).count().get_result(conn).await?;
    if there == wanted { Ok(()) } else { Err(Failure::NOT_FOUND) }
}
