//! Who is in which chat.

use super::MemoryDb;
use super::state::MemberRow;
use async_trait::async_trait;
use domain::chat::{ChatRole, Member, MemberChange, MemberPage, MemberStore, ReadMarker, Standing};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId};

#[async_trait]
impl MemberStore for MemoryDb {
    async fn standing(&self, chat: ChatId, user: UserId) -> Result<Standing, StoreError> {
        let state = self.state();
        let row = state.chat(chat)?;
        row.standing(user, state.is_closed(row))
    }

    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<MemberPage, StoreError> {
        let state = self.state();
        let Ok(row) = state.chat(chat) else {
            return Ok(MemberPage { members: Vec::new(), more: false });
        };
        let mut ids = row.present().map(|(id, _)| id).filter(|id| after.is_none_or(|a| *id > a));
        let members = ids.by_ref().take(limit).map(|id| state.member(chat, id));
        let members = members.collect::<Result<_, _>>()?;
        Ok(MemberPage { members, more: ids.next().is_some() })
    }

    async fn add(
        &self,
        chat: ChatId,
        user: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<MemberChange, StoreError> {
        let mut state = self.state();
        state.account(user)?;
        let row = state.chat_mut(chat)?;
        if row.is_member(user) {
            return Ok(None);
        }
        if row.present().count() >= capacity {
            return Err(StoreError::Conflict);
        }
        let (version, read_seq) = (row.step(), row.last_seq());
        let role = ChatRole::Member;
        let member = MemberRow { role, joined_at: at, left_at: None, read_seq, version };
        row.members.insert(user, member);
        state.member(chat, user).map(Some)
    }

    async fn set_role(
        &self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<MemberChange, StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?;
        if row.present_member(user)?.role == role {
            return Ok(None);
        }
        let version = row.step();
        let member = row.present_mut(user)?;
        (member.role, member.version) = (role, version);
        state.member(chat, user).map(Some)
    }

    async fn hand_over(
        &self,
        chat: ChatId,
        from: UserId,
        to: UserId,
    ) -> Result<[Member; 2], StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?;
        row.present_member(to)?;
        if row.present_member(from)?.role != ChatRole::Owner || from == to {
            return Err(StoreError::Conflict);
        }
        for (user, role) in [(to, ChatRole::Owner), (from, ChatRole::Admin)] {
            let version = row.step();
            let member = row.present_mut(user)?;
            (member.role, member.version) = (role, version);
        }
        Ok([state.member(chat, to)?, state.member(chat, from)?])
    }

    async fn remove(
        &self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Member, StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?;
        row.present_member(user)?;
        let version = row.step();
        let member = row.present_mut(user)?;
        (member.left_at, member.version) = (Some(at), version);
        state.member(chat, user)
    }

    async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        seq: Seq,
    ) -> Result<ReadMarker, StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?;
        let marker = row.present_member(user)?.read_seq;
        if seq > row.last_seq() {
            return Err(StoreError::Conflict);
        }
        if seq <= marker {
            return Ok(ReadMarker { seq: marker, moved: None });
        }
        let version = row.step();
        let member = row.present_mut(user)?;
        (member.read_seq, member.version) = (seq, version);
        Ok(ReadMarker { seq, moved: Some(version) })
    }

    async fn contacts(&self, user: UserId, limit: usize) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let shared = state.chats.values().filter(|row| row.is_member(user));
        let mut contacts: Vec<_> = shared
            .flat_map(|row| row.present().map(|(id, _)| id))
            .filter(|id| *id != user)
            .collect();
        contacts.sort_unstable();
        contacts.dedup();
        contacts.truncate(limit);
        Ok(contacts)
    }

    async fn sharing(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let shares = |other: &UserId| {
            let mut rows = state.chats.values();
            *other == user || rows.any(|row| row.is_member(user) && row.is_member(*other))
        };
        Ok(others.iter().copied().filter(shares).collect())
    }
}
