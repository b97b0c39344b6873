//! Whether somebody agrees to being added to a chat.

use super::{Conn, blocks};
use crate::error::Failure;
use crate::rows;
use crate::schema::{chats, messages};
use crate::types::Instant;
use diesel::prelude::{ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatKey, Pair, Wishes};
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::limits::WRITTEN_AMONG;

/// What `user`, whose account is locked, wants: whether they blocked `actor`, when they last left the chat
/// by themselves (`left_at`), and when they last wrote to `actor`.
pub(super) async fn wishes(
    conn: &mut Conn,
    (actor, user): (UserId, UserId),
    left_at: Option<Instant>,
) -> Result<Wishes, Failure> {
    let blockers = blocks::blockers(conn, actor.get(), vec![user.get()]).await?;
    let left_at = left_at.map(|at| at.0);
    let wrote_at = if left_at.is_some() { wrote(conn, user, actor).await? } else { None };
    Ok(Wishes { blocked_actor: !blockers.is_empty(), left_at, wrote_at })
}

/// When `author` last wrote to `to` in their direct chat, among its newest messages.
async fn wrote(conn: &mut Conn, author: UserId, to: UserId) -> Result<Option<Timestamp>, Failure> {
    let key = ChatKey::Direct(Pair::new(author, to)).to_string();
    let newest = messages::table
        .inner_join(chats::table.on(chats::id.eq(messages::chat_id)))
        .filter(chats::key.eq(key))
        .order(messages::seq.desc())
        .limit(rows::number(WRITTEN_AMONG))
        .select((messages::author_id, messages::created_at))
        .load::<(i64, Instant)>(conn)
        .await?;
    let theirs = newest.into_iter().find(|(by, _)| *by == author.get());
    Ok(theirs.map(|(_, at)| at.0))
}
