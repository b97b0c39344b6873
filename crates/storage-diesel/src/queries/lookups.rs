//! Look-ups of chats and their members that mostly dialects need.

use super::columns::Columns;
use super::{Conn, hydrate};
use crate::error::Failure;
use crate::pairs::pair_in;
use crate::rows::{self, ChatRow, Head, MemberRow, MessageRow, PersonRow};
use crate::schema::{bans, chat_heads, chats, members, messages, users};
use crate::types::{Instant, Permitted};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::chat::{ChatKey, ChatKind, Member, Outline, rules};
use domain::ids::{ChatId, UserId};
use domain::message::Message;
use domain::user::UserSummary;

/// The chat with that key (ADR 21). `NotFound` if there is none.
pub(super) async fn keyed(conn: &mut Conn, key: ChatKey) -> Result<ChatId, Failure> {
    let found = chats::table.filter(chats::key.eq(key.to_string()));
    Ok(ChatId::stored(found.select(chats::id).first(conn).await?))
}

/// The whispers of somebody in a chat: the chat of each, and the other person. Only those that they are a
/// member of.
pub(super) async fn whispers(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
) -> Result<Vec<(ChatId, UserId)>, Failure> {
    let mine = members::table
        .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
        .filter(chats::parent_id.eq(chat.get()))
        .filter(members::user_id.eq(user.get()).and(members::left_at.is_null()))
        .select(members::chat_id)
        .load::<i64>(conn)
        .await?;
    let others = members::chat_id.eq_any(mine).and(members::user_id.ne(user.get()));
    let others = members::table.filter(others).order(members::chat_id);
    let others = others.select((members::chat_id, members::user_id)).load::<(i64, i64)>(conn);
    let stored = |(chat, peer)| (ChatId::stored(chat), UserId::stored(peer));
    Ok(others.await?.into_iter().map(stored).collect())
}

/// A chat with the people that its name is made of, which is what dialects call it. For whispers and direct
/// chats these are both people, former members included.
pub(super) async fn outline(conn: &mut Conn, chat: ChatId) -> Result<Outline, Failure> {
    let row = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .filter(chats::id.eq(chat.get()).and(chat_heads::deleted.eq(false)))
        .select((ChatRow::as_select(), Head::as_select()));
    let (row, head) = row.first::<(ChatRow, Head)>(conn).await?;
    let found = row.headed(&head)?;
    let mut people = Vec::new();
    if found.kind.is_between_two() {
        let both = members::table
            .inner_join(users::table.on(users::id.eq(members::user_id)))
            .filter(members::chat_id.eq(chat.get()))
            .order(members::user_id)
            .select(PersonRow::as_select());
        for person in both.load(conn).await? {
            people.push(UserSummary::try_from(person)?);
        }
    }
    Ok(Outline { chat: found, people, active_at: head.active_at.0 })
}

/// The last message of each of these rooms, tombstones included, without rooms that the viewer is banned
/// from. Anybody else could enter a room, so anybody may see it, unless it would be hidden from them then.
pub(super) async fn last_said(
    conn: &mut Conn,
    rooms: Vec<ChatId>,
    viewer: UserId,
    now: Instant,
) -> Result<Vec<Message>, Failure> {
    let wanted: Vec<_> = rooms.into_iter().map(ChatId::get).collect();
    // Those that hold now: this is `Ban::holds` in SQL.
    let banned = bans::table
        .filter(bans::user_id.eq(viewer.get()))
        .filter(bans::until.is_null().or(bans::until.gt(now)))
        .select(bans::chat_id);
    let here = members::chat_id.eq(chats::id).and(members::user_id.eq(viewer.get()));
    let last = chats::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
        .left_join(members::table.on(here.and(members::left_at.is_null())))
        .filter(chats::id.eq_any(wanted).and(chats::kind.eq(ChatKind::Room.as_str())))
        .filter(chats::id.ne_all(banned).and(chat_heads::last_seq.gt(0)))
        .select((
            (chats::id, chat_heads::last_seq),
            chat_heads::permissions,
            members::hidden_seq.nullable(),
        ))
        .load::<((i64, i64), Permitted, Option<i64>)>(conn)
        .await?;
    let sees = |last: i64, permissions: Permitted, hidden: Option<i64>| match hidden {
        Some(hidden) => last > hidden,
        None => !rules::hides_past(permissions.0),
    };
    let seen = last.into_iter().filter(|((_, last), around, hidden)| sees(*last, *around, *hidden));
    let last: Vec<_> = seen.map(|(last, ..)| last).collect();
    if last.is_empty() {
        return Ok(Vec::new());
    }
    let is_last = pair_in::<(BigInt, BigInt), _, _, _, _>(messages::chat_id, messages::seq, last);
    let rows = messages::table.filter(is_last).order(messages::chat_id);
    let rows = rows.select(MessageRow::as_select()).load(conn).await?;
    hydrate::all(conn, rows).await
}

/// The members of these chats, by chat and user id, at most `limit` in all. With a viewer, only of the chats
/// that they are in.
pub(super) async fn together(
    conn: &mut Conn,
    mut wanted: Vec<i64>,
    viewer: Option<UserId>,
    limit: usize,
) -> Result<Vec<Member>, Failure> {
    if let Some(viewer) = viewer {
        let mine = members::user_id.eq(viewer.get()).and(members::left_at.is_null());
        let mine = members::table.filter(mine.and(members::chat_id.eq_any(wanted)));
        wanted = mine.select(members::chat_id).load(conn).await?;
    }
    let rows = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::chat_id.eq_any(wanted).and(members::left_at.is_null()))
        .order((members::chat_id, members::user_id))
        .limit(rows::number(limit))
        .select((MemberRow::as_select(), PersonRow::as_select()))
        .load::<(MemberRow, PersonRow)>(conn)
        .await?;
    rows.into_iter().map(|(row, who)| row.named(who)).collect()
}
