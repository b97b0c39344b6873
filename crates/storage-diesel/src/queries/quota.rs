//! How many bytes of files an account stores. Triggers record each change; this sums them up.

use super::Conn;
use crate::error::Failure;
use crate::schema::{stored_changes as changes, users};
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

/// How many changes are summed up at once. After deleting more, the rest counts at the next upload.
const CHANGES: i64 = 1_000;

/// The bytes that an account stores. The account must be locked.
pub(super) async fn stored(conn: &mut Conn, owner: i64) -> Result<u64, Failure> {
    let new = changes::table.filter(changes::owner_id.eq(owner)).order(changes::id).limit(CHANGES);
    let new = new.select((changes::id, changes::bytes)).load::<(i64, i64)>(conn).await?;
    let account = users::table.filter(users::id.eq(owner));
    let before = account.select(users::stored_bytes).first::<i64>(conn).await?;
    if new.is_empty() {
        return Ok(u64::try_from(before).unwrap_or(0));
    }
    let (ids, bytes): (Vec<_>, Vec<_>) = new.into_iter().unzip();
    let now = before + bytes.into_iter().sum::<i64>();
    diesel::delete(changes::table.filter(changes::id.eq_any(ids))).execute(conn).await?;
    diesel::update(account).set(users::stored_bytes.eq(now)).execute(conn).await?;
    Ok(u64::try_from(now).unwrap_or(0))
}
