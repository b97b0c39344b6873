//! Who has blocked whom.

use super::columns::Columns;
use super::{Conn, Store, direct_chat_state, lock_heads, lock_users, people};
use crate::error::Failure;
use crate::rows::{self, PersonRow};
use crate::schema::{blocks, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::block::{Block, BlockPage, BlockStore};
use domain::chat::Pair;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::UserId;

#[async_trait]
impl BlockStore for Store {
    async fn block(
        &self,
        blocker: UserId,
        blocked: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let who = (blocker.get(), blocked.get());
        let at = Instant(at);
        Ok(self.db.write(move |conn| Box::pin(block(conn, who, capacity, at))).await?)
    }

    async fn unblock(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError> {
        let who = (blocker.get(), blocked.get());
        Ok(self.db.write(move |conn| Box::pin(unblock(conn, who))).await?)
    }

    async fn list(
        &self,
        blocker: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BlockPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(list(conn, blocker, after, limit))).await?)
    }

    async fn between(&self, a: UserId, b: UserId) -> Result<bool, StoreError> {
        let pair = Pair::new(a, b);
        Ok(self.db.read(move |conn| Box::pin(direct_chat_state::between(conn, pair))).await?)
    }

    async fn blockers(
        &self,
        blocked: UserId,
        people: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let people = people.iter().map(|id| id.get()).collect();
        Ok(self.db.read(move |conn| Box::pin(blockers(conn, blocked.get(), people))).await?)
    }
}

async fn block(
    conn: &mut Conn,
    (blocker, blocked): (i64, i64),
    capacity: usize,
    at: Instant,
) -> Result<bool, Failure> {
    lock_users(conn, vec![blocker, blocked]).await?;
    people::exist(conn, vec![blocked]).await?;
    let values =
        (blocks::blocker_id.eq(blocker), blocks::blocked_id.eq(blocked), blocks::since.eq(at));
    let insert = diesel::insert_into(blocks::table).values(values).on_conflict_do_nothing();
    if insert.execute(conn).await? == 0 {
        return Ok(false);
    }
    let mine = blocks::table.filter(blocks::blocker_id.eq(blocker)).count();
    let mine = mine.get_result::<i64>(conn).await?;
    if mine > rows::number(capacity) {
        return Err(Failure::CONFLICT);
    }
    refresh_between(conn, (blocker, blocked)).await?;
    Ok(true)
}

async fn unblock(conn: &mut Conn, (blocker, blocked): (i64, i64)) -> Result<bool, Failure> {
    lock_users(conn, vec![blocker, blocked]).await?;
    let there = blocks::blocker_id.eq(blocker).and(blocks::blocked_id.eq(blocked));
    if diesel::delete(blocks::table.filter(there)).execute(conn).await? == 0 {
        return Ok(false);
    }
    refresh_between(conn, (blocker, blocked)).await?;
    Ok(true)
}

/// The chats between two people, whose accounts are locked.
async fn refresh_between(conn: &mut Conn, (one, other): (i64, i64)) -> Result<(), Failure> {
    let mut shared = direct_chat_state::pairs(conn, one).await?;
    shared.retain(|(_, peer)| *peer == other);
    lock_heads(shared!(conn), shared.iter().map(|(chat, _)| *chat).collect()).await?;
    direct_chat_state::refresh(conn, one, shared).await
}

async fn list(
    conn: &mut Conn,
    blocker: UserId,
    after: Option<UserId>,
    limit: usize,
) -> Result<BlockPage, Failure> {
    let after = blocks::blocked_id.gt(after.map_or(0, UserId::get));
    let rows = blocks::table
        .inner_join(users::table.on(users::id.eq(blocks::blocked_id)))
        .filter(blocks::blocker_id.eq(blocker.get()).and(after))
        .order(blocks::blocked_id)
        .limit(rows::one_more(limit))
        .select((PersonRow::as_select(), blocks::since))
        .load::<(PersonRow, Instant)>(conn)
        .await?;
    let block = |(person, since): (PersonRow, Instant)| -> Result<_, Failure> {
        Ok(Block { user: person.try_into()?, since: since.0 })
    };
    let mut blocks = rows.into_iter().map(block).collect::<Result<Vec<_>, _>>()?;
    let more = rows::cut(&mut blocks, limit);
    Ok(BlockPage { blocks, more })
}

/// Those of these people who have blocked somebody.
pub(super) async fn blockers(
    conn: &mut Conn,
    blocked: i64,
    people: Vec<i64>,
) -> Result<Vec<UserId>, Failure> {
    let mut found = Vec::new();
    for people in people.chunks(1000) {
        let those = blocks::blocked_id.eq(blocked).and(blocks::blocker_id.eq_any(people.to_vec()));
        let ids = blocks::table.filter(those).select(blocks::blocker_id).load::<i64>(conn).await?;
        found.extend(ids.into_iter().map(UserId::stored));
    }
    found.sort_unstable();
    Ok(found)
}
