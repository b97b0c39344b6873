//! Changes that admins make, each in one transaction with its entries in the audit log.

use super::columns::Columns;
use super::{
    Conn, Store, audit, deleted_chats, direct_chat_state, lock_users, memberships, messages, now,
    people, session_end, users as accounts,
};
use crate::error::Failure;
use crate::rows::{self, ChatRow, Head};
use crate::schema::{chat_heads, chats as chat_table, messages as message_table, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::admin::{
    AccountChange, AccountPage, AccountQuery, AdminChat, AdminChatPage, AdminStore, AuditPage,
    AuditQuery, ListedKind, Record, Updated,
};
use domain::chat::DeletedChat;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, UserId};
use domain::message::Message;
use domain::user::{AccountRole, Lookalikes, NewUser, ProfileChange, User};

#[async_trait]
impl AdminStore for Store {
    async fn add_user(&self, user: NewUser, record: Record) -> Result<User, StoreError> {
        let rule = self.lookalikes;
        let add = self.db.write_apart(move |conn| {
            Box::pin(async move {
                let user = accounts::add(conn, user, rule).await?;
                audit::write(conn, user.id.get(), &record).await?;
                Ok(user)
            })
        });
        Ok(add.await?)
    }

    async fn update_user(
        &self,
        id: UserId,
        change: AccountChange,
        records: Vec<Record>,
        at: Timestamp,
    ) -> Result<Updated, StoreError> {
        let update = self.db.write(move |conn| {
            Box::pin(async move {
                // Admins rename nobody, so the rule about similar names does not matter here.
                let rule = Lookalikes::Allow;
                let updated = update_user(conn, id.get(), (change, rule), at).await?;
                for record in &records {
                    audit::write(conn, id.get(), record).await?;
                }
                Ok(updated)
            })
        });
        Ok(update.await?)
    }

    async fn find_users(&self, query: AccountQuery) -> Result<AccountPage, StoreError> {
        Ok(people::find(&self.db, query, None).await?)
    }

    async fn chats(
        &self,
        kind: Option<ListedKind>,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<AdminChatPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(list_chats(conn, kind, after, limit))).await?)
    }

    async fn delete_chat(&self, chat: ChatId, record: Record) -> Result<DeletedChat, StoreError> {
        let delete = self.db.write_in(chat, move |conn| {
            Box::pin(async move {
                not_whispered(conn, chat.get()).await?;
                delete_chat(conn, chat, record).await
            })
        });
        Ok(delete.await?)
    }

    async fn delete_message(&self, id: MessageId, record: Record) -> Result<Message, StoreError> {
        let delete = self.db.write(move |conn| {
            Box::pin(async move {
                // Read before the lock, which is fine: a message never moves to another chat.
                let message = message_table::table.filter(message_table::id.eq(id.get()));
                let chat = message.select(message_table::chat_id).first(conn).await?;
                not_whispered(conn, chat).await?;
                let tombstone = messages::delete_any(conn, id, Instant(record.at)).await?;
                audit::write(conn, id.get(), &record).await?;
                Ok(tombstone)
            })
        });
        Ok(delete.await?)
    }

    async fn audit(&self, query: AuditQuery) -> Result<AuditPage, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(audit::read(conn, query))).await?)
    }
}

/// `NotFound` if the chat is whispers: admins do not reach private messages. A chat never becomes whispers, or
/// stops being whispers while it exists, so no lock is needed.
async fn not_whispered(conn: &mut Conn, chat: i64) -> Result<(), Failure> {
    let parent = chat_table::table.filter(chat_table::id.eq(chat)).select(chat_table::parent_id);
    match parent.first::<Option<i64>>(conn).await? {
        Some(_) => Err(Failure::NOT_FOUND),
        None => Ok(()),
    }
}

/// Deletes a chat, with an entry in the log that says what it was. The description comes from the row under the
/// lock, and replaces the record's own detail.
pub(super) async fn delete_chat(
    conn: &mut Conn,
    chat: ChatId,
    record: Record,
) -> Result<DeletedChat, Failure> {
    let deleted = deleted_chats::delete(conn, chat).await?;
    let record = Record { detail: deleted.chat.described(), ..record };
    audit::write(conn, chat.get(), &record).await?;
    Ok(deleted)
}

/// Changes an account, and what follows from that: whether its direct chats are closed, the version of its
/// memberships if its role changed, and its sessions. `rule` is applied if its name changes. Locks the
/// account, and then the chats that it is in, in the order that every transaction keeps.
pub(super) async fn update_user(
    conn: &mut Conn,
    id: i64,
    (change, rule): (AccountChange, Lookalikes),
    at: Timestamp,
) -> Result<Updated, Failure> {
    lock_users(conn, vec![id]).await?;
    let before = accounts::account(conn, id).await?.user;
    let row = users::table.filter(users::id.eq(id));
    if let Some(password) = &change.password {
        accounts::set_password(conn, id, password.clone()).await?;
    }
    let role = change.role.filter(|role| *role != before.role);
    let active = change.active.filter(|active| *active != before.active);
    // Both are seen by other members, so both need the chats' heads.
    let locks = role.is_some() || active.is_some();
    let chats = if locks { memberships::lock(conn, id).await? } else { Vec::new() };
    if let Some(active) = active {
        diesel::update(row).set(users::active.eq(active)).execute(conn).await?;
        let pairs = direct_chat_state::pairs(conn, id).await?;
        direct_chat_state::refresh(conn, id, pairs).await?;
    }
    if change.profile != ProfileChange::default() {
        accounts::set_profile(conn, id, change.profile.clone(), rule).await?;
    }
    let mut members = Vec::new();
    if let Some(role) = role {
        set_role(conn, id, role).await?;
        members = memberships::touch(conn, id, &chats).await?;
    }
    if change.ends_sessions() {
        session_end::end_all(conn, id, None, at).await?;
    }
    Ok(Updated { account: accounts::account(conn, id).await?, members })
}

async fn set_role(conn: &mut Conn, id: i64, role: AccountRole) -> Result<(), Failure> {
    // By the database's clock, because nodes poll for roles that were set since they last asked, and their own
    // clocks may differ.
    let values = (users::role.eq(role.as_str()), users::role_set_at.eq(now(conn).await?));
    diesel::update(users::table.filter(users::id.eq(id))).set(values).execute(conn).await?;
    Ok(())
}

async fn list_chats(
    conn: &mut Conn,
    kind: Option<ListedKind>,
    after: Option<ChatId>,
    limit: usize,
) -> Result<AdminChatPage, Failure> {
    let mut rows = chat_table::table
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(chat_table::id)))
        .filter(chat_table::id.gt(after.map_or(0, ChatId::get)))
        .filter(chat_table::parent_id.is_null())
        .filter(chat_heads::deleted.eq(false))
        .order(chat_table::id)
        .limit(rows::one_more(limit))
        .select((ChatRow::as_select(), Head::as_select()))
        .into_boxed();
    if let Some(kind) = kind {
        rows = rows.filter(chat_table::kind.eq(kind.as_str()));
    }
    let rows = rows.load::<(ChatRow, Head)>(conn).await?.into_iter().map(|(chat, head)| {
        Ok(AdminChat {
            chat: chat.headed(&head)?,
            member_count: head.member_count,
            message_count: head.last_seq,
            active_at: head.active_at.0,
        })
    });
    let mut chats = rows.collect::<Result<Vec<_>, Failure>>()?;
    let more = rows::cut(&mut chats, limit);
    Ok(AdminChatPage { chats, more })
}
