//! Reading what belongs to messages: reactions, mentions, attachments, and the messages they reply to.
//! One query per kind for all messages together, and none for a kind that no row is marked with (see
//! [`crate::rows::extras`]).

use super::columns::Columns;
use super::{Conn, Shared, media};
use crate::error::Failure;
use crate::rows::extras::{ATTACHMENTS, MENTIONS, REACTIONS};
use crate::rows::{self, AttachmentRow, MessageRow};
use crate::schema::{attachments, mentions, message_edits, messages, reactions, stars};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::chat::Horizon;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::{Emoji, Extras, Message, Reaction};
use std::collections::{HashMap, HashSet};

/// The messages of these rows, in the same order, with their extras.
pub(super) async fn all(conn: &mut Conn, rows: Vec<MessageRow>) -> Result<Vec<Message>, Failure> {
    let (reactions, mentions, attachments) = together!(conn =>
        reactions_on(conn, having(&rows, REACTIONS)),
        mentions_in(conn, having(&rows, MENTIONS)),
        attachments_of(conn, having(&rows, ATTACHMENTS)),
    );
    dressed(rows, (reactions?, mentions?, attachments?))
}

/// As `all`, for rows of one chat, with the messages that they reply to and that are not among them, by seq; but
/// for those that are hidden.
pub(super) async fn with_quoted(
    conn: &mut Conn,
    (chat, horizon): (ChatId, Horizon),
    rows: Vec<MessageRow>,
) -> Result<(Vec<Message>, Vec<Message>), Failure> {
    let mut wanted = answered(rows.iter().map(|row| (row.id, row.reply_to)));
    wanted.retain(|id| !horizon.hides_id(MessageId::stored(*id)));
    let (reactions, mentions, attachments, quoted) = together!(conn =>
        reactions_on(conn, having(&rows, REACTIONS)),
        mentions_in(conn, having(&rows, MENTIONS)),
        attachments_of(conn, having(&rows, ATTACHMENTS)),
        quoted_in(conn, chat, wanted),
    );
    let messages = dressed(rows, (reactions?, mentions?, attachments?))?;
    Ok((messages, all(conn, quoted?).await?))
}

/// The messages that these, of one chat, reply to and that are not among them, by seq.
pub(super) async fn quoted(
    conn: &mut Conn,
    chat: ChatId,
    shown: &[Message],
) -> Result<Vec<Message>, Failure> {
    let shown = shown.iter().map(|message| (message.id, message.reply_to));
    let wanted = answered(shown.map(|(id, answers)| (id.get(), answers.map(MessageId::get))));
    let rows = quoted_in(shared!(conn), chat, wanted).await?;
    all(conn, rows).await
}

/// The ids of the messages that these reply to and that are not among them.
fn answered(shown: impl Iterator<Item = (i64, Option<i64>)> + Clone) -> Vec<i64> {
    let ids: HashSet<_> = shown.clone().map(|(id, _)| id).collect();
    let answered = shown.filter_map(|(_, answers)| answers).filter(|id| !ids.contains(id));
    answered.collect::<HashSet<_>>().into_iter().collect()
}

/// The ids of the rows that have extras of this kind.
fn having(rows: &[MessageRow], sort: i64) -> Vec<i64> {
    rows.iter().filter(|row| row.extras & sort != 0).map(|row| row.id).collect()
}

/// Rows of reactions, mentions and attachments, each with its message's id.
type Hanging = (Vec<(i64, String, i64)>, Vec<(i64, i64, String)>, Vec<(i64, AttachmentRow)>);

fn dressed(
    rows: Vec<MessageRow>,
    (reactions, mentions, attachments): Hanging,
) -> Result<Vec<Message>, Failure> {
    let mut extras = HashMap::<i64, Extras>::new();
    add_reactions(reactions, &mut extras);
    add_mentions(mentions, &mut extras)?;
    for (message, row) in attachments {
        extras.entry(message).or_default().attachments.push(row.try_into()?);
    }
    let mut messages = rows::all::<_, Message>(rows)?;
    if !extras.is_empty() {
        for message in &mut messages {
            message.extras = extras.remove(&message.id.get()).unwrap_or_default();
        }
    }
    Ok(messages)
}

/// The message of a row, with its extras.
pub(super) async fn one(conn: &mut Conn, row: MessageRow) -> Result<Message, Failure> {
    all(conn, vec![row]).await?.pop().ok_or(Failure::NOT_FOUND)
}

/// Deletes everything that belongs to a message.
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

/// Those of these messages that have somebody's star.
pub(super) async fn starred(
    conn: &mut Conn,
    user: UserId,
    ids: Vec<i64>,
) -> Result<Vec<MessageId>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let starred = stars::user_id.eq(user.get()).and(stars::message_id.eq_any(ids));
    let starred = stars::table.filter(starred).order(stars::message_id);
    let ids = starred.select(stars::message_id).load::<i64>(conn).await?;
    Ok(ids.into_iter().map(MessageId::stored).collect())
}

async fn quoted_in(
    conn: &mut Shared<'_>,
    chat: ChatId,
    messages: Vec<i64>,
) -> Result<Vec<MessageRow>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let here = messages::id.eq_any(messages).and(messages::chat_id.eq(chat.get()));
    let rows = messages::table.filter(here).order(messages::seq).select(MessageRow::as_select());
    Ok(rows_of!(conn, rows)?)
}

async fn attachments_of(
    conn: &mut Shared<'_>,
    messages: Vec<i64>,
) -> Result<Vec<(i64, AttachmentRow)>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows = attachments::table
        .filter(attachments::message_id.eq_any(messages))
        .order((attachments::message_id, attachments::place))
        .select((attachments::message_id.assume_not_null(), AttachmentRow::as_select()));
    Ok(rows_of!(conn, rows)?)
}

async fn reactions_on(
    conn: &mut Shared<'_>,
    messages: Vec<i64>,
) -> Result<Vec<(i64, String, i64)>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows = reactions::table
        .filter(reactions::message_id.eq_any(messages))
        .order((reactions::message_id, reactions::place, reactions::version))
        .select((reactions::message_id, reactions::emoji, reactions::user_id));
    Ok(rows_of!(conn, rows)?)
}

async fn mentions_in(
    conn: &mut Shared<'_>,
    messages: Vec<i64>,
) -> Result<Vec<(i64, i64, String)>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows = mentions::table
        .filter(mentions::message_id.eq_any(messages))
        .order((mentions::message_id, mentions::user_id))
        .select((mentions::message_id, mentions::user_id, mentions::ranges));
    Ok(rows_of!(conn, rows)?)
}

/// Groups reactions by emoji; rows with the same emoji are adjacent.
fn add_reactions(rows: Vec<(i64, String, i64)>, extras: &mut HashMap<i64, Extras>) {
    for (message, emoji, user) in rows {
        let reactions = &mut extras.entry(message).or_default().reactions;
        let user = UserId::stored(user);
        match reactions.last_mut() {
            Some(last) if last.emoji.as_str() == emoji => last.users.push(user),
            _ => reactions.push(Reaction { emoji: Emoji::stored(emoji), users: vec![user] }),
        }
    }
}

fn add_mentions(
    rows: Vec<(i64, i64, String)>,
    extras: &mut HashMap<i64, Extras>,
) -> Result<(), Failure> {
    for (message, user, ranges) in rows {
        let extras = extras.entry(message).or_default();
        let user = UserId::stored(user);
        extras.mentions.push(user);
        extras.mention_ranges.extend(super::mentions::read_ranges(user, &ranges)?);
        extras.mention_ranges.sort_unstable_by_key(|mention| mention.offset);
    }
    Ok(())
}
