//! The statements of a group of read markers.

use super::Shared;
use super::queries::transactions::Start;
use crate::error::Failure;
use crate::pairs::pair_in;
use crate::rows::{FoundMarkers, MovedMarker};
use crate::schema::members;
use diesel::pg::Pg;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use std::collections::HashSet;

/// The markers of those of these people who are in these chats, with their rows locked, and whose row somebody else
/// has locked. With `Start::Begun` that is waited for.
pub(super) async fn find(
    conn: &mut Shared<'_>,
    people: Vec<(i64, i64)>,
    start: Start,
) -> Result<FoundMarkers, Failure> {
    let here =
        pair_in::<(BigInt, BigInt), _, _, _, _>(members::chat_id, members::user_id, people.clone());
    let rows = members::table.filter(here).filter(members::left_at.is_null());
    // Whoever waits for several takes them in the same order.
    let rows = rows.order((members::chat_id, members::user_id));
    let rows = rows.select((members::chat_id, members::user_id, members::read_seq));
    let locked = rows.for_no_key_update();
    let found: Vec<(i64, i64, i64)> = match start {
        Start::Begin => locked.skip_locked().load(conn).await?,
        Start::Begun => locked.load(conn).await?,
    };
    if start == Start::Begun || found.len() == people.len() {
        return Ok((found, Vec::new()));
    }
    let free: HashSet<_> = found.iter().map(|(chat, user, _)| (*chat, *user)).collect();
    let missing = people.into_iter().filter(|person| !free.contains(person)).collect();
    let held = pair_in::<(BigInt, BigInt), _, _, _, _>(members::chat_id, members::user_id, missing);
    let held = members::table.filter(held).filter(members::left_at.is_null());
    Ok((found, held.select((members::chat_id, members::user_id)).load(conn).await?))
}

/// Stores markers of rows that are locked, and the versions of the chats whose members see them, in one statement,
/// which is prepared once.
#[derive(QueryId)]
struct Move {
    chats: Vec<i64>,
    users: Vec<i64>,
    seqs: Vec<i64>,
    /// Zero for those that only their owner sees.
    versions: Vec<i64>,
    heads: Vec<i64>,
    advanced: Vec<i64>,
}

impl QueryFragment<Pg> for Move {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "WITH moved AS (UPDATE members SET read_seq = to_seq, \
             shown_seq = CASE WHEN to_version > 0 THEN to_seq ELSE shown_seq END, \
             version = CASE WHEN to_version > 0 THEN to_version ELSE members.version END \
             FROM unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.chats)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.users)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.seqs)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.versions)?;
        out.push_sql(
            ") AS markers (of_chat, of_user, to_seq, to_version) \
             WHERE chat_id = of_chat AND user_id = of_user) \
             UPDATE chat_heads SET version = to_version FROM unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.heads)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.advanced)?;
        out.push_sql(") AS heads (of_chat, to_version) WHERE chat_id = of_chat");
        Ok(())
    }
}

/// Stores these markers, and these versions of chats whose heads are locked.
pub(super) async fn store(
    conn: &mut Shared<'_>,
    moved: Vec<MovedMarker>,
    heads: Vec<(i64, i64)>,
) -> Result<(), Failure> {
    let (heads, advanced) = heads.into_iter().unzip();
    let store = Move {
        chats: moved.iter().map(|marker| marker.chat).collect(),
        users: moved.iter().map(|marker| marker.user).collect(),
        seqs: moved.iter().map(|marker| marker.seq).collect(),
        versions: moved.iter().map(|marker| marker.version.unwrap_or_default()).collect(),
        heads,
        advanced,
    };
    store.execute(conn).await?;
    Ok(())
}
