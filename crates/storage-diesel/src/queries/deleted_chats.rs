//! Deleting chats (ADR 50). A short first step takes the chat from everybody. Its content is deleted later,
//! in steps of a bounded number of rows, so that no transaction takes longer for a larger chat.

use super::columns::Columns;
use super::{Conn, heads, index, lock_deleted, lock_heads, media};
use crate::error::Failure;
use crate::rows::{self, ChatRow};
use crate::schema::{attachments, chat_heads, chats, members, messages};
use diesel::prelude::{ExpressionMethods, NullableExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatKind, DeletedChat};
use domain::ids::ChatId;
use domain::limits::CHAT_ERASED_AT_ONCE;

/// Tables whose rows belong to messages, with their primary keys.
const HUNG: [(&str, &str); 4] = [
    ("reactions", "message_id, emoji, user_id"),
    ("message_edits", "message_id, version"),
    ("stars", "user_id, message_id"),
    ("mentions", "message_id, user_id"),
];

/// Tables whose rows belong to the chat itself, with their primary keys.
const OF_CHATS: [(&str, &str); 2] = [("members", "chat_id, user_id"), ("bans", "chat_id, user_id")];

/// Takes a chat and the whispers in it from everybody, and returns what it was. Locks all their heads, that
/// of the chat first. Small chats are erased completely at once; [`erase`] deletes what is left of larger
/// ones.
pub(super) async fn delete(conn: &mut Conn, chat: ChatId) -> Result<DeletedChat, Failure> {
    // While this is locked nobody opens whispers in the chat, so that the list below stays complete.
    let head = heads::lock(conn, chat).await?;
    let whispers = chats::table.filter(chats::parent_id.eq(chat.get()));
    let whispers = whispers.order(chats::id).select(chats::id).load::<i64>(conn).await?;
    let gone: Vec<_> = [chat.get()].into_iter().chain(whispers).collect();
    let row = chats::table.filter(chats::id.eq(chat.get())).select(ChatRow::as_select());
    let chat = row.first::<ChatRow>(conn).await?.headed(&head)?;
    // This locks the whispers. The head of the chat is read again beside theirs, for its number of messages; as it is
    // locked already, nothing waits for it. Heads are locked in the order of their ids everywhere, and so they are
    // here: whispers are made after the chat around them, so their ids are higher. Hence no deadlock.
    let heads = lock_heads(shared!(conn), gone.clone()).await?;
    take_from_all(conn, gone.clone()).await?;
    // An upper bound of the number of messages, without counting them.
    let said = heads.iter().map(|head| head.last_seq).sum::<i64>();
    if usize::try_from(said).is_ok_and(|said| said <= CHAT_ERASED_AT_ONCE) {
        let mut left = CHAT_ERASED_AT_ONCE;
        for chat in &gone {
            left = erase_chat(conn, *chat, left).await?;
        }
    }
    Ok(DeletedChat { chat, gone: gone.into_iter().map(ChatId::stored).collect() })
}

/// Removes all members from these chats, and everything that they are found by. This deletes at most as many
/// rows as a chat may have members.
async fn take_from_all(conn: &mut Conn, gone: Vec<i64>) -> Result<(), Failure> {
    let present = members::table.filter(members::chat_id.eq_any(gone.clone()));
    diesel::delete(present.filter(members::left_at.is_null())).execute(conn).await?;
    // Its key and its external id are free for another chat at once. The table's constraints let only a group be
    // without a key, a project and a parent.
    let nothing = (
        chats::kind.eq(ChatKind::Group.as_str()),
        chats::key.eq(None::<String>),
        chats::project_id.eq(None::<i64>),
        chats::parent_id.eq(None::<i64>),
        chats::external_issuer.eq(None::<String>),
        chats::external_id.eq(None::<String>),
    );
    let rows = chats::table.filter(chats::id.eq_any(gone.clone()));
    diesel::update(rows).set(nothing).execute(conn).await?;
    // A chat that is marked as deleted is passed over wherever people come in. It is not open either, so that what is
    // left is like a group that nobody is in and nobody enters, as its kind says.
    let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(gone));
    let deleted = (chat_heads::deleted.eq(true), chat_heads::open.eq(false));
    diesel::update(heads).set(deleted).execute(conn).await?;
    Ok(())
}

