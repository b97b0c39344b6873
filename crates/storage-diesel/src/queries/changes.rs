//! What changed in a chat after a version.

use super::{Conn, dress, heads};
use crate::error::Failure;
use crate::rows::{self, ChatRow, MemberRow, MessageRow};
use crate::schema::{chats, members, messages, users};
use diesel::OptionalExtension;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::chat::{Changes, Chat, Member};
use domain::ids::{ChatId, Version};
use domain::message::Message;

/// The version that a new chat has, which all that is in it then shares. Every other version is
/// that of one thing.
const FIRST: Version = Version::ZERO.next();

/// What changed after `since`, about `limit` things. Runs in a snapshot.
pub(super) async fn since(
    conn: &mut Conn,
    chat: ChatId,
    since: Version,
    limit: usize,
) -> Result<Changes, Failure> {
    let now = heads::read(conn, chat).await?.version();
    let mut changes = Changes {
        chat: changed_chat(conn, chat, since).await?,
        members: changed_members(conn, chat, since, limit).await?,
        messages: changed_messages(conn, chat, since, limit).await?,
        quoted: Vec::new(),
        version: now.max(since),
        more: false,
    };
    if let Some(version) = cut_at(&changes, limit) {
        changes.chat = changes.chat.filter(|chat| chat.version <= version);
        changes.members.retain(|member| member.version <= version);
        changes.messages.retain(|message| message.version <= version);
        changes.more = version < now;
        changes.version = version;
    }
    changes.quoted = dress::quoted(conn, chat, &changes.messages).await?;
    Ok(changes)
}

/// The version to stop at, if more was found than `limit`: that of the last thing that fits, or
/// of the first if not even that one does.
fn cut_at(changes: &Changes, limit: usize) -> Option<Version> {
    let members = changes.members.iter().map(|member| member.version);
    let messages = changes.messages.iter().map(|message| message.version);
    let chat = changes.chat.iter().map(|chat| chat.version);
    let mut versions: Vec<_> = members.chain(messages).chain(chat).collect();
    if versions.len() <= limit {
        return None;
    }
    versions.sort_unstable();
    versions.get(limit.saturating_sub(1)).copied()
}

async fn changed_chat(
    conn: &mut Conn,
    chat: ChatId,
    since: Version,
) -> Result<Option<Chat>, Failure> {
    let row = chats::table.filter(chats::id.eq(chat.get()).and(chats::version.gt(since.get())));
    let row = row.select(ChatRow::as_select()).first(conn).await.optional()?;
    row.map(Chat::try_from).transpose()
}

async fn changed_members(
    conn: &mut Conn,
    chat: ChatId,
    since: Version,
    limit: usize,
) -> Result<Vec<Member>, Failure> {
    let changed = members::chat_id.eq(chat.get()).and(members::version.gt(since.get()));
    let mut query = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(changed)
        .order((members::version, members::user_id))
        .select((MemberRow::as_select(), users::name))
        .into_boxed();
    // From before the beginning, all first members come at once: their version is the same.
    if since >= FIRST {
        query = query.limit(rows::one_more(limit));
    }
    let rows = query.load::<(MemberRow, String)>(conn).await?;
    rows.into_iter().map(|(row, name)| row.named(name)).collect()
}

async fn changed_messages(
    conn: &mut Conn,
    chat: ChatId,
    since: Version,
    limit: usize,
) -> Result<Vec<Message>, Failure> {
    let changed = messages::chat_id.eq(chat.get()).and(messages::version.gt(since.get()));
    let query = messages::table.filter(changed).order(messages::version);
    let query = query.limit(rows::one_more(limit)).select(MessageRow::as_select());
    let rows = query.load(conn).await?;
    dress::all(conn, rows).await
}
