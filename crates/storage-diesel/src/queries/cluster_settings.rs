//! Values that all nodes of an installation share.

use super::Conn;
use crate::error::Failure;
use crate::schema::agreements;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;

/// The value with that name; if there is none yet, it is set to this one.
pub(super) async fn agree(conn: &mut Conn, name: String, value: String) -> Result<String, Failure> {
    diesel::insert_into(agreements::table)
        .values((agreements::name.eq(&name), agreements::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(agreements::table.find(name).select(agreements::value).first(conn).await?)
}

/// The value with that name, if there is one.
pub(super) async fn agreed(conn: &mut Conn, name: String) -> Result<Option<String>, Failure> {
    let value = agreements::table.find(name).select(agreements::value);
    Ok(value.first(conn).await.optional()?)
}
