//! Members of a chat: the facts that decisions about them need, and applying what was decided, together with
//! what follows in the whispers of the chat.
//!
//! The head of the chat is locked first. The heads of its whispers are locked later, all at once and by
//! ascending id. That keeps the order of ids, in which all heads are locked: whispers are created after the
//! chat around them, so their ids are higher.

use super::columns::Columns;
use super::{Conn, Shared, direct_chat_state, heads, higher, lock_heads};
use crate::batch::Batch;
use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::{self, Head, KindRow, MemberRow, PersonRow};
use crate::schema::{chats, members, messages, service_accounts, users};
use crate::types::Instant;
use diesel::OptionalExtension;
use diesel::dsl::{exists, select};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{
    ChangedMembers, ChatActor, ChatKind, ChatRole, Horizon, MemberChange, Silence, Standing,
    Target, rules,
};
use domain::ids::{ChatId, MessageId, Seq, UserId};
use std::collections::{BTreeMap, HashMap};

/// A chat whose head is locked, and what is known of some people in it.
pub(super) struct Found {
    pub(super) head: Head,
    /// The chat's kind. `None` if none of the people has an account, because the query that reads it joins them.
    kind: Option<ChatKind>,
    people: BTreeMap<i64, Person>,
}

/// Somebody who is in the chat, was in it, or never was.
struct Person {
    summary: PersonRow,
    /// Whether their account was not deleted.
    exists: bool,
    /// Their row in the chat, which stays when they leave; `None` if they never were in it.
    row: Option<MemberRow>,
}

impl Found {
    /// The standing of somebody; `None` if they are not a member now.
    pub(super) fn standing(&self, user: UserId) -> Result<Option<Standing>, Failure> {
        let (Some(row), Some(kind)) = (self.present(user), self.kind) else { return Ok(None) };
        row.standing(kind, &self.head).map(Some)
    }

    /// Where whoever changes the chat stands in it; `None` if they do not reach it.
    pub(super) fn actor(&self, actor: ChatActor) -> Result<Option<Standing>, Failure> {
        let chat = self.kind.map(|kind| self.head.facts(kind));
        Ok(actor.stands(self.standing(actor.user())?, chat))
    }

    /// The facts about the person whom a change of members is about.
    pub(super) fn target(&self, user: UserId) -> Result<Target, Failure> {
        let exists = self.people.get(&user.get()).is_some_and(|person| person.exists);
        let role = self.present(user).map(|row| rows::chat_role(&row.role)).transpose()?;
        Ok(Target { exists, role })
    }

    /// When somebody left by themselves; `None` if they are a member, or were removed (ADR 47).
    pub(super) fn left_freely_at(&self, user: UserId) -> Option<Instant> {
        self.row(user).filter(|row| row.left_freely)?.left_at
    }

    /// The last silence of somebody who is a member or was, which may be over.
    pub(super) fn silence(&self, user: UserId) -> Option<Silence> {
        self.row(user)?.silence()
    }

    fn present(&self, user: UserId) -> Option<&MemberRow> {
        self.row(user).filter(|row| row.left_at.is_none())
    }

    fn row(&self, user: UserId) -> Option<&MemberRow> {
        self.people.get(&user.get())?.row.as_ref()
    }
}

/// How many members are inserted by one statement: well below either database's limit on bound values.
const INSERTED_TOGETHER: usize = 1_000;

/// Inserts the first members of a chat, perhaps thousands.
pub(super) async fn insert(conn: &mut Conn, mut rows: Vec<MemberRow>) -> Result<(), Failure> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(INSERTED_TOGETHER));
        diesel::insert_into(members::table).values(Batch(rows)).execute(conn).await?;
        rows = rest;
    }
    Ok(())
}

/// Locks a chat and reads these people in it. `None` if there is no such chat.
pub(super) async fn lock(
    conn: &mut Conn,
    chat: ChatId,
    people: &[UserId],
) -> Result<Option<Found>, Failure> {
    let Some(head) = heads::find(shared!(conn), chat).await? else { return Ok(None) };
    find(conn, head, people).await.map(Some)
}

/// Reads these people in a chat whose head is locked, in one statement.
pub(super) async fn find(conn: &mut Conn, head: Head, people: &[UserId]) -> Result<Found, Failure> {
    let ids: Vec<_> = people.iter().map(|user| user.get()).collect();
    let here = members::chat_id.eq(chats::id).and(members::user_id.eq(users::id));
    let found = chats::table
        .inner_join(users::table.on(users::id.eq_any(ids)))
        .left_join(members::table.on(here))
        .filter(chats::id.eq(head.chat_id))
        .select((
            KindRow::as_select(),
            PersonRow::as_select(),
            users::deleted_at.is_null(),
            Option::<MemberRow>::as_select(),
        ))
        .load::<(KindRow, PersonRow, bool, Option<MemberRow>)>(conn)
        .await?;
    let (mut kind, mut people) = (None, BTreeMap::new());
    for (row, summary, exists, member) in found {
        kind = Some(row.kind()?);
        people.insert(summary.id, Person { summary, exists, row: member });
    }
    Ok(Found { head, kind, people })
}

