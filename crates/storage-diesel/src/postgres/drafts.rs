//! The statements of a batch of messages. Few statements: the server answers each by itself, and every answer wakes
//! the thread that waits for it.

use super::index::{self, Add};
pub(super) use super::optimistic::store_if_so;
use super::{Conn, Shared};
use crate::batch::{Batch, KEPT_SIZES};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::prepared::Prepared;
use crate::rows::{self, DraftFacts, Head, NewMessageRow};
use crate::schema::{chat_heads, messages};
use crate::types::{Instant, sql};
use diesel::pg::Pg;
use diesel::prelude::ExpressionMethods;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use domain::message::Message;

/// Whether a loop decides on drafts before it asks the database, by what it remembers. It spares a round trip.
pub(super) const IS_OPTIMISTIC: bool = true;

/// What a row of [`ReadFacts`] is about.
const AUTHOR: i16 = 0;
const SENT: i16 = 1;
const ID: i16 = 2;

/// What is read of the drafts under the locks of their chats, in one statement, which is prepared once.
#[derive(QueryId)]
struct ReadFacts {
    chats: Vec<i64>,
    authors: Vec<i64>,
    naming: Vec<i64>,
    names: Vec<String>,
    count: i64,
}

impl Query for ReadFacts {
    /// What it is about, two numbers, a word, two more numbers, and a time, which depend on that.
    type SqlType =
        (SmallInt, BigInt, BigInt, Nullable<Text>, BigInt, BigInt, Nullable<sql::Instant>);
}

impl QueryFragment<Pg> for ReadFacts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT 0::smallint, chat_id, user_id, role, hidden_seq, hidden_id, last_sent_at \
             FROM members \
             WHERE left_at IS NULL AND (chat_id, user_id) IN (SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.chats)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.authors)?;
        out.push_sql(
            ")) UNION ALL SELECT 1::smallint, id, author_id, client_id, 0, 0, NULL FROM messages \
             WHERE (author_id, client_id) IN (SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.naming)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.names)?;
        out.push_sql(
            ")) UNION ALL SELECT 2::smallint, nextval('messages_id_seq'), 0, NULL, 0, 0, NULL \
             FROM generate_series(1, ",
        );
        out.push_bind_param::<BigInt, _>(&self.count)?;
        out.push_sql(")");
        Ok(())
    }
}

/// What is to be known of these authors and client ids, and ids for so many new messages. Sent after the locks of
/// the chats, so that it cannot change before the commit, and the ids are higher than all that the chats have. Ids
/// that are not used are lost.
pub(super) async fn read_facts(
    conn: &mut Shared<'_>,
    authors: Vec<(i64, i64)>,
    named: Vec<(i64, String)>,
    count: usize,
) -> Result<DraftFacts, Failure> {
    let ((chats, authors), (naming, names)) =
        (authors.into_iter().unzip(), named.into_iter().unzip());
    let read = ReadFacts { chats, authors, naming, names, count: rows::number(count) };
    let mut facts = DraftFacts::default();
    let rows = read.load::<(i16, i64, i64, Option<String>, i64, i64, Option<Instant>)>(conn);
    for row in rows.await? {
        match row {
            (AUTHOR, chat, author, Some(role), seq, id, sent_at) => {
                facts.authors.push(((chat, author), role, (seq, id), sent_at));
            }
            (SENT, message, ..) => facts.sent.push(message),
            (ID, id, ..) => facts.ids.push(id),
            _ => return Err(Failure::damaged("members.role")),
        }
    }
    Ok(facts)
}

/// Stores messages, their words, and the numbers of their heads, which are locked, in one statement.
struct StoreTogether<M, H> {
    messages: M,
    words: Add,
    heads: H,
}

impl<M, H> QueryId for StoreTogether<M, H> {
    type QueryId = ();
    // The SQL depends on the number of messages, so the SQL itself is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<M: QueryFragment<Pg>, H: QueryFragment<Pg>> QueryFragment<Pg> for StoreTogether<M, H> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH stored AS (");
        self.messages.walk_ast(out.reborrow())?;
        out.push_sql("), indexed AS (");
        self.words.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        self.heads.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Stores messages, the words that they are found by, and the numbers of their heads, which are locked; gives the
/// messages back.
pub(super) async fn store_batch(
    conn: &mut Shared<'_>,
    new: Vec<Message>,
    words: Vec<Indexed>,
    heads: Vec<Head>,
) -> Result<Vec<Message>, Failure> {
    // A message of each chat, which is what comes when nobody waits for others. Of all other batches there are too
    // many kinds for a statement each to be kept.
    let is_kept = new.len() == heads.len() && new.len() <= KEPT_SIZES;
    let are_few_heads = heads.len() <= KEPT_SIZES;
    let rows = Batch(new.iter().map(NewMessageRow::from).collect());
    let messages = diesel::insert_into(messages::table).values(rows);
    let words = index::adding(words);
    // They are there, so each conflicts and is updated: an UPDATE cannot take many rows.
    let moved = diesel::insert_into(chat_heads::table)
        .values(Batch(heads))
        .on_conflict(chat_heads::chat_id)
        .do_update()
        .set((
            chat_heads::last_seq.eq(excluded(chat_heads::last_seq)),
            chat_heads::version.eq(excluded(chat_heads::version)),
            chat_heads::active_at.eq(excluded(chat_heads::active_at)),
        ));
    if is_kept {
        StoreTogether { messages, words, heads: moved }.execute(conn).await?;
        return Ok(new);
    }
    let conn: &Conn = conn;
    let (stored, added, moved) = together!(conn =>
        messages.execute(conn),
        words.execute(conn),
        async {
            if are_few_heads { Prepared(moved).execute(conn).await } else { moved.execute(conn).await }
        },
    );
    stored?;
    added?;
    moved?;
    Ok(new)
}
