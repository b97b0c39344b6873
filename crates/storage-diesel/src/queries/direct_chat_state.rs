//! Which chats between two people are closed. This is derived from accounts and blocks whenever one of these
//! changes, and stored on the chat's head, which sending reads anyway.

use super::Conn;
use crate::error::Failure;
use crate::rows::Head;
use crate::schema::{blocks, chat_heads, chats, members, users};
use diesel::dsl::exists;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::block::PairFacts;
use domain::chat::{ChatKind, Pair};
use domain::ids::UserId;
use std::collections::{HashMap, HashSet};

diesel::alias!(members as peers: Peers);

/// How many chats one statement handles: well below either database's limit on bound values.
const CHUNK: usize = 1000;

/// Whether a chat between these two, whose accounts are locked, must be closed.
pub(super) async fn would_close(conn: &mut Conn, pair: Pair) -> Result<bool, Failure> {
    let people = pair.people().into_iter().map(UserId::get);
    let inactive = users::table.filter(users::id.eq_any(people).and(users::active.eq(false)));
    let inactive = diesel::select(exists(inactive)).get_result::<bool>(conn).await?;
    let blocked = between(conn, pair).await?;
    Ok(PairFacts { both_in: true, both_active: !inactive, blocked }.is_closed())
}

/// Whether a chat of two people, whose head is locked, must be closed now: because one of them is not a
/// member, or because of their accounts and blocks.
pub(super) async fn is_closed(conn: &mut Conn, head: &Head) -> Result<bool, Failure> {
    let both_in = head.member_count >= 2;
    if (PairFacts { both_in, both_active: true, blocked: false }).is_closed() {
        // Closed in any case, so the people need not be looked up.
        return Ok(true);
    }
    let people = members::table.filter(members::chat_id.eq(head.chat_id));
    match *people.select(members::user_id).load::<i64>(conn).await? {
        [a, b] => would_close(conn, Pair::new(UserId::stored(a), UserId::stored(b))).await,
        _ => Ok(false),
    }
}

/// Whether either of the two has blocked the other.
pub(super) async fn between(conn: &mut Conn, pair: Pair) -> Result<bool, Failure> {
    let (a, b) = (pair.lower().get(), pair.higher().get());
    let there = |blocker: i64, blocked: i64| {
        blocks::blocker_id.eq(blocker).and(blocks::blocked_id.eq(blocked))
    };
    let either = blocks::table.filter(there(a, b).or(there(b, a)));
    Ok(diesel::select(exists(either)).get_result(conn).await?)
}

/// The chats between two people that somebody is in, with the other person, ordered by id.
pub(super) async fn pairs(conn: &mut Conn, user: i64) -> Result<Vec<(i64, i64)>, Failure> {
    let other = peers.field(members::user_id);
    let kinds = ChatKind::WORDS_OF_TWO;
    let rows = members::table
        .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
        .inner_join(peers.on(peers.field(members::chat_id).eq(members::chat_id)))
        .filter(members::user_id.eq(user).and(members::left_at.is_null()))
        .filter(chats::kind.eq_any(kinds).and(other.ne(user)))
        .order(members::chat_id)
        .select((members::chat_id, other));
    Ok(rows.load(conn).await?)
}

/// Closes and reopens these chats between somebody and others, as their accounts and blocks now require.
/// Their heads must be locked.
pub(super) async fn refresh(
    conn: &mut Conn,
    user: i64,
    pairs: Vec<(i64, i64)>,
) -> Result<(), Failure> {
    let row = users::table.filter(users::id.eq(user)).select(users::active);
    let active = row.first::<bool>(conn).await?;
    let mine = blocks::blocker_id.eq(user).or(blocks::blocked_id.eq(user));
    let mine = blocks::table.filter(mine).select((blocks::blocker_id, blocks::blocked_id));
    let mine = mine.load::<(i64, i64)>(conn).await?;
    let blocked: HashSet<_> =
        mine.into_iter().map(|(a, b)| if a == user { b } else { a }).collect();
    for pairs in pairs.chunks(CHUNK) {
        let others: Vec<_> = pairs.iter().map(|(_, other)| *other).collect();
        let gone = users::table.filter(users::id.eq_any(others).and(users::active.eq(false)));
        let gone = gone.select(users::id).load::<i64>(conn).await?;
        let ids: Vec<_> = pairs.iter().map(|(chat, _)| *chat).collect();
        let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(ids));
        let heads = heads.select((chat_heads::chat_id, chat_heads::member_count));
        let inside: HashMap<_, _> = heads.load::<(i64, i64)>(conn).await?.into_iter().collect();
        let is_closed = |(chat, other): &&(i64, i64)| {
            let facts = PairFacts {
                both_in: inside.get(chat).is_some_and(|members| *members >= 2),
                both_active: active && !gone.contains(other),
                blocked: blocked.contains(other),
            };
            facts.is_closed()
        };
        let (closed, open): (Vec<_>, Vec<_>) = pairs.iter().partition(is_closed);
        for (chats, closed) in [(closed, true), (open, false)] {
            let these: Vec<_> = chats.into_iter().map(|(chat, _)| chat).collect();
            let heads = chat_heads::chat_id.eq_any(these).and(chat_heads::closed.ne(closed));
            let heads = chat_heads::table.filter(heads);
            diesel::update(heads).set(chat_heads::closed.eq(closed)).execute(conn).await?;
        }
    }
    Ok(())
}
