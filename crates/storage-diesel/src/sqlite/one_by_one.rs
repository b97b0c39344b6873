//! Writing many rows on SQLite: a short prepared statement for each.
//!
//! A statement costs no round trip here. One for many rows would be parsed anew for each number of rows, and
//! would keep a statement journal so that it could be rolled back alone.

use super::kept::Kept;
use crate::rows::{Head, MovedMarker, NewMessageRow};
use crate::schema::{chat_heads, messages};
use diesel::OptionalExtension;
use diesel::dsl::sql;
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use domain::message::Message;

/// The heads of those chats that exist. Not with `first`, which binds its LIMIT: SQLite plans a statement anew
/// whenever that is bound.
pub(super) fn heads(conn: &mut SqliteConnection, chats: &[i64]) -> QueryResult<Vec<Head>> {
    let mut heads = Vec::with_capacity(chats.len());
    for chat in chats {
        let head = chat_heads::table.filter(chat_heads::chat_id.eq(chat));
        let head = head.filter(chat_heads::deleted.eq(false));
        heads.extend(head.select(Head::as_select()).get_result(conn).optional()?);
    }
    Ok(heads)
}

const MOVE_HEAD: &str =
    "UPDATE chat_heads SET last_seq = ?, version = ?, active_at = ? WHERE chat_id = ?";

/// Stores what messages change of these heads.
pub(super) fn move_heads(conn: &mut SqliteConnection, heads: &[Head]) -> QueryResult<()> {
    for head in heads {
        let Head { chat_id, last_seq, version, active_at, .. } = head;
        let numbers = [*last_seq, *version, active_at.0.as_micros(), *chat_id];
        Kept(MOVE_HEAD, numbers).execute(conn)?;
    }
    Ok(())
}

/// The highest id that a message ever had. New ids are counted up from it, which is safe because there is one
/// writer; an INSERT that returns its ids would keep a statement journal, too.
pub(super) fn last_message_id(conn: &mut SqliteConnection) -> QueryResult<i64> {
    const LAST: &str = "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0)";
    diesel::select(sql::<BigInt>(LAST)).get_result(conn)
}

/// Stores messages.
pub(super) fn store_messages(conn: &mut SqliteConnection, new: &[Message]) -> QueryResult<()> {
    for message in new {
        let row = NewMessageRow::from(message);
        diesel::insert_into(messages::table).values(row).execute(conn)?;
    }
    Ok(())
}

const MOVE_MARKER: &str = "UPDATE members SET read_seq = ? WHERE chat_id = ? AND user_id = ?";
const SHOW_MARKER: &str = "UPDATE members SET read_seq = ?, shown_seq = ?, version = ? \
                           WHERE chat_id = ? AND user_id = ?";
const SET_VERSION: &str = "UPDATE chat_heads SET version = ? WHERE chat_id = ?";

/// Stores these markers, and these versions of chats.
pub(super) fn move_markers(
    conn: &mut SqliteConnection,
    moved: &[MovedMarker],
    heads: &[(i64, i64)],
) -> QueryResult<()> {
    for MovedMarker { chat, user, seq, version } in moved {
        match version {
            None => Kept(MOVE_MARKER, [*seq, *chat, *user]).execute(conn)?,
            Some(version) => {
                Kept(SHOW_MARKER, [*seq, *seq, *version, *chat, *user]).execute(conn)?
            }
        };
    }
    for (chat, version) in heads {
        Kept(SET_VERSION, [*version, *chat]).execute(conn)?;
    }
    Ok(())
}
