//! Chats as one member sees them. A page takes as many queries as a single chat.

use super::columns::Columns;
use super::{Conn, Shared, hydrate};
use crate::error::Failure;
use crate::pairs::pair_in;
use crate::rows::{self, ChatRow, Head, MemberRow, MessageRow, PersonRow};
use crate::schema::{chat_heads, chats, members, messages, users};
use crate::types::Instant;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, QueryableByName,
};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::chat::{ChatCursor, ChatPage, ChatQuery, ChatView};
use domain::ids::{ChatId, Seq, UserId};
use domain::limits::{UNREAD_AMONG, UNREAD_COUNT_MAX};
use domain::message::MessageKind;
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
    let mut rows = query.load::<Row>(conn).await?;
    let more = rows::cut(&mut rows, limit);
    Ok(ChatPage { chats: views(conn, viewer, rows).await?, more })
}

/// Completes rows with last messages, unread counts and peers. These queries are independent, so they are
/// sent together.
async fn views(conn: &mut Conn, viewer: UserId, rows: Vec<Row>) -> Result<Vec<ChatView>, Failure> {
    let last = rows.iter().map(|(_, head, _)| (head.chat_id, head.last_seq));
    let last = last.filter(|(_, seq)| *seq > 0).collect();
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
            unread_count: unread.get(&head.chat_id).map_or(0, |unread| unread.messages),
            mention_count: unread.get(&head.chat_id).map_or(0, |unread| unread.mentions),
            last_message: last.remove(&head.chat_id),
            last_seq: Seq::stored(head.last_seq),
            active_at: head.active_at.0,
            version: head.version(),
            chat,
        })
    });
    views.collect()
}

async fn last_messages(
    conn: &mut Shared<'_>,
    last: Vec<(i64, i64)>,
) -> Result<Vec<MessageRow>, Failure> {
    if last.is_empty() {
        return Ok(Vec::new());
    }
    let is_last = pair_in::<_, _, _, BigInt>(messages::chat_id, messages::seq, last);
    Ok(messages::table.filter(is_last).select(MessageRow::as_select()).load(conn).await?)
}

/// The unread messages of a chat, and those of them that mention the viewer, without mentions by people whom
/// the viewer has blocked.
#[derive(Default, Clone, Copy, QueryableByName)]
struct Unread {
    #[diesel(sql_type = BigInt)]
    chat_id: i64,
    #[diesel(sql_type = BigInt)]
    messages: i64,
    #[diesel(sql_type = BigInt)]
    mentions: i64,
}

/// The unread part of a chat.
struct Unseen {
    chat: i64,
    /// The read marker. Mentions after it are counted; they are few, and indexed.
    read: i64,
    /// The seq after which messages are counted: not further back than [`UNREAD_AMONG`], so that a chat with many
    /// messages of the viewer or tombstones costs no more than that.
    before: i64,
}

/// Counts up to [`UNREAD_COUNT_MAX`], so that more unread messages take no longer. `ORDER BY m.seq` makes
/// PostgreSQL walk the index and stop at the limit; without it, it may collect all matching rows first.
async fn unread_counts(
    conn: &mut Shared<'_>,
    viewer: UserId,
    chats: Vec<Unseen>,
) -> Result<HashMap<i64, Unread>, Failure> {
    if chats.is_empty() {
        return Ok(HashMap::new());
    }
    let unseen = |Unseen { chat, read, before }: &Unseen| {
        format!("(CAST({chat} AS bigint), CAST({read} AS bigint), CAST({before} AS bigint))")
    };
    let chats: Vec<_> = chats.iter().map(unseen).collect();
    // One statement for both databases. Nothing in it comes from outside but numbers.
    let sql = format!(
        "WITH r (chat_id, read_seq, before_seq) AS (VALUES {chats}) SELECT chat_id, \
           (SELECT count(*) FROM (SELECT 1 FROM messages m \
             WHERE m.chat_id = r.chat_id AND m.seq > r.before_seq \
             AND m.author_id <> {viewer} AND m.deleted_at IS NULL \
             AND coalesce(m.kind, '') <> '{quiet}' \
             ORDER BY m.seq LIMIT {UNREAD_COUNT_MAX}) u) \
             AS messages, \
           (SELECT count(*) FROM (SELECT 1 FROM mentions n \
             WHERE n.user_id = {viewer} AND n.chat_id = r.chat_id AND n.seq > r.read_seq \
             AND n.author_id <> {viewer} \
             AND NOT EXISTS (SELECT 1 FROM blocks b \
               WHERE b.blocker_id = {viewer} AND b.blocked_id = n.author_id) \
             LIMIT {UNREAD_COUNT_MAX}) u) AS mentions \
         FROM r",
        viewer = viewer.get(),
        quiet = MessageKind::System { counts: false }.stored_word().unwrap_or_default(),
        chats = chats.join(", ")
    );
    let counts = diesel::sql_query(sql).load::<Unread>(conn).await?;
    Ok(counts.into_iter().map(|unread| (unread.chat_id, unread)).collect())
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
