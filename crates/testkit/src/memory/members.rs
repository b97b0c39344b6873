//! Who is in which chat.

use super::MemoryDb;
use super::state::{MemberRow, State};
use async_trait::async_trait;
use domain::chat::{
    ChatRole, JoinError, Joined, Joining, Member, MemberChange, MemberPage, MemberStore,
    Membership, ReadMarker, Standing, rules,
};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId};
use std::collections::BTreeSet;

impl State {
    fn add_member(&mut self, joining: Joining) -> Result<Option<Joined>, JoinError> {
        let Joining { chat, user, role, capacity, at } = joining;
        self.account(user)?;
        let row = self.chat(chat)?;
        if row.is_member(user) {
            return Ok(None);
        }
        rules::may_join(row.present().count(), capacity, row.bans.get(&user), at)?;
        let mut joined = self.enter_with_whispers(chat, user, role, at)?;
        let member = joined.remove(0);
        Ok(Some(Joined { member, whispers: joined }))
    }

    /// Lets somebody in who is not, and back into their whispers there: the chat's member first.
    pub(super) fn enter_with_whispers(
        &mut self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
        at: Timestamp,
    ) -> Result<Vec<Member>, StoreError> {
        let mut joined = vec![self.enter(chat, user, role, at)?];
        for whispers in self.whispers_of(chat, user, false) {
            joined.push(self.enter(whispers, user, ChatRole::Member, at)?);
        }
        Ok(joined)
    }

    /// Lets somebody in who is not. What they had chosen before they left still holds.
    fn enter(
        &mut self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
        at: Timestamp,
    ) -> Result<Member, StoreError> {
        let row = self.chat_mut(chat)?;
        let (version, read_seq) = (row.step(), row.last_seq());
        let preferences = row.members.get(&user).map(|was| was.preferences).unwrap_or_default();
        let member = MemberRow { preferences, ..MemberRow::new(role, at, read_seq, version) };
        row.members.insert(user, member);
        self.member(chat, user)
    }

    /// Refuses to take somebody out whom the chat cannot be without.
    pub(super) fn spare(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        let row = self.chat(chat)?;
        let role = row.present_member(user)?.role;
        if rules::needs(row.chat.kind, role) { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// Takes somebody out of a chat and of their whispers in it.
    pub(super) fn remove_member(
        &mut self,
        chat: ChatId,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<Member>, StoreError> {
        self.chat(chat)?.present_member(user)?;
        let mut left = Vec::new();
        for id in [vec![chat], self.whispers_of(chat, user, true)].concat() {
            let row = self.chat_mut(id)?;
            let version = row.step();
            let member = row.present_mut(user)?;
            (member.left_at, member.version) = (Some(at), version);
            left.push(self.member(id, user)?);
        }
        Ok(left)
    }

    /// What somebody whispered in a chat, where they are in it or no more.
    fn whispers_of(&self, chat: ChatId, user: UserId, present: bool) -> Vec<ChatId> {
        let whispers = self.chats.values().filter(|row| row.chat.kind.parent() == Some(chat));
        let theirs = whispers.filter(|row| row.pair.is_some_and(|pair| pair.has(user)));
        theirs.filter(|row| row.is_member(user) == present).map(|row| row.chat.id).collect()
    }
}

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

    async fn together(
        &self,
        chats: &[ChatId],
        viewer: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let state = self.state();
        let chats: BTreeSet<_> = chats.iter().collect();
        let rows = chats.into_iter().filter_map(|chat| state.chats.get(chat));
        let seen = rows.filter(|row| viewer.is_none_or(|viewer| row.is_member(viewer)));
        let members = seen.flat_map(|row| row.present().map(|(user, _)| (row.chat.id, user)));
        members.take(limit).map(|(chat, user)| state.member(chat, user)).collect()
    }

    async fn add(&self, joining: Joining) -> Result<Option<Joined>, JoinError> {
        self.state().add_member(joining)
    }

    async fn set_role(
        &self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<MemberChange, StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?;
        match row.present_member(user)?.role {
            same if same == role => return Ok(None),
            ChatRole::Owner => return Err(StoreError::Conflict),
            _ => {}
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
    ) -> Result<Vec<Member>, StoreError> {
        let mut state = self.state();
        state.spare(chat, user)?;
        state.remove_member(chat, user, at)
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

    async fn contacts(
        &self,
        user: UserId,
        crowd: usize,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let shared = state.chats.values().filter(|row| row.is_member(user));
        let shared = shared.filter(|row| row.present().count() <= crowd);
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
    async fn memberships(&self, people: &[UserId]) -> Result<Vec<Membership>, StoreError> {
        let state = self.state();
        let members = state.chats.values().flat_map(|row| {
            let present = people.iter().filter(|user| row.is_member(**user));
            present.map(|user| state.member(row.chat.id, *user))
        });
        let members = members.collect::<Result<Vec<_>, _>>()?;
        let mut found: Vec<_> = members
            .iter()
            .map(|m| Membership { user: m.user.id, chat: m.chat, version: m.version })
            .collect();
        found.sort_by_key(|membership| (membership.user, membership.chat));
        Ok(found)
    }
}
