//! Chats whose members an application sets.

use super::chats::{self, ChatChange, NewChat};
use super::{Conn, audit, heads, lock_users, membership, people};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head};
use crate::schema::{bans, chats as chat_table, members};
use crate::types::Instant;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::chat::{
    ChangedMembers, Chat, ChatRole, ManagedAddress, ManagedChanges, ManagedChat, ManagedRefusal,
    ManagedState, ManagedSync, MemberChange,
};
use domain::data::Data;
use domain::ids::{ChatId, UserId};

/// Creates the chat, or changes it to what is wanted.
pub(super) async fn put(
    conn: &mut Conn,
    wanted: ManagedChat,
) -> Result<Result<ManagedSync, ManagedRefusal>, Failure> {
    let new = match first(&wanted) {
        Ok(new) => new,
        Err(why) => return Ok(Err(why)),
    };
    let (chat, made) = match wanted.may_be_made() {
        Ok(()) => chats::open(conn, new).await?,
        Err(refusal) => match chats::find(conn, &new).await? {
            Some(chat) => (chat, false),
            None => return Ok(Err(refusal)),
        },
    };
    let record = wanted.record.clone();
    let members = ChangedMembers::default();
    let mut sync = ManagedSync { chat, made, updated: false, members };
    if !made {
        sync = match change(conn, wanted, sync).await? {
            Ok(sync) => sync,
            Err(refusal) => return Ok(Err(refusal)),
        };
    }
    if sync.is_change() {
        audit::write(conn, sync.chat.id.get(), &record).await?;
    }
    Ok(Ok(sync))
}

/// How it is made, if it has to be.
fn first(wanted: &ManagedChat) -> Result<NewChat, ManagedRefusal> {
    let external_id = match wanted.address.clone() {
        ManagedAddress::Project(_) => None,
        ManagedAddress::Host(issuer, id) => Some((issuer, id)),
    };
    Ok(NewChat {
        kind: wanted.address.kind(),
        key: wanted.address.key(),
        title: wanted.title.clone(),
        people: wanted.first_members(),
        open: false,
        permissions: wanted.first_permissions()?,
        external_id,
        data: wanted.first_data()?,
        at: Instant(wanted.at),
    })
}

/// Changes an existing chat to what is wanted.
async fn change(
    conn: &mut Conn,
    wanted: ManagedChat,
    mut sync: ManagedSync,
) -> Result<Result<ManagedSync, ManagedRefusal>, Failure> {
    let id = sync.chat.id;
    let ids: Vec<_> = wanted.members.named().keys().map(|user| user.get()).collect();
    lock_users(conn, ids.clone()).await?;
    people::exist(conn, ids).await?;
    let mut head = heads::lock(conn, id).await?;
    let chat = chat_table::table.filter(chat_table::id.eq(head.chat_id));
    sync.chat = chat.select(ChatRow::as_select()).first(conn).await?.headed(&head)?;
    let present = present_members(conn, id).await?;
    let changes = match wanted.decide(ManagedState::from(&sync.chat), &present) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if changes.is_update() {
        sync.chat = update(conn, &mut head, &changes).await?;
        sync.updated = true;
    }
    let concerned: Vec<_> = changes.members.iter().map(MemberChange::user).collect();
    let mut found = membership::find(conn, head, &concerned).await?;
    sync.members =
        membership::apply(conn, &mut found, &changes.members, Instant(wanted.at)).await?;
    if sync.updated && changes.members.is_empty() {
        heads::store(shared!(conn), &found.head).await?;
    }
    lift_bans(conn, id, changes.lifts_bans_of()).await?;
    Ok(Ok(sync))
}

/// Gives a chat, whose head is locked, what is to be different, as one version.
async fn update(
    conn: &mut Conn,
    head: &mut Head,
    changes: &ManagedChanges,
) -> Result<Chat, Failure> {
    head.version += 1;
    if let Some(permissions) = changes.permissions {
        chats::permit(conn, head, permissions).await?;
    }
    let change = ChatChange {
        title: changes.title.as_ref().map(ToString::to_string),
        description: None,
        data: changes.data.clone().map(|data| data.map(Data::into_string)),
        version: head.version,
    };
    let row = diesel::update(chat_table::table.filter(chat_table::id.eq(head.chat_id)));
    let row = row.set(change).returning(ChatRow::as_returning()).get_result(conn).await?;
    row.headed(head)
}

/// A chat's members and their roles.
async fn present_members(
    conn: &mut Conn,
    chat: ChatId,
) -> Result<Vec<(UserId, ChatRole)>, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::left_at.is_null());
    let rows = members::table.filter(here).order(members::user_id);
    let rows = rows.select((members::user_id, members::role)).load::<(i64, String)>(conn).await?;
    let member = |(user, role): (i64, String)| Ok((UserId::stored(user), rows::chat_role(&role)?));
    rows.into_iter().map(member).collect()
}

/// Lifts the bans of those of these people who have one.
async fn lift_bans(conn: &mut Conn, chat: ChatId, of: Vec<UserId>) -> Result<(), Failure> {
    if !of.is_empty() {
        let theirs = bans::user_id.eq_any(of.into_iter().map(UserId::get));
        let theirs = bans::chat_id.eq(chat.get()).and(theirs);
        diesel::delete(bans::table.filter(theirs)).execute(conn).await?;
    }
    Ok(())
}
