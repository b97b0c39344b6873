//! Coming into a chat and going out of it, together with what one whispers there. The head of the
//! chat is locked by the caller; those of the whispers are locked here, all at once and in their
//! order, and they come after it: nothing is whispered in a chat before there is the chat.

use super::columns::Columns;
use super::{Conn, closings, heads, lock_heads, people};
use crate::error::Failure;
use crate::rows::{self, Head, MemberRow};
use crate::schema::{chats, members};
use crate::types::Instant;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatRole, Member, rules};
use domain::ids::{ChatId, UserId};
use std::collections::HashMap;

/// The row of somebody who is in the chat or was.
pub(super) async fn find(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
) -> Result<Option<MemberRow>, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let row = members::table.filter(here).select(MemberRow::as_select());
    Ok(row.first(conn).await.optional()?)
}

/// The row of somebody who is in the chat, whose head is locked.
pub(super) async fn present(
    conn: &mut Conn,
    chat: ChatId,
    user: UserId,
) -> Result<MemberRow, Failure> {
    let row = find(conn, chat, user).await?.filter(|row| row.left_at.is_none());
    row.ok_or(Failure::NOT_FOUND)
}

/// Stores a member as the chat's next version. The head is stored by the caller.
pub(super) async fn store(
    conn: &mut Conn,
    head: &mut Head,
    row: &mut MemberRow,
) -> Result<(), Failure> {
    head.version += 1;
    row.version = head.version;
    let change = (
        members::role.eq(&row.role),
        members::joined_at.eq(row.joined_at),
        members::left_at.eq(row.left_at),
        members::read_seq.eq(row.read_seq),
        members::version.eq(row.version),
    );
    let here = members::chat_id.eq(row.chat_id).and(members::user_id.eq(row.user_id));
    diesel::update(members::table.filter(here)).set(change).execute(conn).await?;
    Ok(())
}

/// The member, who is that person.
pub(super) async fn named(conn: &mut Conn, row: MemberRow) -> Result<Member, Failure> {
    let person = people::person(conn, row.user_id).await?;
    row.named(person)
}

/// Lets people in who are not in, with these roles and having read everything, and back into what
/// they whispered. Returns them as members of the chat, then of the whispers.
pub(super) async fn let_in(
    conn: &mut Conn,
    head: &mut Head,
    people: &[(UserId, ChatRole)],
    at: Instant,
) -> Result<Vec<Member>, Failure> {
    let mut joined = Vec::new();
    for &(user, role) in people {
        let there = find(conn, ChatId::stored(head.chat_id), user).await?;
        let mut row =
            there.clone().unwrap_or_else(|| MemberRow::new(head.chat_id, user.get(), role, at));
        role.as_str().clone_into(&mut row.role);
        come_back(&mut row, head, at);
        if there.is_none() {
            head.version += 1;
            row.version = head.version;
            diesel::insert_into(members::table).values(row.clone()).execute(conn).await?;
        } else {
            store(conn, head, &mut row).await?;
        }
        joined.push(named(conn, row).await?);
    }
    let users = people.iter().map(|(user, _)| user.get()).collect();
    let Whispers { mut around, rows } = whispers(conn, head.chat_id, users).await?;
    for mut row in rows.into_iter().filter(|row| row.left_at.is_some()) {
        let head = around.get_mut(&row.chat_id).ok_or(Failure::NOT_FOUND)?;
        come_back(&mut row, head, at);
        store(conn, head, &mut row).await?;
        head.closed =
            head.member_count < 2 || closings::closed_by_people(conn, row.chat_id).await?;
        heads::store(conn, head).await?;
        joined.push(named(conn, row).await?);
    }
    Ok(joined)
}

fn come_back(row: &mut MemberRow, head: &mut Head, at: Instant) {
    (row.joined_at, row.left_at, row.read_seq) = (at, None, head.last_seq);
    head.member_count += 1;
}

/// Refuses to take a member out whom the chat, whose head is locked, cannot be without.
pub(super) async fn spare(conn: &mut Conn, member: &MemberRow) -> Result<(), Failure> {
    let role = rows::chat_role(&member.role)?;
    let kind = chats::table.find(member.chat_id).select((
        chats::kind,
        chats::project_id,
        chats::parent_id,
    ));
    let (word, project, parent) = kind.first::<(String, Option<i64>, Option<i64>)>(conn).await?;
    let kind = rows::chat_kind(&word, project, parent)?;
    if rules::needs(kind, role) { Err(Failure::CONFLICT) } else { Ok(()) }
}

/// Takes people out who are in, and out of what they whisper, of which the others can then only
/// read. Returns what is kept of them: in the chat, then in the whispers.
pub(super) async fn take_out(
    conn: &mut Conn,
    head: &mut Head,
    people: &[UserId],
    at: Instant,
) -> Result<Vec<Member>, Failure> {
    let mut left = Vec::new();
    for &user in people {
        let mut row = present(conn, ChatId::stored(head.chat_id), user).await?;
        row.left_at = Some(at);
        head.member_count -= 1;
        store(conn, head, &mut row).await?;
        left.push(named(conn, row).await?);
    }
    let users = people.iter().map(|user| user.get()).collect();
    let Whispers { mut around, rows } = whispers(conn, head.chat_id, users).await?;
    for mut row in rows.into_iter().filter(|row| row.left_at.is_none()) {
        let head = around.get_mut(&row.chat_id).ok_or(Failure::NOT_FOUND)?;
        row.left_at = Some(at);
        head.member_count -= 1;
        head.closed = true;
        store(conn, head, &mut row).await?;
        heads::store(conn, head).await?;
        left.push(named(conn, row).await?);
    }
    Ok(left)
}

/// What some people whisper in a chat.
struct Whispers {
    /// The heads, locked.
    around: HashMap<i64, Head>,
    /// These people in them, whether they are in or have left, in the order of the chats.
    rows: Vec<MemberRow>,
}

async fn whispers(conn: &mut Conn, chat: i64, users: Vec<i64>) -> Result<Whispers, Failure> {
    let rows = members::table
        .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
        .filter(chats::parent_id.eq(chat).and(members::user_id.eq_any(users)))
        .order((members::chat_id, members::user_id))
        .select(MemberRow::as_select())
        .load(conn)
        .await?;
    let mut ids: Vec<_> = rows.iter().map(|row| row.chat_id).collect();
    ids.dedup();
    // Who is in whispers changes only while the chat around them is locked, as it is here.
    let heads = if ids.is_empty() { Vec::new() } else { lock_heads(conn, ids).await? };
    Ok(Whispers { around: heads.into_iter().map(|head| (head.chat_id, head)).collect(), rows })
}
