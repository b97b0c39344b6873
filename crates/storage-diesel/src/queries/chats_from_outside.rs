//! Chats as a service key sees them that reaches every chat and need not be in them.

use super::columns::Columns;
use super::{Conn, chat_list, heads, hydrate};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head, KindRow};
use crate::schema::{chat_heads, chats};
use diesel::prelude::{ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{AllChats, ChatFacts, ChatPage, ChatRole, ChatView, Horizon, Preferences};
use domain::ids::{ChatId, Seq};
use std::collections::HashMap;

/// The rows of chats that are there. A macro, because the type of the query could hardly be written down.
macro_rules! chats_there {
    () => {
        chats::table
            .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chats::id)))
            .filter(chat_heads::deleted.eq(false))
            .select((ChatRow::as_select(), Head::as_select()))
    };
}

/// What a chat is. `NotFound` if there is none.
pub(super) async fn facts(conn: &mut Conn, chat: ChatId) -> Result<ChatFacts, Failure> {
    let head = heads::read(conn, chat).await?;
    let row = chats::table.filter(chats::id.eq(chat.get())).select(KindRow::as_select());
    Ok(head.facts(row.first::<KindRow>(conn).await?.kind()?))
}

/// One chat. `NotFound` if there is none.
pub(super) async fn one(conn: &mut Conn, chat: ChatId) -> Result<ChatView, Failure> {
    let row = chats_there!().filter(chats::id.eq(chat.get()));
    let row = row.first::<(ChatRow, Head)>(conn).await?;
    views(conn, vec![row]).await?.pop().ok_or(Failure::NOT_FOUND)
}

/// A page of all chats.
pub(super) async fn all(conn: &mut Conn, query: AllChats) -> Result<ChatPage, Failure> {
    let AllChats { whispers, after, limit } = query;
    let mut found = chats_there!().filter(chats::id.gt(after.map_or(0, ChatId::get))).into_boxed();
    if !whispers {
        found = found.filter(chats::parent_id.is_null());
    }
    let found = found.order(chats::id).limit(rows::one_more(limit));
    let mut rows = found.load::<(ChatRow, Head)>(conn).await?;
    let more = rows::cut(&mut rows, limit);
    Ok(ChatPage { chats: views(conn, rows).await?, more })
}

async fn views(conn: &mut Conn, rows: Vec<(ChatRow, Head)>) -> Result<Vec<ChatView>, Failure> {
    let last = rows.iter().map(|(_, head)| (head.chat_id, head.last_seq));
    let last = last.filter(|(_, seq)| *seq > 0).collect();
    let last = chat_list::last_messages(shared!(conn), last).await?;
    let last = hydrate::all(conn, last).await?;
    let mut last: HashMap<_, _> =
        last.into_iter().map(|message| (message.chat.get(), message)).collect();
    let views = rows.into_iter().map(|(row, head)| {
        Ok(ChatView {
            chat: row.headed(&head)?,
            role: ChatRole::Owner,
            member_count: head.member_count,
            peer: None,
            preferences: Preferences::default(),
            read_seq: Seq::stored(head.last_seq),
            horizon: Horizon::NONE,
            silence: None,
            unread_count: 0,
            mention_count: 0,
            last_message: last.remove(&head.chat_id),
            last_seq: Seq::stored(head.last_seq),
            active_at: head.active_at.0,
            version: head.version(),
        })
    });
    views.collect()
}
