//! Chats as one member sees them. A page takes as many queries as a single chat.

use super::columns::Columns;
use super::{Conn, Shared, hydrate};
use crate::error::Failure;
use crate::pairs::pair_in;
use crate::rows::{self, ChatRow, Head, MemberRow, MessageRow, PersonRow};
use crate::schema::{chat_heads, chats, members, messages, users};
use crate::types::Instant;
use crate::unread::{UnreadCounts, Unseen};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::chat::{ChatCursor, ChatPage, ChatQuery, ChatView};
use domain::ids::{ChatId, Seq, UserId};
use domain::limits::UNREAD_AMONG;
use domain::user::UserSummary;
use std::collections::HashMap;

/// A chat, its head, and the viewer in it.
type Row = (ChatRow, Head, MemberRow);

/// The rows of a viewer's chats. A macro, because the type of the query could hardly be written down.
macro_rules! chats_of {
    ($viewer:expr) => {
        members::table
            .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
            .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
            .filter(members::user_id.eq($viewer.get()).and(members::left_at.is_null()))
            .select((ChatRow::as_select(), Head::as_select(), MemberRow::as_select()))
    };
}

/// A chat as the viewer sees it. `NotFound` if they are not a member.
pub(super) async fn one(
    conn: &mut Conn,
    chat: ChatId,
    viewer: UserId,
) -> Result<ChatView, Failure> {
    let row = chats_of!(viewer).filter(members::chat_id.eq(chat.get()));
    let row = row.first::<Row>(conn).await?;
    views(conn, viewer, vec![row]).await?.pop().ok_or(Failure::NOT_FOUND)
}

/// A page of the viewer's chats after the cursor, the most recently active first.
pub(super) async fn list(
    conn: &mut Conn,
    viewer: UserId,
    ChatQuery { archived, whispers, after, limit }: ChatQuery,
) -> Result<ChatPage, Failure> {
    let mut query = chats_of!(viewer).into_boxed();
    if let Some(archived) = archived {
        query = query.filter(members::archived.eq(archived));
    }
    if !whispers {
        query = query.filter(chats::kind.ne("whisper"));
    }
    if let Some(ChatCursor { active_at, chat }) = after {
        let at = Instant(active_at);
        let at_once = chat_heads::active_at.eq(at).and(chat_heads::chat_id.lt(chat.get()));
        query = query.filter(chat_heads::active_at.lt(at).or(at_once));
    }
    let order = (chat_heads::active_at.desc(), chat_heads::chat_id.desc());
    let query = query.order(order).limit(rows::one_more(limit));
    let mut rows: Vec<Row> = rows_of!(conn, query)?;
    let more = rows::cut(&mut rows, limit);
    Ok(ChatPage { chats: views(conn, viewer, rows).await?, more })
}

/// Completes rows with last messages, unread counts and peers. These queries are independent, so they are
/// sent together.
async fn views(conn: &mut Conn, viewer: UserId, rows: Vec<Row>) -> Result<Vec<ChatView>, Failure> {
    // What is hidden from the viewer is not even read.
    let last = rows.iter().filter(|(_, head, viewer)| head.last_seq > viewer.hidden_seq);
    let last = last.map(|(_, head, _)| (head.chat_id, head.last_seq));
    let last = last.collect();
    let unread = rows.iter().filter(|(_, head, viewer)| head.last_seq > viewer.read_seq);
    let unread = unread.map(|(_, head, viewer)| Unseen {
        chat: head.chat_id,
        read: viewer.read_seq,
        before: viewer.read_seq.max(head.last_seq - UNREAD_AMONG as i64),
    });
    let unread = unread.collect();
    let chats = rows.into_iter().map(|(chat, head, row)| Ok((chat.headed(&head)?, head, row)));
    let chats = chats.collect::<Result<Vec<_>, Failure>>()?;
    let between_two = chats.iter().filter(|(chat, ..)| chat.kind.is_between_two());
    let between_two = between_two.map(|(chat, ..)| chat.id.get()).collect();
    let (last, unread, peers) = together!(conn =>
        last_messages(conn, last),
        unread_counts(conn, viewer, unread),
        peers(conn, viewer, between_two),
    );
    let (unread, mut peers) = (unread?, peers?);
    let last = hydrate::all(conn, last?).await?;
    let mut last: HashMap<_, _> =
        last.into_iter().map(|message| (message.chat.get(), message)).collect();
    let views = chats.into_iter().map(|(chat, head, row)| {
        Ok(ChatView {
            role: rows::chat_role(&row.role)?,
            member_count: head.member_count,
            peer: peers.remove(&head.chat_id),
            preferences: row.preferences(),
            read_seq: Seq::stored(row.read_seq),
            horizon: row.horizon(),
            silence: row.silence(),
            unread_count: unread.get(&head.chat_id).map_or(0, |(messages, _)| *messages),
            mention_count: unread.get(&head.chat_id).map_or(0, |(_, mentions)| *mentions),
            last_message: last.remove(&head.chat_id),
            last_seq: Seq::stored(head.last_seq),
            active_at: head.active_at.0,
            version: head.version(),
            chat,
        })
    });
    views.collect()
}

pub(super) async fn last_messages(
    conn: &mut Shared<'_>,
    last: Vec<(i64, i64)>,
) -> Result<Vec<MessageRow>, Failure> {
    if last.is_empty() {
        return Ok(Vec::new());
    }
    let is_last = pair_in::<(BigInt, BigInt), _, _, _, _>(messages::chat_id, messages::seq, last);
    Ok(rows_of!(conn, messages::table.filter(is_last).select(MessageRow::as_select()))?)
}

/// How many unread messages each chat has, and how many of them mention the viewer.
async fn unread_counts(
    conn: &mut Shared<'_>,
    viewer: UserId,
    chats: Vec<Unseen>,
) -> Result<HashMap<i64, (i64, i64)>, Failure> {
    if chats.is_empty() {
        return Ok(HashMap::new());
    }
    let counts = UnreadCounts::of(viewer.get(), &chats).load::<(i64, i64, i64)>(conn).await?;
    Ok(counts.into_iter().map(|(chat, messages, mentions)| (chat, (messages, mentions))).collect())
}

/// The other person of each chat between two, even if they have left; in one's notes, the viewer.
async fn peers(
    conn: &mut Shared<'_>,
    viewer: UserId,
    chats: Vec<i64>,
) -> Result<HashMap<i64, UserSummary>, Failure> {
    if chats.is_empty() {
        return Ok(HashMap::new());
    }
    let people = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::chat_id.eq_any(chats))
        .select((members::chat_id, PersonRow::as_select()))
        .load::<(i64, PersonRow)>(conn)
        .await?;
    let mut peers = HashMap::<i64, UserSummary>::new();
    for (chat, person) in people {
        let person = UserSummary::try_from(person)?;
        if person.id != viewer || !peers.contains_key(&chat) {
            peers.insert(chat, person);
        }
    }
    Ok(peers)
}
