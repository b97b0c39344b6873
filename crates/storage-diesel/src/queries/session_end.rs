//! Ending sessions: the row is deleted and a note of it is stored, in one transaction.

use super::{Conn, now};
use crate::batch::Batch;
use crate::error::Failure;
use crate::schema::{ended_sessions, sessions};
use crate::types::Instant;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;

#[derive(Insertable)]
#[diesel(table_name = ended_sessions, treat_none_as_default_value = false)]
struct Ending {
    session_id: i64,
    user_id: i64,
    ended_at: Instant,
}

/// Ends these sessions. One that has expired at `at` is deleted without a note, because it has ended already.
/// Notes carry the database's time, by which nodes ask for them.
pub(super) async fn end(conn: &mut Conn, ids: Vec<i64>, at: Timestamp) -> Result<(), Failure> {
    // Well below either database's limit on bound values.
    for ids in ids.chunks(1000) {
        let gone = diesel::delete(sessions::table.filter(sessions::id.eq_any(ids.to_vec())))
            .returning((sessions::id, sessions::user_id, sessions::expires_at))
            .get_results::<(i64, i64, Instant)>(conn)
            .await?;
        let live = gone.into_iter().filter(|(_, _, expires_at)| expires_at.0 >= at);
        let ended_at = now(conn).await?;
        let notes: Vec<_> =
            live.map(|(session_id, user_id, _)| Ending { session_id, user_id, ended_at }).collect();
        if !notes.is_empty() {
            diesel::insert_into(ended_sessions::table).values(Batch(notes)).execute(conn).await?;
        }
    }
    Ok(())
}

/// Ends all sessions of an account except `keep`.
pub(super) async fn end_all(
    conn: &mut Conn,
    user: i64,
    keep: Option<i64>,
    at: Timestamp,
) -> Result<(), Failure> {
    let mine = sessions::user_id.eq(user).and(sessions::id.ne(keep.unwrap_or(0)));
    let ids = sessions::table.filter(mine).select(sessions::id).load(conn).await?;
    end(conn, ids, at).await
}