/// One step of the background job that erases deleted chats: deletes up to about `limit` rows of one of them, and
/// returns how many. Returns 0 if nothing is left of any chat.
pub(super) async fn erase(conn: &mut Conn, limit: usize) -> Result<usize, Failure> {
    match lock_deleted(conn).await? {
        Some(chat) => Ok(step(conn, chat, limit).await?.rows),
        None => Ok(0),
    }
}

/// Erases a chat as far as `left` rows go, and returns what remains of that number.
async fn erase_chat(conn: &mut Conn, chat: i64, mut left: usize) -> Result<usize, Failure> {
    while left > 0 {
        let Step { rows, is_last } = step(conn, chat, left).await?;
        left = left.saturating_sub(rows);
        if is_last {
            break;
        }
    }
    Ok(left)
}

struct Step {
    rows: usize,
    /// Whether nothing of the chat is left.
    is_last: bool,
}

impl Step {
    const fn of(rows: usize) -> Self {
        Self { rows, is_last: false }
    }
}

/// Deletes up to `limit` rows of a chat: first what belongs to its oldest messages, then these messages with
/// their words in the index, and when none are left the chat itself.
async fn step(conn: &mut Conn, chat: i64, limit: usize) -> Result<Step, Failure> {
    let first = messages::table.filter(messages::chat_id.eq(chat)).order(messages::seq);
    let first = first.limit(rows::number(limit)).select((messages::id, messages::extras));
    let first = first.load::<(i64, i64)>(conn).await?;
    if first.is_empty() {
        return chat_itself(conn, chat, limit).await;
    }
    let hung = hung(conn, &first, limit).await?;
    if hung > 0 {
        return Ok(Step::of(hung));
    }
    let ids: Vec<_> = first.into_iter().map(|(id, _)| id).collect();
    index::remove_all(conn, &ids).await?;
    let gone = diesel::delete(messages::table.filter(messages::id.eq_any(ids)));
    Ok(Step::of(gone.execute(conn).await?))
}

/// Deletes up to `limit` rows that belong to these messages, each given by its id and its `extras`: 0 there
/// means that a message has no such rows, which saves the statements for most messages.
async fn hung(conn: &mut Conn, on: &[(i64, i64)], limit: usize) -> Result<usize, Failure> {
    let ids: Vec<_> = on.iter().filter(|(_, extras)| *extras != 0).map(|(id, _)| *id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let mut gone = files(conn, ids.clone(), limit).await?;
    let of_these = format!("message_id IN ({})", rows::listed(&ids));
    for table in HUNG {
        gone += rows_of(conn, table, &of_these, limit - gone).await?;
    }
    Ok(gone)
}

/// Deletes up to `limit` attachments of these messages, and lets their keys go, so that the bytes are deleted.
async fn files(conn: &mut Conn, of: Vec<i64>, limit: usize) -> Result<usize, Failure> {
    let came = attachments::table.filter(attachments::message_id.assume_not_null().eq_any(of));
    let came = came.order(attachments::id).limit(rows::number(limit)).select(attachments::id);
    let came = came.load::<i64>(conn).await?;
    if came.is_empty() {
        return Ok(0);
    }
    let gone = diesel::delete(attachments::table.filter(attachments::id.eq_any(came)));
    let keys = gone.returning(attachments::file_key).get_results::<String>(conn).await?;
    let count = keys.len();
    media::let_go(conn, keys).await?;
    Ok(count)
}

async fn chat_itself(conn: &mut Conn, chat: i64, limit: usize) -> Result<Step, Failure> {
    let (here, mut gone) = (format!("chat_id = {chat}"), 0);
    for table in OF_CHATS {
        gone += rows_of(conn, table, &here, limit - gone).await?;
    }
    if gone == limit {
        return Ok(Step::of(gone));
    }
    // Its head is deleted with it, by the foreign key.
    let row = diesel::delete(chats::table.filter(chats::id.eq(chat)));
    Ok(Step { rows: gone + row.execute(conn).await?, is_last: true })
}

/// Deletes up to `limit` rows of a table. Neither database has `DELETE … LIMIT` everywhere, but both
/// understand this. Nothing in the statement comes from outside: names are constants, and ids are numbers.
async fn rows_of(
    conn: &mut Conn,
    (table, key): (&str, &str),
    which: &str,
    limit: usize,
) -> Result<usize, Failure> {
    let some = format!("SELECT {key} FROM {table} WHERE {which} LIMIT {limit}");
    let sql = format!("DELETE FROM {table} WHERE ({key}) IN ({some})");
    Ok(diesel::sql_query(sql).execute(conn).await?)
}
