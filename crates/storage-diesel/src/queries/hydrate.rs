//! What hangs on messages, read beside their rows: one query of each sort for as many messages as
//! there are, and none where there can be nothing: see [`crate::rows::extras`].

use super::columns::Columns;
use super::{Conn, media};
use crate::error::Failure;
use crate::rows::extras::{ATTACHMENTS, MENTIONS, REACTIONS};
use crate::rows::{self, AttachmentRow, MessageRow};
use crate::schema::{attachments, mentions, message_edits, messages, reactions, stars};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::ids::{ChatId, UserId};
use domain::message::{Emoji, Extras, Message, Reaction};
use std::collections::{HashMap, HashSet};

/// The messages of these rows, in their order, with all that hangs on them.
pub(super) async fn all(conn: &mut Conn, rows: Vec<MessageRow>) -> Result<Vec<Message>, Failure> {
    let having = |bit: i64| -> Vec<i64> {
        rows.iter().filter(|row| row.extras & bit != 0).map(|row| row.id).collect()
    };
    let mut extras = HashMap::<i64, Extras>::new();
    add_reactions(conn, having(REACTIONS), &mut extras).await?;
    add_mentions(conn, having(MENTIONS), &mut extras).await?;
    add_attachments(conn, having(ATTACHMENTS), &mut extras).await?;
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

/// What these messages of one chat answer and what is not among them, in the order of the seqs.
pub(super) async fn quoted(
    conn: &mut Conn,
    chat: ChatId,
    shown: &[Message],
) -> Result<Vec<Message>, Failure> {
    let mut wanted: HashSet<_> = shown.iter().filter_map(|message| message.reply_to).collect();
    for message in shown {
        wanted.remove(&message.id);
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids = wanted.into_iter().map(domain::ids::MessageId::get);
    let here = messages::id.eq_any(ids.collect::<Vec<_>>()).and(messages::chat_id.eq(chat.get()));
    let rows = messages::table.filter(here).order(messages::seq).select(MessageRow::as_select());
    let rows = rows.load(conn).await?;
    all(conn, rows).await
}

/// Takes away what hangs on a message.
pub(super) async fn delete_children(conn: &mut Conn, message: i64) -> Result<(), Failure> {
    macro_rules! strip {
        ($($table:ident)*) => {$(
            let hung = $table::table.filter($table::message_id.eq(message));
            diesel::delete(hung).execute(conn).await?;
        )*};
    }
    strip!(reactions message_edits stars mentions);
    let came = diesel::delete(attachments::table.filter(attachments::message_id.eq(message)));
    let keys = came.returning(attachments::file_key).get_results(conn).await?;
    media::let_go(conn, keys).await
}

async fn add_attachments(
    conn: &mut Conn,
    messages: Vec<i64>,
    extras: &mut HashMap<i64, Extras>,
) -> Result<(), Failure> {
    if messages.is_empty() {
        return Ok(());
    }
    let rows = attachments::table
        .filter(attachments::message_id.eq_any(messages))
        .order((attachments::message_id, attachments::place))
        .select((attachments::message_id.assume_not_null(), AttachmentRow::as_select()))
        .load::<(i64, AttachmentRow)>(conn)
        .await?;
    for (message, row) in rows {
        extras.entry(message).or_default().attachments.push(row.try_into()?);
    }
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

async fn add_mentions(
    conn: &mut Conn,
    messages: Vec<i64>,
    extras: &mut HashMap<i64, Extras>,
) -> Result<(), Failure> {
    if messages.is_empty() {
        return Ok(());
    }
    let rows = mentions::table
        .filter(mentions::message_id.eq_any(messages))
        .order((mentions::message_id, mentions::user_id))
        .select((mentions::message_id, mentions::user_id, mentions::ranges))
        .load::<(i64, i64, String)>(conn)
        .await?;
    for (message, user, ranges) in rows {
        let extras = extras.entry(message).or_default();
        let user = UserId::stored(user);
        extras.mentions.push(user);
        extras.mention_ranges.extend(super::mentions::read_ranges(user, &ranges)?);
        extras.mention_ranges.sort_unstable_by_key(|mention| mention.offset);
    }
    Ok(())
}
