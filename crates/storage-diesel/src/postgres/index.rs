//! Finding messages by their words, with a GIN index of text search vectors. Words are quoted in queries,
//! which is safe because no word contains a quote.

use super::queries::database::Database;
use super::{Conn, Shared};
use crate::error::Failure;
use crate::indexed::{Hits, Indexed, Sought, author_mark, chat_mark};
use crate::rows;
use diesel::pg::Pg;
use diesel::prelude::QueryableByName;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::words::Wanted;
use std::sync::Arc;

/// How many of the newest messages are scanned before the index is asked. Common words are found among them;
/// what is not has few enough matches for the index to sort quickly.
const RECENT: i64 = 4_000;

/// How many of the newest messages are sampled to estimate how common a match is.
const SAMPLE: i64 = 1_000;

/// GIN has no order: it collects all matches and sorts them. So [`find`] scans the newest messages first.
pub(super) const STOPS_WITH_ENOUGH: bool = false;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    message_id: i64,
}

#[derive(QueryableByName)]
struct Oldest {
    #[diesel(sql_type = Nullable<BigInt>)]
    message_id: Option<i64>,
}

#[derive(QueryableByName)]
struct Common {
    #[diesel(sql_type = Nullable<BigInt>)]
    messages: Option<i64>,
}

/// The newest messages before `$1`, `$2` of them.
const NEWEST: &str = "SELECT message_id, chat_id, words FROM message_search \
    WHERE message_id < $1 ORDER BY message_id DESC LIMIT $2";

/// Inserts any number of rows with one statement, which is prepared once.
#[derive(QueryId)]
pub(super) struct Add {
    messages: Vec<i64>,
    chats: Vec<i64>,
    words: Vec<String>,
}

impl QueryFragment<Pg> for Add {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO message_search (message_id, chat_id, words) \
             SELECT m, c, array_to_tsvector(string_to_array(w, ' ')) FROM unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.messages)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.chats)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.words)?;
        out.push_sql(") AS new (m, c, w)");
        Ok(())
    }
}

/// What adds messages to the index, which must not contain them yet.
pub(super) fn adding(new: Vec<Indexed>) -> Add {
    let mut add = Add { messages: Vec::new(), chats: Vec::new(), words: Vec::new() };
    for Indexed { message, chat, words } in new {
        add.messages.push(message);
        add.chats.push(chat);
        add.words.push(words);
    }
    add
}

/// Adds messages to the index, which must not contain them yet.
pub(super) async fn add(conn: &mut Shared<'_>, new: Vec<Indexed>) -> Result<(), Failure> {
    adding(new).execute(conn).await?;
    Ok(())
}

/// Removes a message from the index.
pub(super) async fn remove(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    let sql = "DELETE FROM message_search WHERE message_id = $1";
    diesel::sql_query(sql).bind::<BigInt, _>(message).execute(conn).await?;
    Ok(())
}

/// Removes these messages from the index.
pub(super) async fn remove_all(conn: &mut Conn, messages: &[i64]) -> Result<(), Failure> {
    let ids = rows::listed(messages);
    let sql = format!("DELETE FROM message_search WHERE message_id IN ({ids})");
    diesel::sql_query(sql).execute(conn).await?;
    Ok(())
}

/// The ids of the matching messages, the newest first. In a few chats the index is asked at once, since their
/// messages are rarely among the newest of all. If a statement times out, the result is what the scans before
/// it found.
pub(super) async fn find(db: &Database, sought: Arc<Sought>) -> Result<Hits, Failure> {
    if sought.is_marked() {
        return Ok(Hits::complete(collect(db, sought).await?));
    }
    let mut found = recent(db, &sought, 0, RECENT).await?;
    if sought.is_enough(&found) {
        return Ok(Hits::complete(found));
    }
    let mut looked_at = RECENT;
    match further(db, &sought, &mut found, &mut looked_at).await {
        Ok(()) if sought.is_enough(&found) => return Ok(Hits::complete(sought.newest(found))),
        Ok(()) => {}
        Err(failure) if failure.is_refusal() => return stop(db, sought, found, looked_at).await,
        Err(failure) => return Err(failure),
    }
    match collect(db, sought.clone()).await {
        Err(failure) if failure.is_refusal() => stop(db, sought, found, looked_at).await,
        collected => Ok(Hits::complete(collected?)),
    }
}

/// Scans further back, as far as that costs no more than collecting all matches from the index: for words
/// that are rare in these chats but common elsewhere, and for common prefixes.
async fn further(
    db: &Database,
    sought: &Arc<Sought>,
    found: &mut Vec<i64>,
    looked_at: &mut i64,
) -> Result<(), Failure> {
    let counted = sought.clone();
    let collected = db
        .read_slowly(move |conn| Box::pin(async move { would_collect(conn, &counted).await }))
        .await?;
    let further = sought.likely(found.len(), RECENT).min(collected) - RECENT;
    if further > 0 {
        found.extend(recent(db, sought, RECENT, further).await?);
        *looked_at += further;
    }
    Ok(())
}

async fn recent(
    db: &Database,
    sought: &Arc<Sought>,
    skipped: i64,
    among: i64,
) -> Result<Vec<i64>, Failure> {
    let sought = sought.clone();
    db.read_slowly(move |conn| {
        Box::pin(async move { find_recent(conn, &sought, skipped, among).await })
    })
    .await
}

