//! A chat's head: the row with its counters, and the lock for changing the chat. Every change locks the
//! head before it reads what it depends on, and advances it before the commit. Where accounts are locked,
//! too, they come first.

use super::columns::Columns;
use super::{Conn, Shared, lock_heads};
use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::Head;
use crate::schema::chat_heads;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::{ChatId, Version};

/// Locks the head. `NotFound` if there is no such chat.
pub(super) async fn lock(conn: &mut Conn, chat: ChatId) -> Result<Head, Failure> {
    find(shared!(conn), chat).await?.ok_or(Failure::NOT_FOUND)
}

/// Locks the head, if there is such a chat.
pub(super) async fn find(conn: &mut Shared<'_>, chat: ChatId) -> Result<Option<Head>, Failure> {
    Ok(lock_heads(conn, vec![chat.get()]).await?.pop())
}

/// Reads the head without locking it. `NotFound` if there is no such chat.
pub(super) async fn read(conn: &mut Conn, chat: ChatId) -> Result<Head, Failure> {
    let head = chat_heads::table.filter(chat_heads::chat_id.eq(chat.get()));
    let head = head.filter(chat_heads::deleted.eq(false));
    Ok(head.select(Head::as_select()).first(conn).await?)
}

/// The versions of these chats, ordered by id.
pub(super) async fn versions(
    conn: &mut Conn,
    mut chats: Vec<ChatId>,
) -> Result<Vec<(ChatId, Version)>, Failure> {
    chats.sort_unstable();
    let mut found = Vec::new();
    for chats in chats.chunks(1000) {
        let chats: Vec<_> = chats.iter().map(|chat| chat.get()).collect();
        let heads = chat_heads::table.filter(chat_heads::chat_id.eq_any(chats));
        let heads = heads.filter(chat_heads::deleted.eq(false));
        let heads = heads.select((chat_heads::chat_id, chat_heads::version));
        found.extend(heads.order(chat_heads::chat_id).load::<(i64, i64)>(conn).await?);
    }
    let stored = |(chat, version)| (ChatId::stored(chat), Version::stored(version));
    Ok(found.into_iter().map(stored).collect())
}

/// Stores a head that was locked and advanced.
pub(super) async fn store(conn: &mut Shared<'_>, head: &Head) -> Result<(), Failure> {
    Prepared(diesel::update(head).set(head)).execute(conn).await?;
    Ok(())
}
