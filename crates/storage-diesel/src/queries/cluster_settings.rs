//! What the nodes of an installation have in common.

use super::Conn;
use crate::error::Failure;
use crate::schema::agreements;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

/// The value of that name; this one, if there is none yet.
pub(super) async fn agree(conn: &mut Conn, name: String, value: String) -> Result<String, Failure> {
    diesel::insert_into(agreements::table)
        .values((agreements::name.eq(&name), agreements::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(agreements::table.find(name).select(agreements::value).first(conn).await?)
}