/// Who owns a chat, if somebody does; its head is locked.
pub(super) async fn owner(conn: &mut Conn, chat: ChatId) -> Result<Option<UserId>, Failure> {
    let present = members::chat_id.eq(chat.get()).and(members::left_at.is_null());
    let owner = members::table.filter(present.and(members::role.eq(ChatRole::Owner.as_str())));
    let owner = owner.select(members::user_id).first::<i64>(conn).await.optional()?;
    Ok(owner.map(UserId::stored))
}

/// The row of a present member; the chat's head is locked. `NotFound` if they are not a member.
pub(super) async fn present(
    conn: &mut Shared<'_>,
    chat: ChatId,
    user: UserId,
) -> Result<MemberRow, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let row = members::table.filter(here.and(members::left_at.is_null()));
    row.select(MemberRow::as_select()).first(conn).await.optional()?.ok_or(Failure::NOT_FOUND)
}

/// Stores a member as the chat's next version. The caller stores the head.
pub(super) async fn store(
    conn: &mut Conn,
    head: &mut Head,
    row: &mut MemberRow,
) -> Result<(), Failure> {
    advance(head, row);
    write(shared!(conn), row).await
}

/// Gives a member the chat's next version. The caller stores both the row ([`write`]) and the head.
pub(super) fn advance(head: &mut Head, row: &mut MemberRow) {
    head.version += 1;
    row.version = head.version;
}

/// Stores a member as it is. Markers stay where they are if they are further by now: in a crowd they move
/// without the lock of the head, under which the row was read.
pub(super) async fn write(conn: &mut Shared<'_>, row: &MemberRow) -> Result<(), Failure> {
    let change = (
        members::role.eq(&row.role),
        members::joined_at.eq(row.joined_at),
        members::left_at.eq(row.left_at),
        members::read_seq.eq(higher(members::read_seq, row.read_seq)),
        members::shown_seq.eq(higher(members::shown_seq, row.shown_seq)),
        members::version.eq(row.version),
        members::left_freely.eq(row.left_freely),
        members::hidden_seq.eq(row.hidden_seq),
        members::hidden_id.eq(row.hidden_id),
        members::silenced_by.eq(row.silenced_by),
        members::silenced_reason.eq(&row.silenced_reason),
        members::silenced_at.eq(row.silenced_at),
        members::silenced_until.eq(row.silenced_until),
    );
    let here = members::chat_id.eq(row.chat_id).and(members::user_id.eq(row.user_id));
    Prepared(diesel::update(members::table.filter(here)).set(change)).execute(conn).await?;
    Ok(())
}

/// Applies changes that were decided, and what follows from them in the whispers of the chat, and stores the
/// heads. All people of the changes must be in `found`.
pub(super) async fn apply(
    conn: &mut Conn,
    found: &mut Found,
    changes: &[MemberChange],
    at: Instant,
) -> Result<ChangedMembers, Failure> {
    let mut done = ChangedMembers::default();
    if changes.is_empty() {
        return Ok(done);
    }
    for change in changes {
        let person = found.people.get_mut(&change.user().get()).ok_or(Failure::NOT_FOUND)?;
        let row = change_one(conn, &mut found.head, person.row.take(), change, at).await?;
        person.row = Some(row.clone());
        note(&mut done, change, row, &person.summary)?;
    }
    heads::store(shared!(conn), &found.head).await?;
    follow(conn, found, changes, at, &mut done).await?;
    Ok(done)
}

/// Applies one change, as the next version of the chat. `row` is the person's row in it, if they have one.
async fn change_one(
    conn: &mut Conn,
    head: &mut Head,
    row: Option<MemberRow>,
    change: &MemberChange,
    at: Instant,
) -> Result<MemberRow, Failure> {
    match (change, row) {
        (MemberChange::Join { user, role }, None) => {
            let mut row = MemberRow::new(head.chat_id, user.get(), *role, at);
            head.version += 1;
            head.member_count += 1;
            begin(conn, head, &mut row).await?;
            row.version = head.version;
            diesel::insert_into(members::table).values(row.clone()).execute(conn).await?;
            Ok(row)
        }
        (MemberChange::Join { role, .. }, Some(mut row)) => {
            head.member_count += 1;
            role.as_str().clone_into(&mut row.role);
            (row.joined_at, row.left_at) = (at, None);
            row.left_freely = false;
            begin(conn, head, &mut row).await?;
            store(conn, head, &mut row).await?;
            Ok(row)
        }
        (MemberChange::SetRole { role, .. }, Some(mut row)) => {
            role.as_str().clone_into(&mut row.role);
            store(conn, head, &mut row).await?;
            Ok(row)
        }
        (MemberChange::Leave { freely, .. }, Some(mut row)) => {
            head.member_count -= 1;
            (row.left_at, row.left_freely) = (Some(at), *freely);
            store(conn, head, &mut row).await?;
            Ok(row)
        }
        (MemberChange::Silence { silence, .. }, Some(mut row)) => {
            row.set_silence(silence);
            // Of somebody who left nobody sees it.
            if row.left_at.is_none() {
                advance(head, &mut row);
            }
            write(shared!(conn), &row).await?;
            Ok(row)
        }
        (
            MemberChange::SetRole { .. }
            | MemberChange::Leave { .. }
            | MemberChange::Silence { .. },
            None,
        ) => Err(Failure::NOT_FOUND),
    }
}

