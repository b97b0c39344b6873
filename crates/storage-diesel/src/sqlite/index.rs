//! Finding messages by their words, with FTS5. Words are quoted in queries, so that none is taken for an
//! operator; no word contains a quote.

use super::Conn;
use super::queries::database::Database;
use crate::error::Failure;
use crate::indexed::{Hits, Indexed, Sought, author_mark, chat_mark};
use crate::rows;
use diesel::prelude::{ExpressionMethods, QueryDsl, QueryableByName};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use diesel_async::RunQueryDsl;
use domain::limits::SEARCH_PASSED_OVER;
use std::collections::HashSet;
use std::sync::Arc;

/// How many matches to read first where they may be in other people's chats, and how many in each further read.
/// Each read repeats the work for prefixes, so there should be few.
const FIRST: i64 = 1_000;
const MORE: i64 = 5_000;

/// FTS5 reads a word's matches from the newest and can stop early; for a prefix it merges all lists first.
pub(super) const STOPS_WITH_ENOUGH: bool = true;

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    message_search (rowid) {
        rowid -> BigInt,
        words -> Text,
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    rowid: i64,
}

#[derive(QueryableByName)]
struct Somewhere {
    #[diesel(sql_type = BigInt)]
    rowid: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    chat: Option<i64>,
}

/// Adds messages to the index, which must not contain them yet: one by one, like `store_messages`.
pub(super) async fn add(conn: &mut Conn, messages: Vec<Indexed>) -> Result<(), Failure> {
    let add = move |conn: &mut SqliteConnection| {
        for Indexed { message, words, .. } in &messages {
            let row = (message_search::rowid.eq(message), message_search::words.eq(words));
            let insert = diesel::insert_into(message_search::table).values(row);
            diesel::RunQueryDsl::execute(insert, conn)?;
        }
        Ok(())
    };
    Ok(conn.spawn_blocking(add).await?)
}

/// Removes a message from the index.
pub(super) async fn remove(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    let row = message_search::table.filter(message_search::rowid.eq(message));
    diesel::delete(row).execute(conn).await?;
    Ok(())
}

/// Removes these messages from the index.
pub(super) async fn remove_all(conn: &mut Conn, messages: &[i64]) -> Result<(), Failure> {
    let ids = rows::listed(messages);
    let sql = format!("DELETE FROM message_search WHERE rowid IN ({ids})");
    diesel::sql_query(sql).execute(conn).await?;
    Ok(())
}

/// The ids of matching messages, the newest first. With many chats, messages of other chats are among them.
pub(super) async fn having(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let sql = format!(
        "SELECT rowid FROM message_search \
         WHERE message_search MATCH ? AND rowid < ? {} ORDER BY rowid DESC LIMIT ?",
        seen(sought)
    );
    let found = diesel::sql_query(sql)
        .bind::<Text, _>(expression(sought))
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(sought.limit)
        .load::<Found>(conn)
        .await?;
    Ok(found.into_iter().map(|found| found.rowid).collect())
}

/// The ids of the matching messages, the newest first. FTS5 reads backwards and stops when there are enough.
/// With many chats the index cannot tell which matches are in them, so matches in other chats are skipped; after
/// [`SEARCH_PASSED_OVER`] matches the search stops.
pub(super) async fn find(db: &Database, sought: Arc<Sought>) -> Result<Hits, Failure> {
    if sought.is_marked() {
        let found = db
            .read_slowly(move |conn| Box::pin(async move { having(conn, &sought).await }))
            .await?;
        return Ok(Hits::complete(found));
    }
    let chats: HashSet<_> = sought.chats.iter().copied().collect();
    let (mut found, mut passed_over, mut step) = (Vec::new(), 0, FIRST);
    let mut part = Sought::clone(&sought);
    loop {
        part.limit = step;
        let matches = part.clone();
        let matches = db
            .read_slowly(move |conn| Box::pin(async move { anywhere(conn, &matches).await }))
            .await?;
        let last = matches.last().map(|last| last.rowid).filter(|_| matches.len() as i64 == step);
        let read = matches.len();
        let here = |found: &Somewhere| found.chat.is_some_and(|chat| chats.contains(&chat));
        found.extend(matches.into_iter().filter(here).map(|found| found.rowid));
        let Some(last) = last.filter(|_| !sought.is_enough(&found)) else {
            return Ok(Hits::complete(sought.newest(found)));
        };
        passed_over += read;
        if passed_over >= SEARCH_PASSED_OVER {
            return Ok(Hits { ids: found, stopped_at: Some(last) });
        }
        (part.before, step) = (last, MORE);
    }
}

/// As [`having`], with each message's chat.
async fn anywhere(conn: &mut Conn, sought: &Sought) -> Result<Vec<Somewhere>, Failure> {
    let sql = format!(
        "SELECT rowid, (SELECT chat_id FROM messages WHERE id = message_search.rowid) AS chat \
         FROM message_search \
         WHERE message_search MATCH ? AND rowid < ? {} ORDER BY rowid DESC LIMIT ?",
        seen(sought)
    );
    let found = diesel::sql_query(sql)
        .bind::<Text, _>(expression(sought))
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(sought.limit)
        .load(conn)
        .await?;
    Ok(found)
}

/// A condition for what is not hidden; nothing if nothing is.
fn seen(sought: &Sought) -> String {
    sought.hidden_table().map_or_else(String::new, |hidden| {
        format!(
            "AND NOT EXISTS (SELECT 1 FROM messages JOIN {hidden} ON column1 = messages.chat_id \
             WHERE messages.id = message_search.rowid AND column2 >= messages.id)"
        )
    })
}

/// The FTS5 query: the words, the author, and the chats if they are few.
fn expression(sought: &Sought) -> String {
    let mut parts = Vec::new();
    if sought.is_marked() {
        let chats: Vec<_> = sought.chats.iter().map(|chat| quoted(&chat_mark(*chat))).collect();
        parts.push(format!("({})", chats.join(" OR ")));
    }
    parts.extend(sought.author.map(|author| quoted(&author_mark(author))));
    for wanted in sought.indexed_words() {
        let star = if wanted.prefix { "*" } else { "" };
        parts.push(format!("{}{star}", quoted(&wanted.word)));
    }
    parts.join(" AND ")
}

fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}