async fn collect(db: &Database, sought: Arc<Sought>) -> Result<Vec<i64>, Failure> {
    db.read_slowly(move |conn| Box::pin(async move { having(conn, &sought).await })).await
}

/// A partial result: what was found among the newest messages, and the oldest one that was looked at.
async fn stop(
    db: &Database,
    sought: Arc<Sought>,
    found: Vec<i64>,
    looked_at: i64,
) -> Result<Hits, Failure> {
    let (ids, before) = (sought.newest(found), sought.before);
    let oldest = db.read_slowly(move |conn| {
        Box::pin(async move {
            let sql = "SELECT min(message_id) AS message_id FROM ( \
                SELECT message_id FROM message_search WHERE message_id < $1 \
                ORDER BY message_id DESC LIMIT $2) AS recent";
            let oldest = diesel::sql_query(sql)
                .bind::<BigInt, _>(before)
                .bind::<BigInt, _>(looked_at)
                .get_result::<Oldest>(conn)
                .await?;
            Ok(oldest.message_id)
        })
    });
    Ok(Hits { ids, stopped_at: oldest.await? })
}

/// Searches `among` of the newest messages of all chats, after skipping the newest `skipped`.
async fn find_recent(
    conn: &mut Conn,
    sought: &Sought,
    skipped: i64,
    among: i64,
) -> Result<Vec<i64>, Failure> {
    let seen = seen(sought);
    let sql = format!(
        "SELECT message_id FROM ({NEWEST} OFFSET $6) AS recent \
         WHERE words @@ $3::tsquery AND chat_id = ANY($4) {seen} ORDER BY message_id DESC LIMIT $5"
    );
    let found = diesel::sql_query(sql)
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(among)
        .bind::<Text, _>(said(sought))
        .bind::<Array<BigInt>, _>(&sought.chats)
        .bind::<BigInt, _>(sought.limit)
        .bind::<BigInt, _>(skipped)
        .load::<Found>(conn)
        .await?;
    Ok(found.into_iter().map(|found| found.message_id).collect())
}

/// Estimates how many messages the index would collect, from a sample of the newest: with prefixes, all that
/// have any of them; otherwise, those that match everything.
async fn would_collect(conn: &mut Conn, sought: &Sought) -> Result<i64, Failure> {
    let beginnings = sought.indexed_words().filter(|wanted| wanted.prefix);
    let beginnings: Vec<_> = beginnings.map(|wanted| word(&wanted)).collect();
    let collected = if beginnings.is_empty() { said(sought) } else { beginnings.join(" | ") };
    // Ids are consecutive, so the newest id approximates the number of messages.
    let sql = format!(
        "SELECT count(*) FILTER (WHERE words @@ $3::tsquery) * max(message_id) / $2 AS messages \
         FROM ({NEWEST}) AS recent"
    );
    let common = diesel::sql_query(sql)
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(SAMPLE)
        .bind::<Text, _>(collected)
        .get_result::<Common>(conn)
        .await?;
    Ok(common.messages.unwrap_or_default())
}

/// The ids of the matching messages, the newest first, from the index alone. A few chats are a second
/// condition on the index, which can then skip ahead; with more, each match is checked for its chat.
pub(super) async fn having(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let marks = if sought.is_marked() && !sought.says_nothing() {
        format!("AND words @@ $${}$$::tsquery", chats(sought))
    } else {
        String::new()
    };
    let seen = seen(sought);
    let sql = format!(
        "WITH found AS MATERIALIZED (SELECT message_id FROM message_search \
             WHERE words @@ $1::tsquery AND chat_id = ANY($2) {marks} {seen}) \
         SELECT message_id FROM found WHERE message_id < $3 ORDER BY message_id DESC LIMIT $4"
    );
    let found = diesel::sql_query(sql)
        .bind::<Text, _>(said(sought))
        .bind::<Array<BigInt>, _>(&sought.chats)
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(sought.limit)
        .load::<Found>(conn)
        .await?;
    Ok(found.into_iter().map(|found| found.message_id).collect())
}

/// A condition for what is not hidden; nothing if nothing is.
fn seen(sought: &Sought) -> String {
    sought.hidden_table().map_or_else(String::new, |hidden| {
        format!(
            "AND NOT EXISTS (SELECT 1 FROM {hidden} \
             WHERE column1 = chat_id AND column2 >= message_id)"
        )
    })
}

/// A condition for the chats, by their marks.
fn chats(sought: &Sought) -> String {
    let marks: Vec<_> = sought.chats.iter().map(|chat| quoted(&chat_mark(*chat))).collect();
    marks.join(" | ")
}

/// A condition for the words and the author; with neither, for the chats.
fn said(sought: &Sought) -> String {
    if sought.says_nothing() {
        return chats(sought);
    }
    let mut parts: Vec<_> =
        sought.author.map(|author| quoted(&author_mark(author))).into_iter().collect();
    parts.extend(sought.indexed_words().map(|wanted| word(&wanted)));
    parts.join(" & ")
}

fn word(wanted: &Wanted) -> String {
    let prefix = if wanted.prefix { ":*" } else { "" };
    format!("{}{prefix}", quoted(&wanted.word))
}

fn quoted(word: &str) -> String {
    format!("'{word}'")
}