/// What is hidden from somebody who comes into a chat now. Only one that hides its past takes statements for it.
async fn horizon(conn: &mut Conn, head: &Head, user: i64) -> Result<Horizon, Failure> {
    if !rules::hides_past(head.permissions.0) || head.last_seq == 0 {
        return Ok(Horizon::NONE);
    }
    let newest = messages::chat_id.eq(head.chat_id).and(messages::seq.eq(head.last_seq));
    let newest = messages::table.filter(newest).select((messages::seq, messages::id));
    let newest = rows::horizon(newest.first(conn).await?);
    let account = service_accounts::table.filter(service_accounts::user_id.eq(user));
    let is_service = select(exists(account)).get_result(conn).await?;
    Ok(rules::horizon(head.permissions.0, newest, is_service))
}

/// Sets what somebody has read who comes into a chat now, and what is hidden from them.
async fn begin(conn: &mut Conn, head: &Head, row: &mut MemberRow) -> Result<(), Failure> {
    let read = rules::newcomers_marker(Seq::stored(head.last_seq)).get();
    (row.read_seq, row.shown_seq) = (read, read);
    let hidden = horizon(conn, head, row.user_id).await?;
    (row.hidden_seq, row.hidden_id) =
        (hidden.seq().get(), hidden.message().map_or(0, MessageId::get));
    Ok(())
}

/// Adds a change to the list that the use case publishes.
fn note(
    done: &mut ChangedMembers,
    change: &MemberChange,
    row: MemberRow,
    person: &PersonRow,
) -> Result<(), Failure> {
    let list = match change {
        MemberChange::Join { .. } => &mut done.joined,
        MemberChange::Silence { .. } if row.left_at.is_some() => return Ok(()),
        MemberChange::SetRole { .. } | MemberChange::Silence { .. } => &mut done.changed,
        MemberChange::Leave { .. } => &mut done.left,
    };
    list.push(row.named(person.clone())?);
    Ok(())
}

/// Applies what follows from the changes in the whispers of the chat: whoever leaves the chat leaves its
/// whispers, whoever returns is back in them, and whoever is silenced is so in them. A whisper with one person left is closed.
async fn follow(
    conn: &mut Conn,
    found: &Found,
    changes: &[MemberChange],
    at: Instant,
    done: &mut ChangedMembers,
) -> Result<(), Failure> {
    // A change of a role changes nothing in whispers.
    let moves = changes.iter().filter(|change| {
        [true, false].iter().any(|present| change.in_whispers(*present).is_some())
    });
    let moves: HashMap<_, _> = moves.map(|change| (change.user().get(), change)).collect();
    if moves.is_empty() {
        return Ok(());
    }
    let users = moves.keys().copied().collect();
    let Whispers { mut around, rows } = whispers(conn, found.head.chat_id, users).await?;
    for row in rows {
        let change = moves.get(&row.user_id).and_then(|c| c.in_whispers(row.left_at.is_none()));
        let person = found.people.get(&row.user_id);
        let (Some(change), Some(person)) = (change, person) else { continue };
        let head = around.get_mut(&row.chat_id).ok_or(Failure::NOT_FOUND)?;
        let row = change_one(conn, head, Some(row), &change, at).await?;
        head.closed = direct_chat_state::is_closed(conn, head).await?;
        heads::store(shared!(conn), head).await?;
        note(done, &change, row, &person.summary)?;
    }
    Ok(())
}

/// The whispers of some people in a chat.
struct Whispers {
    /// The heads, locked.
    around: HashMap<i64, Head>,
    /// The rows of these people in them, whether they are members or have left, by ascending chat id.
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
    let heads = if ids.is_empty() { Vec::new() } else { lock_heads(shared!(conn), ids).await? };
    Ok(Whispers { around: heads.into_iter().map(|head| (head.chat_id, head)).collect(), rows })
}
