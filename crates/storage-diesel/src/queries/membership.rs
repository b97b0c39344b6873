//! Who is in a chat: what the rules ask about people in it, and the changes that they decide, with
//! what follows from those in whispers there. The head of the chat is locked first; those of the
//! whispers are locked later, all at once and in their order, and they come after it: nothing is
//! whispered in a chat before there is the chat.

use super::columns::Columns;
use super::{Conn, Shared, direct_chat_state, heads, higher, lock_heads};
use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::{self, Head, KindRow, MemberRow, PersonRow};
use crate::schema::{chats, members, users};
use crate::types::Instant;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{ChangedMembers, ChatKind, MemberChange, Standing, Target};
use domain::ids::{ChatId, UserId};
use std::collections::{BTreeMap, HashMap};

/// A chat, whose head is locked, and some people as they are in it then.
pub(super) struct Found {
    pub(super) head: Head,
    /// `None` if none of the people ever had an account.
    kind: Option<ChatKind>,
    people: BTreeMap<i64, Person>,
}

/// Somebody who is in the chat, was, or never was.
struct Person {
    summary: PersonRow,
    exists: bool,
    row: Option<MemberRow>,
}

impl Found {
    /// Where somebody stands, if they are in.
    pub(super) fn standing(&self, user: UserId) -> Result<Option<Standing>, Failure> {
        let (Some(row), Some(kind)) = (self.present(user), self.kind) else { return Ok(None) };
        row.standing(kind, &self.head).map(Some)
    }

    /// Whom a change of members is about.
    pub(super) fn target(&self, user: UserId) -> Result<Target, Failure> {
        let exists = self.people.get(&user.get()).is_some_and(|person| person.exists);
        let role = self.present(user).map(|row| rows::chat_role(&row.role)).transpose()?;
        Ok(Target { exists, role })
    }

    /// When somebody who is out left by themselves, if they did.
    pub(super) fn left_freely_at(&self, user: UserId) -> Option<Instant> {
        self.row(user).filter(|row| row.left_freely)?.left_at
    }

    fn present(&self, user: UserId) -> Option<&MemberRow> {
        self.row(user).filter(|row| row.left_at.is_none())
    }

    fn row(&self, user: UserId) -> Option<&MemberRow> {
        self.people.get(&user.get())?.row.as_ref()
    }
}

/// A chat, locked, and these people in it. `None` if there is no such chat.
pub(super) async fn lock(
    conn: &mut Conn,
    chat: ChatId,
    people: &[UserId],
) -> Result<Option<Found>, Failure> {
    let Some(head) = heads::find(shared!(conn), chat).await? else { return Ok(None) };
    find(conn, head, people).await.map(Some)
}

/// These people in a chat, whose head is locked.
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

/// The row of somebody who is in the chat, whose head is locked.
pub(super) async fn present(
    conn: &mut Shared<'_>,
    chat: ChatId,
    user: UserId,
) -> Result<MemberRow, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let row = members::table.filter(here.and(members::left_at.is_null()));
    row.select(MemberRow::as_select()).first(conn).await.optional()?.ok_or(Failure::NOT_FOUND)
}

/// Stores a member as the chat's next version. The head is stored by the caller.
pub(super) async fn store(
    conn: &mut Conn,
    head: &mut Head,
    row: &mut MemberRow,
) -> Result<(), Failure> {
    advance(head, row);
    write(shared!(conn), row).await
}

/// Makes a member the chat's next version, for [`write`] and the head to be stored.
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
    );
    let here = members::chat_id.eq(row.chat_id).and(members::user_id.eq(row.user_id));
    Prepared(diesel::update(members::table.filter(here)).set(change)).execute(conn).await?;
    Ok(())
}

/// Makes changes that were decided about people who were found, and what follows from them in
/// whispers in the chat, and stores the heads.
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
        let row = change_one(conn, &mut found.head, person.row.take(), *change, at).await?;
        person.row = Some(row.clone());
        note(&mut done, *change, row, &person.summary)?;
    }
    heads::store(shared!(conn), &found.head).await?;
    follow(conn, found, changes, at, &mut done).await?;
    Ok(done)
}

/// Makes one change, given the row of the one whom it is about, if they have one.
async fn change_one(
    conn: &mut Conn,
    head: &mut Head,
    row: Option<MemberRow>,
    change: MemberChange,
    at: Instant,
) -> Result<MemberRow, Failure> {
    match (change, row) {
        (MemberChange::Join { user, role }, None) => {
            let mut row = MemberRow::new(head.chat_id, user.get(), role, at);
            head.version += 1;
            head.member_count += 1;
            (row.read_seq, row.shown_seq) = (head.last_seq, head.last_seq);
            row.version = head.version;
            diesel::insert_into(members::table).values(row.clone()).execute(conn).await?;
            Ok(row)
        }
        (MemberChange::Join { role, .. }, Some(mut row)) => {
            head.member_count += 1;
            role.as_str().clone_into(&mut row.role);
            (row.joined_at, row.left_at) = (at, None);
            (row.read_seq, row.shown_seq) = (head.last_seq, head.last_seq);
            row.left_freely = false;
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
            (row.left_at, row.left_freely) = (Some(at), freely);
            store(conn, head, &mut row).await?;
            Ok(row)
        }
        (MemberChange::SetRole { .. } | MemberChange::Leave { .. }, None) => {
            Err(Failure::NOT_FOUND)
        }
    }
}

fn note(
    done: &mut ChangedMembers,
    change: MemberChange,
    row: MemberRow,
    person: &PersonRow,
) -> Result<(), Failure> {
    let list = match change {
        MemberChange::Join { .. } => &mut done.joined,
        MemberChange::SetRole { .. } => &mut done.changed,
        MemberChange::Leave { .. } => &mut done.left,
    };
    list.push(row.named(person.clone())?);
    Ok(())
}

/// What follows from changes in whispers in the chat.
async fn follow(
    conn: &mut Conn,
    found: &Found,
    changes: &[MemberChange],
    at: Instant,
    done: &mut ChangedMembers,
) -> Result<(), Failure> {
    // A change of a role concerns nobody's whispers.
    let moves = changes.iter().filter(|change| {
        [true, false].iter().any(|present| change.in_whispers(*present).is_some())
    });
    let moves: HashMap<_, _> = moves.map(|change| (change.user().get(), *change)).collect();
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
        let row = change_one(conn, head, Some(row), change, at).await?;
        head.closed = direct_chat_state::is_closed(conn, head).await?;
        heads::store(shared!(conn), head).await?;
        note(done, change, row, &person.summary)?;
    }
    Ok(())
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
    let heads = if ids.is_empty() { Vec::new() } else { lock_heads(shared!(conn), ids).await? };
    Ok(Whispers { around: heads.into_iter().map(|head| (head.chat_id, head)).collect(), rows })
}
