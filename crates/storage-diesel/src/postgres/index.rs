//! Finding messages by their words, with a GIN index of text search vectors. Words are put in quotes,
//! and no word has one.

use super::Conn;
use crate::error::Failure;
use crate::indexed::{Indexed, Sought, author_mark, chat_mark};
use diesel::pg::Pg;
use diesel::prelude::QueryableByName;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;

/// So many of the newest messages are looked at one by one before the index is asked. What is common
/// is found among them; of what is not found so, there is not so much that sorting it takes long.
const RECENT: i64 = 10_000;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    message_id: i64,
}

/// Any number of rows in one statement, which is prepared once.
#[derive(QueryId)]
struct Add {
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

/// Notes messages, which are not there yet.
pub(super) async fn add(conn: &mut Conn, new: Vec<Indexed>) -> Result<(), Failure> {
    let mut add = Add { messages: Vec::new(), chats: Vec::new(), words: Vec::new() };
    for Indexed { message, chat, words } in new {
        add.messages.push(message);
        add.chats.push(chat);
        add.words.push(words);
    }
    add.execute(conn).await?;
    Ok(())
}

/// Forgets a message.
pub(super) async fn remove(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    let sql = "DELETE FROM message_search WHERE message_id = $1";
    diesel::sql_query(sql).bind::<BigInt, _>(message).execute(conn).await?;
    Ok(())
}

/// Forgets the messages of a chat, before they go.
pub(super) async fn remove_chat(conn: &mut Conn, chat: i64) -> Result<(), Failure> {
    let sql = "DELETE FROM message_search s USING messages m \
        WHERE m.chat_id = $1 AND s.message_id = m.id";
    diesel::sql_query(sql).bind::<BigInt, _>(chat).execute(conn).await?;
    Ok(())
}

/// The ids of the messages that have all of it, the newest first.
pub(super) async fn find(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let recent = find_recent(conn, sought).await?;
    if i64::try_from(recent.len()).is_ok_and(|found| found >= sought.limit) {
        return Ok(recent);
    }
    find_indexed(conn, sought).await
}

async fn find_recent(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let sql = "SELECT message_id FROM (SELECT message_id, chat_id, words FROM message_search \
            WHERE message_id < $1 ORDER BY message_id DESC LIMIT $2) AS recent \
        WHERE chat_id = ANY($3) AND words @@ $4::tsquery ORDER BY message_id DESC LIMIT $5";
    let found = diesel::sql_query(sql)
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(RECENT)
        .bind::<Array<BigInt>, _>(&sought.chats)
        .bind::<Text, _>(said(sought))
        .bind::<BigInt, _>(sought.limit)
        .load::<Found>(conn)
        .await?;
    Ok(found.into_iter().map(|found| found.message_id).collect())
}

/// The chats are a condition of their own, so that the index skips from one to the other.
async fn find_indexed(conn: &mut Conn, sought: &Sought) -> Result<Vec<i64>, Failure> {
    let sql = "WITH found AS MATERIALIZED (SELECT message_id FROM message_search \
            WHERE words @@ $1::tsquery AND words @@ $2::tsquery) \
        SELECT message_id FROM found WHERE message_id < $3 ORDER BY message_id DESC LIMIT $4";
    let chats: Vec<_> = sought.chats.iter().map(|chat| quoted(&chat_mark(*chat))).collect();
    let found = diesel::sql_query(sql)
        .bind::<Text, _>(chats.join(" | "))
        .bind::<Text, _>(said(sought))
        .bind::<BigInt, _>(sought.before)
        .bind::<BigInt, _>(sought.limit)
        .load::<Found>(conn)
        .await?;
    Ok(found.into_iter().map(|found| found.message_id).collect())
}

/// The words and the author. With neither, every message of the chats is meant, and each has a mark
/// that begins like this.
fn said(sought: &Sought) -> String {
    let mut parts = Vec::new();
    if let Some(author) = sought.author {
        parts.push(quoted(&author_mark(author)));
    }
    for wanted in &sought.words {
        let prefix = if wanted.prefix { ":*" } else { "" };
        parts.push(format!("{}{prefix}", quoted(&wanted.word)));
    }
    if parts.is_empty() {
        parts.push("'_c':*".to_owned());
    }
    parts.join(" & ")
}

fn quoted(word: &str) -> String {
    format!("'{word}'")
}
