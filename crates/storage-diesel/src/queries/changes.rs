//! What changed in a chat after a version, for clients that catch up.

use super::columns::Columns;
use super::{Conn, heads, hydrate};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head, MemberRow, MessageRow, PersonRow};
use crate::schema::{chats, members, messages, users};
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{Changes, Chat, Member};
use domain::ids::{ChatId, Version};
use domain::message::Message;

/// The version of a new chat, shared by the chat and its first members. Every later version belongs to one
/// thing only.
const FIRST: Version = Version::ZERO.next();

/// How close [`seen_at`] searches: up to so many messages that the client has already are read and skipped,
/// which is cheaper than more steps of the search.
const READ_PAST: i64 = 64;

/// The changes after `since`, at most about `limit` things. `version` of the result is what the client has
/// then, and `more` whether it must ask again. Must run in a snapshot, or the queries would see different
/// versions.
pub(super) async fn since(
    conn: &mut Conn,
    chat: ChatId,
    since: Version,
    limit: usize,
) -> Result<Changes, Failure> {
    let head = heads::read(conn, chat).await?;
    let now = head.version();
    if since >= now {
        return Ok(Changes::none(since));
    }
    let (messages, complete_to) = changed_messages(conn, &head, since.get(), limit).await?;
    let mut changes = Changes {
        chat: changed_chat(conn, &head, since).await?,
        members: changed_members(conn, chat, since, limit).await?,
        messages,
        quoted: Vec::new(),
        version: now,
        more: false,
    };
    if let Some(version) = cut_at(&changes, limit).into_iter().chain(complete_to).min() {
        changes.chat = changes.chat.filter(|chat| chat.version <= version);
        changes.members.retain(|member| member.version <= version);
        changes.messages.retain(|message| message.version <= version);
        changes.more = version < now;
        changes.version = version;
    }
    changes.quoted = hydrate::quoted(conn, chat, &changes.messages).await?;
    Ok(changes)
}

/// The version to stop at, if more than `limit` things were found: that of the last one that fits. It is at
/// least the first one's, even if `limit` is 0, since the client would get no further otherwise.
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
    head: &Head,
    since: Version,
) -> Result<Option<Chat>, Failure> {
    let row = chats::table.filter(chats::id.eq(head.chat_id).and(chats::version.gt(since.get())));
    let row = row.select(ChatRow::as_select()).first(conn).await.optional()?;
    row.map(|row| row.headed(head)).transpose()
}

async fn changed_members(
    conn: &mut Conn,
    chat: ChatId,
    since: Version,
    limit: usize,
) -> Result<Vec<Member>, Failure> {
    let here = members::table
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::chat_id.eq(chat.get()))
        .order((members::version, members::user_id))
        .select((MemberRow::as_select(), PersonRow::as_select()));
    let changed = here.filter(members::version.gt(since.get())).limit(rows::one_more(limit));
    let mut rows = changed.load::<(MemberRow, PersonRow)>(conn).await?;
    // The first members share one version, so a client that has nothing must get all of them at once.
    let is_cut = rows.len() > limit;
    if rows.last().is_some_and(|(last, _)| is_cut && last.version == FIRST.get()) {
        rows = here.filter(members::version.eq(FIRST.get())).load(conn).await?;
    }
    rows.into_iter().map(|(row, who)| row.named(who)).collect()
}

/// Messages that were created or changed after `since`. If there are more than `limit`, also the version up
/// to which none is missing. Two queries, because only changed messages are indexed by version (ADR 10); new
/// ones are found by their seq.
async fn changed_messages(
    conn: &mut Conn,
    head: &Head,
    since: i64,
    limit: usize,
) -> Result<(Vec<Message>, Option<Version>), Failure> {
    let here = messages::chat_id.eq(head.chat_id);
    let changed = messages::version.gt(messages::created_version);
    let query = messages::table.filter(here.and(changed).and(messages::version.gt(since)));
    let query = query.order(messages::version).limit(rows::one_more(limit));
    let mut found = query.select(MessageRow::as_select()).load(conn).await?;

    let place = messages::seq.gt(seen_at(conn, head, since).await?);
    let query = messages::table.filter(here.and(place).and(messages::created_version.gt(since)));
    let query = query.order(messages::seq).limit(rows::one_more(limit));
    let query = query.select((messages::created_version, MessageRow::as_select()));
    let created = query.load::<(i64, MessageRow)>(conn).await?;
    let last = created.last().filter(|_| created.len() > limit);
    let complete_to = last.map(|(version, _)| Version::stored(*version));
    // A message that was changed after its creation is listed once, at its last change.
    let as_created = created.into_iter().filter(|(version, row)| row.version == *version);
    found.extend(as_created.map(|(_, row)| row));
    found.sort_unstable_by_key(|row| row.version);
    Ok((hydrate::all(conn, found).await?, complete_to))
}

/// A seq that is at most [`READ_PAST`] below the last message that existed at `version`, and not above it. A
/// binary search: the versions at which messages were created rise with their seqs. Each message took at
/// least one version, which bounds the search from both sides.
async fn seen_at(conn: &mut Conn, head: &Head, version: i64) -> Result<i64, Failure> {
    let mut low = (head.last_seq - (head.version - version).max(0)).max(0);
    let mut high = head.last_seq.min(version.max(0));
    while high - low > READ_PAST {
        let middle = low + (high - low) / 2;
        let there = messages::chat_id.eq(head.chat_id).and(messages::seq.eq(middle));
        let created = messages::table.filter(there).select(messages::created_version);
        if created.first::<i64>(conn).await? <= version {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}
