//! Counting what somebody has not read, in any number of chats by one prepared statement.
//!
//! PostgreSQL gets arrays; SQLite has none and gets rows of values, as in [`crate::pairs`].

use crate::pairs::padded;
use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, HasSqlType};
use diesel::sqlite::Sqlite;
use domain::limits::UNREAD_COUNT_MAX;
use domain::message::MessageKind;

/// The unread part of a chat.
pub(crate) struct Unseen {
    pub(crate) chat: i64,
    /// The read marker. Mentions after it are counted; they are few, and indexed.
    pub(crate) read: i64,
    /// The seq after which messages are counted: not further back than [`domain::limits::UNREAD_AMONG`], so
    /// that a chat with many messages of the viewer or tombstones costs no more than that.
    pub(crate) before: i64,
}

/// Of each chat, perhaps more than once: its id, its unread messages, and those of them that mention the
/// viewer, without mentions by people whom the viewer has blocked.
pub(crate) struct UnreadCounts {
    viewer: i64,
    chats: Vec<i64>,
    reads: Vec<i64>,
    befores: Vec<i64>,
}

impl UnreadCounts {
    /// Those of some chats, one at least.
    pub(crate) fn of(viewer: i64, unseen: &[Unseen]) -> Self {
        Self {
            viewer,
            chats: unseen.iter().map(|unseen| unseen.chat).collect(),
            reads: unseen.iter().map(|unseen| unseen.read).collect(),
            befores: unseen.iter().map(|unseen| unseen.before).collect(),
        }
    }

    /// Counts up to [`UNREAD_COUNT_MAX`], so that more unread messages take no longer. `ORDER BY m.seq` makes
    /// PostgreSQL walk the index and stop at the limit; without it, it may collect all matching rows first.
    fn walk_counts<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<BigInt>,
        i64: diesel::serialize::ToSql<BigInt, DB>,
    {
        let quiet = MessageKind::System { counts: false }.stored_word().unwrap_or_default();
        out.push_sql(
            ") SELECT chat_id, (SELECT count(*) FROM (SELECT 1 FROM messages m \
             WHERE m.chat_id = r.chat_id AND m.seq > r.before_seq \
             AND m.deleted_at IS NULL AND m.author_id <> ",
        );
        out.push_bind_param::<BigInt, _>(&self.viewer)?;
        out.push_sql(&format!(
            " AND coalesce(m.kind, '') <> '{quiet}' ORDER BY m.seq LIMIT {UNREAD_COUNT_MAX}) u), \
             (SELECT count(*) FROM (SELECT 1 FROM mentions n \
             WHERE n.chat_id = r.chat_id AND n.seq > r.read_seq AND n.user_id = "
        ));
        out.push_bind_param::<BigInt, _>(&self.viewer)?;
        out.push_sql(" AND n.author_id <> ");
        out.push_bind_param::<BigInt, _>(&self.viewer)?;
        out.push_sql(
            " AND NOT EXISTS (SELECT 1 FROM blocks b \
             WHERE b.blocked_id = n.author_id AND b.blocker_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.viewer)?;
        out.push_sql(&format!(") LIMIT {UNREAD_COUNT_MAX}) u) FROM r"));
        Ok(())
    }
}

impl Query for UnreadCounts {
    type SqlType = (BigInt, BigInt, BigInt);
}

impl QueryId for UnreadCounts {
    type QueryId = ();
    // SQLite's SQL depends on the number of chats, so the SQL itself is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

const ROWS: &str = "WITH r (chat_id, read_seq, before_seq) AS (";

impl QueryFragment<Pg> for UnreadCounts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(ROWS);
        out.push_sql("SELECT * FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.chats)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.reads)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.befores)?;
        out.push_sql(")");
        self.walk_counts(out)
    }
}

impl QueryFragment<Sqlite> for UnreadCounts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(ROWS);
        out.push_sql("VALUES ");
        for (nth, i) in padded(self.chats.len()).enumerate() {
            out.push_sql(if nth == 0 { "(" } else { ", (" });
            out.push_bind_param::<BigInt, _>(&self.chats[i])?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&self.reads[i])?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&self.befores[i])?;
            out.push_sql(")");
        }
        self.walk_counts(out)
    }
}
