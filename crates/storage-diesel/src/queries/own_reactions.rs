//! Somebody's reactions in all chats.

use super::messages::touch;
use super::{Conn, heads, hydrate};
use crate::error::Failure;
use crate::rows::{self, MessageChange, MessageRow};
use crate::schema::{messages, reactions};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{Emoji, Message};
use domain::own_data::OwnReactions;

pub(super) async fn list(
    conn: &mut Conn,
    user: UserId,
    after: Option<MessageId>,
    limit: usize,
) -> Result<Vec<OwnReactions>, Failure> {
    let theirs = || reactions::user_id.eq(user.get());
    let later = reactions::message_id.gt(after.map_or(0, MessageId::get));
    // First the messages: somebody may have reacted to one several times, and a page must not split a message.
    let ids = reactions::table
        .filter(theirs().and(later))
        .order(reactions::message_id)
        .limit(rows::number(limit))
        .select(reactions::message_id)
        .distinct()
        .load::<i64>(conn)
        .await?;
    let rows = reactions::table
        .inner_join(messages::table.on(messages::id.eq(reactions::message_id)))
        .filter(theirs().and(reactions::message_id.eq_any(ids)))
        .order((reactions::message_id, reactions::place))
        .select((messages::chat_id, reactions::message_id, reactions::emoji))
        .load::<(i64, i64, String)>(conn)
        .await?;
    let mut found = Vec::<OwnReactions>::new();
    for (chat, message, emoji) in rows {
        let (chat, message) = (ChatId::stored(chat), MessageId::stored(message));
        let emoji = Emoji::stored(emoji);
        match found.last_mut().filter(|last| last.message == message) {
            Some(last) => last.emoji.push(emoji),
            None => found.push(OwnReactions { chat, message, emoji: vec![emoji] }),
        }
    }
    Ok(found)
}

pub(super) async fn remove(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
    ids: Vec<i64>,
) -> Result<Vec<Message>, Failure> {
    let Some(mut head) = heads::find(shared!(conn), chat).await? else { return Ok(Vec::new()) };
    let theirs = || reactions::user_id.eq(user.get());
    let had = reactions::table
        .inner_join(messages::table.on(messages::id.eq(reactions::message_id)))
        .filter(theirs().and(reactions::message_id.eq_any(ids)))
        .filter(messages::chat_id.eq(chat.get()))
        .order(reactions::message_id)
        .select(reactions::message_id)
        .distinct()
        .load::<i64>(conn)
        .await?;
    let these = theirs().and(reactions::message_id.eq_any(had.clone()));
    diesel::delete(reactions::table.filter(these)).execute(conn).await?;
    let mut rows = Vec::<MessageRow>::with_capacity(had.len());
    for id in had {
        let id = MessageId::stored(id);
        rows.push(touch(conn, head.clone(), id, MessageChange::default()).await?);
        head.version += 1;
    }
    hydrate::all(conn, rows).await
}
