//! The statements of a group of read markers.

use super::queries::transactions::Start;
use super::{Conn, one_by_one};
use crate::error::Failure;
use crate::pairs::pair_in;
use crate::rows::{FoundMarkers, MovedMarker};
use crate::schema::members;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// The markers of those of these people who are in these chats. The transaction holds the whole file already.
pub(super) async fn find(
    conn: &mut Conn,
    people: Vec<(i64, i64)>,
    _: Start,
) -> Result<FoundMarkers, Failure> {
    let here = pair_in::<(BigInt, BigInt), _, _, _, _>(members::chat_id, members::user_id, people);
    let rows = members::table.filter(here).filter(members::left_at.is_null());
    let rows = rows.select((members::chat_id, members::user_id, members::read_seq));
    Ok((rows.load(conn).await?, Vec::new()))
}

/// Stores these markers, and these versions of chats.
pub(super) async fn store(
    conn: &mut Conn,
    moved: Vec<MovedMarker>,
    heads: Vec<(i64, i64)>,
) -> Result<(), Failure> {
    Ok(conn.spawn_blocking(move |conn| one_by_one::move_markers(conn, &moved, &heads)).await?)
}
