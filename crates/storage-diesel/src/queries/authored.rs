//! Finding the messages that somebody wrote in a chat. There is no index for that, so this scans the chat in
//! short reads, and never while holding a lock.

use super::columns::Columns;
use super::database::Database;
use super::{Conn, heads, hydrate, messages as said};
use crate::error::Failure;
use crate::rows::{self, MessageRow};
use crate::schema::messages;
use crate::types::Instant;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, Seq, UserId};
use domain::message::Message;

/// The chat, the author, and the seq after which to start.
pub(super) type By = (ChatId, UserId, Seq);

/// Which messages to find.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    /// Those that are not deleted.
    Kept,
}

/// How many messages of a chat one read scans, at most.
const LOOKED_THROUGH: i64 = 10_000;

/// The ids of the author's next messages, ordered by seq.
pub(super) async fn ids(
    db: &Database,
    (chat, author, after): By,
    which: Which,
    limit: usize,
) -> Result<Vec<i64>, Failure> {
    let last = db.read(move |conn| Box::pin(last_seq(conn, chat.get()))).await?;
    let (mut found, mut after) = (Vec::new(), after.get());
    while found.len() < limit && after < last {
        let until = after.saturating_add(LOOKED_THROUGH);
        let left = rows::number(limit - found.len());
        let by = messages::chat_id.eq(chat.get()).and(messages::author_id.eq(author.get()));
        let by = by.and(messages::seq.gt(after)).and(messages::seq.le(until));
        let ids = db.read(move |conn| {
            Box::pin(async move {
                let rows = messages::table.filter(by).order(messages::seq).limit(left);
                let mut rows = rows.select(messages::id).into_boxed();
                if which == Which::Kept {
                    rows = rows.filter(messages::deleted_at.is_null());
                }
                Ok(rows.load::<i64>(conn).await?)
            })
        });
        found.extend(ids.await?);
        after = until;
    }
    Ok(found)
}

/// The seq of a chat's last message; 0 if there is none, or no such chat.
async fn last_seq(conn: &mut Conn, chat: i64) -> Result<i64, Failure> {
    let last = messages::table.filter(messages::chat_id.eq(chat)).order(messages::seq.desc());
    let last = last.select(messages::seq).limit(1).load::<i64>(conn).await?.pop();
    Ok(last.unwrap_or_default())
}

/// These messages of one chat, ordered by seq.
pub(super) async fn read(conn: &mut Conn, ids: Vec<i64>) -> Result<Vec<Message>, Failure> {
    let rows = messages::table.filter(messages::id.eq_any(ids)).order(messages::seq);
    let rows = rows.select(MessageRow::as_select()).load(conn).await?;
    hydrate::all(conn, rows).await
}

/// Turns these messages of one chat into tombstones.
pub(super) async fn delete(
    conn: &mut Conn,
    chat: ChatId,
    ids: Vec<i64>,
    at: Instant,
) -> Result<Vec<Message>, Failure> {
    if heads::find(shared!(conn), chat).await?.is_none() {
        return Ok(Vec::new());
    }
    let mut deleted = Vec::with_capacity(ids.len());
    for id in ids {
        match said::delete_any(conn, MessageId::stored(id), at).await {
            Ok(message) => deleted.push(message),
            // Somebody deleted it meanwhile.
            Err(Failure::Answer(StoreError::Conflict)) => deleted.push(said::get(conn, id).await?),
            Err(failure) => return Err(failure),
        }
    }
    Ok(deleted)
}
