//! A chat's hot numbers. Whoever changes a chat locks its head before reading anything that the
//! change depends on, and moves it before the end.

use super::{Conn, lock_heads};
use crate::error::Failure;
use crate::rows::Head;
use crate::schema::chat_heads;
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::ids::ChatId;

/// The head, locked. `NotFound` if there is no such chat.
pub(super) async fn lock(conn: &mut Conn, chat: ChatId) -> Result<Head, Failure> {
    lock_heads(conn, vec![chat.get()]).await?.pop().ok_or(Failure::NOT_FOUND)
}

/// The head as it is now. `NotFound` if there is no such chat.
pub(super) async fn read(conn: &mut Conn, chat: ChatId) -> Result<Head, Failure> {
    let head = chat_heads::table.filter(chat_heads::chat_id.eq(chat.get()));
    Ok(head.select(Head::as_select()).first(conn).await?)
}

/// Stores a head that was locked and moved.
pub(super) async fn store(conn: &mut Conn, head: &Head) -> Result<(), Failure> {
    diesel::update(head).set(head).execute(conn).await?;
    Ok(())
}
