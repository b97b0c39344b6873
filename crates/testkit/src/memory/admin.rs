//! Admins' changes, and the audit log.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::admin::{
    AccountChange, AccountPage, AccountQuery, AdminChat, AdminChatPage, AdminStore, AuditEntry,
    AuditKind, AuditPage, AuditQuery, AuditTarget, ListedKind, Record, Updated,
};
use domain::chat::DeletedChat;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{AuditId, ChatId, MessageId, UserId};
use domain::limits::SIGN_INS_KEPT;
use domain::message::Message;
use domain::user::{NewUser, User, UserQuery};

impl State {
    pub(super) fn write_log(&mut self, target: i64, record: Record) {
        let id = AuditId::stored(self.next_id());
        let (action, target) = (record.action, AuditTarget::of(record.action, target));
        self.audit.push(AuditEntry { id, target, record, count: 1 });
        if action.kind() == AuditKind::SignIn {
            let alike = |e: &AuditEntry| e.record.action == action && e.target == target;
            let mut surplus = self.audit.iter().filter(|e| alike(e)).count();
            surplus = surplus.saturating_sub(SIGN_INS_KEPT);
            self.audit.retain(|e| {
                let goes = alike(e) && surplus > 0;
                surplus -= usize::from(goes);
                !goes
            });
        }
    }

    pub(super) fn update_user(
        &mut self,
        id: UserId,
        change: AccountChange,
        at: Timestamp,
    ) -> Result<Updated, StoreError> {
        let (ends_sessions, now) = (change.ends_sessions(), self.now());
        self.set_profile(id, change.profile)?;
        let row = self.account(id)?;
        let role = change.role.filter(|role| *role != row.user.role);
        row.password = change.password.unwrap_or(row.password.clone());
        row.user.active = change.active.unwrap_or(row.user.active);
        if let Some(role) = role {
            row.user.role = role;
            row.role_set_at = Some(now);
        }
        let members = if role.is_some() { self.touch(id)? } else { Vec::new() };
        if ends_sessions {
            self.end_sessions(id, None, at);
        }
        Ok(Updated { account: self.account(id)?.shown(), members })
    }
}

impl State {
    pub(super) fn delete_chat_noted(
        &mut self,
        chat: ChatId,
        record: Record,
    ) -> Result<DeletedChat, StoreError> {
        let (chat, gone) = self.delete_chat(chat)?;
        self.write_log(chat.id.get(), Record { detail: chat.described(), ..record });
        Ok(DeletedChat { chat, gone })
    }

    fn not_whispered(&self, chat: ChatId) -> Result<(), StoreError> {
        match self.chat(chat)?.chat.kind.parent() {
            Some(_) => Err(StoreError::NotFound),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl AdminStore for MemoryDb {
    async fn add_user(&self, user: NewUser, record: Record) -> Result<User, StoreError> {
        let mut state = self.state();
        let user = state.add_user(user)?;
        state.write_log(user.id.get(), record);
        Ok(user)
    }

    async fn update_user(
        &self,
        id: UserId,
        change: AccountChange,
        records: Vec<Record>,
        at: Timestamp,
    ) -> Result<Updated, StoreError> {
        let mut state = self.state();
        let updated = state.update_user(id, change, at)?;
        records.into_iter().for_each(|record| state.write_log(id.get(), record));
        Ok(updated)
    }

    async fn find_users(&self, query: AccountQuery) -> Result<AccountPage, StoreError> {
        let AccountQuery { folded, role, active, after, limit } = query;
        let state = self.state();
        let wanted = |user: &User| {
            user.deleted_at.is_none()
                && role.is_none_or(|role| user.role == role)
                && active.is_none_or(|active| user.active == active)
        };
        let query = UserQuery { folded, after, limit, sharing_with: None };
        let page = state.find_users(&query, wanted);
        let accounts = page.users.iter().map(|user| state.users[&user.id].shown()).collect();
        Ok(AccountPage { accounts, next: page.next })
    }

    async fn chats(
        &self,
        kind: Option<ListedKind>,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<AdminChatPage, StoreError> {
        let state = self.state();
        let wanted = |row: &&super::state::ChatRow| {
            row.chat.kind.parent().is_none()
                && kind.is_none_or(|kind| row.chat.kind.as_str() == kind.as_str())
                && after.is_none_or(|after| row.chat.id > after)
        };
        let mut rows = state.chats.values().filter(wanted).map(|row| AdminChat {
            chat: row.chat.clone(),
            member_count: i64::try_from(row.present().count()).unwrap(),
            message_count: row.last_seq().get(),
            active_at: row.active_at,
        });
        let chats = rows.by_ref().take(limit).collect();
        Ok(AdminChatPage { chats, more: rows.next().is_some() })
    }

    async fn delete_chat(&self, chat: ChatId, record: Record) -> Result<DeletedChat, StoreError> {
        let mut state = self.state();
        state.not_whispered(chat)?;
        state.delete_chat_noted(chat, record)
    }

    async fn delete_message(&self, id: MessageId, record: Record) -> Result<Message, StoreError> {
        let mut state = self.state();
        let (chat, _) = *state.places.get(&id).ok_or(StoreError::NotFound)?;
        state.not_whispered(chat)?;
        let tombstone = state.delete_message(id, record.at)?;
        state.write_log(id.get(), record);
        Ok(tombstone)
    }

    async fn audit(&self, query: AuditQuery) -> Result<AuditPage, StoreError> {
        let (state, AuditQuery { kind, before, limit }) = (self.state(), query);
        let wanted = |entry: &&AuditEntry| {
            before.is_none_or(|before| entry.id < before)
                && kind.is_none_or(|kind| entry.record.action.kind() == kind)
        };
        let mut entries = state.audit.iter().rev().filter(wanted).cloned();
        let page = entries.by_ref().take(limit).collect();
        Ok(AuditPage { entries: page, more: entries.next().is_some() })
    }
}
