//! Earlier texts of edited messages.

use super::Conn;
use crate::error::Failure;
use crate::rows::MessageRow;
use crate::schema::message_edits;
use crate::types::Instant;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::limits::EDITS_KEPT;
use domain::message::EarlierText;

/// Keeps a message's current text before the edit of that version replaces it.
pub(super) async fn keep(conn: &mut Conn, row: &MessageRow, version: i64) -> Result<(), Failure> {
    let values = (
        message_edits::message_id.eq(row.id),
        message_edits::version.eq(version),
        message_edits::text.eq(&row.text),
        message_edits::written_at.eq(row.edited_at.unwrap_or(row.created_at)),
    );
    diesel::insert_into(message_edits::table).values(values).execute(conn).await?;
    let of_message = message_edits::message_id.eq(row.id);
    let kept = message_edits::table.filter(of_message).order(message_edits::version);
    let kept = kept.select(message_edits::version).load::<i64>(conn).await?;
    // The first is always kept: it is the original text.
    let excess = kept.len().saturating_sub(EDITS_KEPT);
    if let Some(last) = kept.get(excess).filter(|_| excess > 0) {
        let old = message_edits::version.gt(kept[0]).and(message_edits::version.le(*last));
        diesel::delete(message_edits::table.filter(of_message.and(old))).execute(conn).await?;
    }
    Ok(())
}

/// A message's earlier texts, oldest first.
pub(super) async fn list(conn: &mut Conn, message: i64) -> Result<Vec<EarlierText>, Failure> {
    let rows = message_edits::table
        .filter(message_edits::message_id.eq(message))
        .order(message_edits::version)
        .select((message_edits::text, message_edits::written_at))
        .load::<(String, Instant)>(conn)
        .await?;
    Ok(rows.into_iter().map(|(text, at)| EarlierText { text, written_at: at.0 }).collect())
}
