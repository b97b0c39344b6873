//! What hangs on messages, read beside their rows: one query of each sort for as many messages as
//! there are, and none where there can be nothing.
//!
//! A row's `extras` says what may hang on the message, as bits. A bit is set by the first of its sort
//! and stays; a deletion takes all of it away and clears them.

use super::Conn;
use crate::error::Failure;
use crate::rows::{self, MessageRow};
use crate::schema::{messages, reactions};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::{ChatId, UserId};
use domain::message::{Emoji, Extras, Message, Reaction};
use std::collections::HashMap;

/// Somebody has reacted.
pub(super) const REACTIONS: i64 = 1;

/// The messages of these rows, in their order, with all that hangs on them.
pub(super) async fn all(conn: &mut Conn, rows: Vec<MessageRow>) -> Result<Vec<Message>, Failure> {
    let having = |bit: i64| -> Vec<i64> {
        rows.iter().filter(|row| row.extras & bit != 0).map(|row| row.id).collect()
    };
    let mut extras = HashMap::<i64, Extras>::new();
    add_reactions(conn, having(REACTIONS), &mut extras).await?;
    let mut messages = rows::all::<_, Message>(rows)?;
    if !extras.is_empty() {
        for message in &mut messages {
            message.extras = extras.remove(&message.id.get()).unwrap_or_default();
        }
    }
    Ok(messages)
}

/// The message of a row, with all that hangs on it.
pub(super) async fn one(conn: &mut Conn, row: MessageRow) -> Result<Message, Failure> {
    all(conn, vec![row]).await?.pop().ok_or(Failure::NOT_FOUND)
}

/// Takes away what hangs on a message.
pub(super) async fn strip(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    let reacted = reactions::table.filter(reactions::message_id.eq(message));
    diesel::delete(reacted).execute(conn).await?;
    Ok(())
}

/// Takes away what hangs on the messages of a chat, before they go.
pub(super) async fn strip_chat(conn: &mut Conn, chat: ChatId) -> Result<(), Failure> {
    let hung = messages::chat_id.eq(chat.get()).and(messages::extras.ne(0));
    let hung = messages::table.filter(hung).select(messages::id);
    let reacted = reactions::table.filter(reactions::message_id.eq_any(hung));
    diesel::delete(reacted).execute(conn).await?;
    Ok(())
}

async fn add_reactions(
    conn: &mut Conn,
    messages: Vec<i64>,
    extras: &mut HashMap<i64, Extras>,
) -> Result<(), Failure> {
    if messages.is_empty() {
        return Ok(());
    }
    let rows = reactions::table
        .filter(reactions::message_id.eq_any(messages))
        .order((reactions::message_id, reactions::place, reactions::version))
        .select((reactions::message_id, reactions::emoji, reactions::user_id))
        .load::<(i64, String, i64)>(conn)
        .await?;
    for (message, emoji, user) in rows {
        let reactions = &mut extras.entry(message).or_default().reactions;
        let user = UserId::stored(user);
        match reactions.last_mut() {
            Some(last) if last.emoji.as_str() == emoji => last.users.push(user),
            _ => reactions.push(Reaction { emoji: Emoji::stored(emoji), users: vec![user] }),
        }
    }
    Ok(())
}
