//! Searching without an index: looking at the newest messages one by one.
//!
//! What is common is found among them at once, where an index would collect all of it first; and who has
//! few messages is searched through as a whole.

use super::Conn;
use crate::error::Failure;
use crate::indexed::Sought;
use crate::schema::{chat_heads, messages};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::words::{Wanted, words};
use std::collections::HashSet;

/// So many messages are looked at where an index takes long: the longest texts of as many take 16 MB.
pub(super) const MANY: i64 = 2_000;

/// So many are looked at before an index is asked that is quick.
pub(super) const SOME: i64 = 300;

/// What is read of each.
type Row = (i64, i64, i64, String);

/// What was found among the newest messages.
#[derive(Default)]
pub(super) struct Looked {
    /// The newest first.
    pub(super) found: Vec<i64>,
    /// Whether these are as many as were sought, or all that there are.
    pub(super) enough: bool,
}

/// Searches the newest messages of few chats, `looked_at` of them, or all messages of chats that have no
/// more.
pub(super) async fn own(
    conn: &mut Conn,
    sought: &Sought,
    looked_at: i64,
) -> Result<Looked, Failure> {
    let chats = chat_heads::chat_id.eq_any(sought.chats.clone());
    let heads = chat_heads::table.filter(chats.clone());
    let heads = heads.select((chat_heads::chat_id, chat_heads::last_seq));
    let heads = heads.load::<(i64, i64)>(conn).await?;
    let few = heads.iter().map(|(_, last)| last).sum::<i64>() <= looked_at;
    if !few && !sought.is_marked() {
        return Ok(Looked::default());
    }
    let depth = if few { looked_at } else { looked_at / sought.chats.len() as i64 };
    let here = messages::seq.gt(chat_heads::last_seq - depth);
    let here = here.and(messages::id.lt(sought.before)).and(messages::deleted_at.is_null());
    let rows = messages::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(messages::chat_id)))
        .filter(chats.and(here))
        .select((messages::id, messages::chat_id, messages::author_id, messages::text))
        .load::<Row>(conn)
        .await?;
    let deep = heads.into_iter().filter(|(_, last)| *last > depth).map(|(chat, _)| chat);
    let floor = deep.map(|chat| oldest_of(&rows, chat)).max();
    let mut found = fitting(rows, sought);
    found.retain(|id| floor.is_none_or(|floor| *id >= floor));
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(usize::try_from(sought.limit).unwrap_or(usize::MAX));
    let enough = floor.is_none() || found.len() as i64 == sought.limit;
    Ok(Looked { found, enough })
}

/// The oldest message of a chat that was looked at: in one chat ids rise with the seqs. Of a chat with
/// none nothing is known.
fn oldest_of(rows: &[Row], chat: i64) -> i64 {
    let ids = rows.iter().filter(|row| row.1 == chat).map(|row| row.0);
    ids.min().unwrap_or(i64::MAX)
}

/// The newest messages of the chats, whatever they say.
pub(super) async fn any(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let here = messages::chat_id.eq_any(sought.chats.clone());
    let here = here.and(messages::id.lt(sought.before)).and(messages::deleted_at.is_null());
    let newest = messages::table.filter(here).order(messages::id.desc()).limit(sought.limit);
    Ok(newest.select(messages::id).load(conn).await?)
}

/// Searches the newest messages that there are, in whatever chat. There may be more further back.
pub(super) async fn recent(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let rows = messages::table
        .filter(messages::id.lt(sought.before))
        .order(messages::id.desc())
        .limit(MANY)
        .select((messages::id, messages::chat_id, messages::author_id, messages::text))
        .load::<Row>(conn)
        .await?;
    let mut found = fitting(rows, sought);
    found.truncate(usize::try_from(sought.limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Those that have all that is sought. A tombstone has no words and no author that is looked for.
fn fitting(rows: Vec<Row>, sought: &Sought) -> Vec<i64> {
    let chats: HashSet<_> = sought.chats.iter().copied().collect();
    let fits = |(_, chat, author, text): &Row| {
        let by = sought.author.is_none_or(|wanted| *author == wanted);
        if !by || !chats.contains(chat) || text.is_empty() {
            return false;
        }
        let there = words(text);
        let has = |Wanted { word, prefix }: &Wanted| {
            there.iter().any(|other| other == word || (*prefix && other.starts_with(word)))
        };
        sought.words.iter().all(has)
    };
    rows.into_iter().filter(fits).map(|row| row.0).collect()
}
