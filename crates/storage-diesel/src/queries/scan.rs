//! Searching without an index: looking at the newest messages one by one.
//!
//! What is common is found among them at once, where an index would collect all of it first; and whoever
//! has few messages is searched through as a whole.

use super::Conn;
use crate::error::Failure;
use crate::indexed::Sought;
use crate::schema::{chat_heads, messages};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::words::{Wanted, words};
use std::collections::HashSet;

/// So many messages are looked at: the longest texts of as many take 16 MB.
const SCANNED: i64 = 2_000;

/// What is read of each.
type Row = (i64, i64, i64, String);

/// Searches all messages of the chats, if they are few enough to look at; `None` if they are not.
pub(super) async fn own(conn: &mut Conn, sought: &Sought) -> Result<Option<Vec<i64>>, Failure> {
    let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(sought.chats.clone()));
    let last = heads.select(chat_heads::last_seq).load::<i64>(conn).await?;
    if last.iter().sum::<i64>() > SCANNED {
        return Ok(None);
    }
    let here = messages::chat_id.eq_any(sought.chats.clone());
    let here = here.and(messages::id.lt(sought.before)).and(messages::deleted_at.is_null());
    let rows = messages::table
        .filter(here)
        .select((messages::id, messages::chat_id, messages::author_id, messages::text))
        .load::<Row>(conn)
        .await?;
    let mut found = fitting(rows, sought);
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(usize::try_from(sought.limit).unwrap_or(usize::MAX));
    Ok(Some(found))
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
        .limit(SCANNED)
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
