//! What several nouns ask about accounts.

use super::Conn;
use crate::error::Failure;
use crate::schema::users;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

/// The name of an account. `NotFound` if there is none.
pub(super) async fn name(conn: &mut Conn, id: i64) -> Result<String, Failure> {
    Ok(users::table.filter(users::id.eq(id)).select(users::name).first(conn).await?)
}

/// `NotFound` unless each of these, which are all different, has an account.
pub(super) async fn exist(conn: &mut Conn, ids: Vec<i64>) -> Result<(), Failure> {
    let wanted = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let there: i64 = users::table.filter(users::id.eq_any(ids)).count().get_result(conn).await?;
    if there == wanted { Ok(()) } else { Err(Failure::NOT_FOUND) }
}
