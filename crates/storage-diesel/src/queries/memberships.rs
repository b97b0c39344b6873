//! Changes that concern a person in all of their chats at once.

use super::columns::Columns;
use super::{Conn, lock_heads};
use crate::error::Failure;
use crate::rows::{self, MemberRow, PersonRow};
use crate::schema::{chat_heads, members, users};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::chat::{Horizons, Member, Membership};
use domain::ids::{ChatId, UserId, Version};

/// How many ids go into one statement: well below either database's limit on bound values.
const CHUNK: usize = 1000;

/// Locks all chats that somebody is in, in the order of their ids. The caller must have locked the
/// account: accounts are locked before chats everywhere, which prevents deadlocks.
pub(super) async fn lock(conn: &mut Conn, user: i64) -> Result<Vec<i64>, Failure> {
    let mine = members::user_id.eq(user).and(members::left_at.is_null());
    let chats = members::table.filter(mine).select(members::chat_id).order(members::chat_id);
    let chats = chats.load::<i64>(conn).await?;
    for chats in chats.chunks(CHUNK) {
        lock_heads(shared!(conn), chats.to_vec()).await?;
    }
    Ok(chats)
}

/// Which chats these people are in, ordered by person and chat.
pub(super) async fn of(
    conn: &mut Conn,
    mut people: Vec<UserId>,
) -> Result<Vec<Membership>, Failure> {
    people.sort_unstable();
    let mut found = Vec::new();
    for people in people.chunks(CHUNK) {
        let people: Vec<_> = people.iter().map(|user| user.get()).collect();
        let theirs = members::user_id.eq_any(people).and(members::left_at.is_null());
        let rows = members::table
            .filter(theirs)
            .order((members::user_id, members::chat_id))
            .select((
                (members::user_id, members::chat_id, members::version),
                (members::hidden_seq, members::hidden_id),
            ))
            .load::<((i64, i64, i64), (i64, i64))>(conn)
            .await?;
        found.extend(rows.into_iter().map(|((user, chat, version), hidden)| Membership {
            user: UserId::stored(user),
            chat: ChatId::stored(chat),
            version: Version::stored(version),
            horizon: rows::horizon(hidden),
        }));
    }
    Ok(found)
}

/// What is hidden from whom in a chat, by ascending id: of everybody who is in it or was, or of one of them.
pub(super) async fn horizons(
    conn: &mut Conn,
    chat: ChatId,
    of: Option<UserId>,
) -> Result<Horizons, Failure> {
    let hidden = members::chat_id.eq(chat.get()).and(members::hidden_seq.gt(0));
    let mut rows = members::table.filter(hidden).order(members::user_id).into_boxed();
    if let Some(user) = of {
        rows = rows.filter(members::user_id.eq(user.get()));
    }
    let rows = rows.select((members::user_id, (members::hidden_seq, members::hidden_id)));
    let rows = rows.load::<(i64, (i64, i64))>(conn).await?;
    let horizon = |(user, hidden)| (UserId::stored(user), rows::horizon(hidden));
    Ok(rows.into_iter().map(horizon).collect())
}

/// Gives these chats, which are locked, and the person's membership in each a new version, because what
/// others see of the person has changed.
pub(super) async fn touch(
    conn: &mut Conn,
    user: i64,
    chats: &[i64],
) -> Result<Vec<Member>, Failure> {
    let mine = members::user_id.eq(user).and(members::left_at.is_null());
    let mut touched = Vec::new();
    for chats in chats.chunks(CHUNK) {
        // They may have left some of the chats before the locks were taken.
        let here = members::chat_id.eq_any(chats.to_vec()).and(mine);
        let present = members::table.filter(here).select(members::chat_id);
        let present = present.load::<i64>(conn).await?;
        let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(present.clone()));
        let next = chat_heads::version.eq(chat_heads::version + 1);
        diesel::update(heads).set(next).execute(conn).await?;
        let version = chat_heads::table
            .filter(chat_heads::chat_id.eq(members::chat_id))
            .select(chat_heads::version)
            .single_value()
            .assume_not_null();
        let rows = members::table
            .filter(members::chat_id.eq_any(present.clone()).and(members::user_id.eq(user)));
        diesel::update(rows).set(members::version.eq(version)).execute(conn).await?;
        let rows = members::table
            .inner_join(users::table.on(users::id.eq(members::user_id)))
            .filter(members::chat_id.eq_any(present).and(members::user_id.eq(user)))
            .order(members::chat_id)
            .select((MemberRow::as_select(), PersonRow::as_select()))
            .load::<(MemberRow, PersonRow)>(conn)
            .await?;
        for (row, person) in rows {
            touched.push(row.named(person)?);
        }
    }
    Ok(touched)
}
