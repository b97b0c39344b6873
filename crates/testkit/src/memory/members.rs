//! Chat members.

use super::MemoryDb;
use super::state::{MemberRow, State};
use async_trait::async_trait;
use domain::admin::Record;
use domain::chat::{
    ChangedMembers, ChatActor, ChatFacts, ChatKey, ChatRole, Horizons, JoinError, JoinFacts,
    Joining, MarkerMove, Member, MemberChange, MemberPage, MemberStore, Membership, Moved, Pair,
    ReadMarker, Reader, RemoveMember, RemoveMemberError, RemoveMemberFacts, SetMember,
    SetMemberError, SetMemberFacts, Standing, Target, Wishes, move_marker, rules,
};
use domain::clock::Timestamp;
use domain::directory::{Tie, TieStore};
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, Seq, UserId};
use domain::limits::WRITTEN_AMONG;
use std::collections::BTreeSet;

impl State {
    /// Somebody's standing in a chat, if they are a member.
    pub(super) fn standing(&self, chat: ChatId, user: UserId) -> Option<Standing> {
        let row = self.chats.get(&chat)?;
        row.standing(user, self.is_closed(row)).ok()
    }

    /// Where whoever changes a chat stands in it, if they reach it.
    pub(super) fn actor(&self, chat: ChatId, actor: ChatActor) -> Option<Standing> {
        let facts = self.chats.get(&chat).map(|row| row.facts(self.is_closed(row)));
        actor.stands(self.standing(chat, actor.user()), facts)
    }

    /// Writes a line of the audit log, if there is to be one.
    pub(super) fn note(&mut self, target: i64, record: Option<Record>) {
        if let Some(record) = record {
            self.write_log(target, record);
        }
    }

    /// Whether two people, or one, are now members of the same chat.
    pub(super) fn share(&self, one: UserId, other: UserId) -> bool {
        self.chats.values().any(|row| row.is_member(one) && row.is_member(other))
    }

    /// The person that a change of members is about.
    pub(super) fn target(&self, chat: ChatId, user: UserId) -> Target {
        let member = self.chats.get(&chat).and_then(|row| row.present_member(user).ok());
        Target { exists: self.exists(user), role: member.map(|member| member.role) }
    }

    fn add_member(&mut self, joining: Joining) -> Result<ChangedMembers, JoinError> {
        let Joining { chat, user, at, .. } = joining;
        let (row, target) = (self.chat(chat)?, self.target(chat, user));
        if target == Target::default() {
            return Err(StoreError::NotFound.into());
        }
        let (present, members) = (target.role.is_some(), row.present().count());
        let facts = JoinFacts { present, members, ban: row.bans.get(&user) };
        let changes = joining.decide(facts).map_err(WriteError::Refused)?;
        Ok(self.change_members(chat, &changes, at)?)
    }

    fn set_member(&mut self, wanted: SetMember) -> Result<ChangedMembers, SetMemberError> {
        let SetMember { chat, actor, user, at, .. } = wanted;
        let row = self.chats.get(&chat);
        let owned = row.filter(|_| wanted.needs_owner());
        let changes = wanted.decide(SetMemberFacts {
            actor: self.actor(chat, actor),
            target: self.target(chat, user),
            members: row.map_or(0, |row| row.present().count()),
            ban: row.and_then(|row| row.bans.get(&user)),
            wishes: self.wishes(chat, actor.user(), user),
            owner: owned.and_then(|row| {
                let mut owners = row.present().filter(|(_, row)| row.role == ChatRole::Owner);
                owners.next().map(|(user, _)| user)
            }),
        });
        let changes = changes.map_err(WriteError::Refused)?;
        if !changes.is_empty() {
            self.note(chat.get(), wanted.record());
        }
        Ok(self.change_members(chat, &changes, at)?)
    }

    /// What bears on whether `actor` may add `user`: a block, leaving on their own, recent writing.
    fn wishes(&self, chat: ChatId, actor: UserId, user: UserId) -> Wishes {
        let row = self.chats.get(&chat).and_then(|row| row.members.get(&user));
        let direct = self.keys.get(&ChatKey::Direct(Pair::new(actor, user)));
        let said = direct.and_then(|direct| self.chats.get(direct)).map(|row| &row.messages);
        let newest = said.into_iter().flat_map(|all| all.iter().rev().take(WRITTEN_AMONG));
        let mut theirs = newest.filter(|message| message.author == user);
        Wishes {
            blocked_actor: self.blocks.contains_key(&(user, actor)),
            left_at: row.filter(|row| row.left_freely).and_then(|row| row.left_at),
            wrote_at: theirs.next().map(|message| message.created_at),
        }
    }

    fn remove_member(&mut self, wanted: RemoveMember) -> Result<ChangedMembers, RemoveMemberError> {
        let RemoveMember { chat, actor, user, at } = wanted;
        let (actor, target) = (self.actor(chat, actor), self.target(chat, user).role);
        let changes = wanted.decide(RemoveMemberFacts { actor, target });
        let changes = changes.map_err(WriteError::Refused)?;
        self.note(chat.get(), wanted.record());
        Ok(self.change_members(chat, &changes, at)?)
    }

    /// Makes changes that were decided, and the changes that follow in the chat's whispers.
    pub(super) fn change_members(
        &mut self,
        chat: ChatId,
        changes: &[MemberChange],
        at: Timestamp,
    ) -> Result<ChangedMembers, StoreError> {
        let mut done = ChangedMembers::default();
        for change in changes {
            self.change_member(chat, change, at, &mut done)?;
        }
        let inside = self.chats.values().filter(|row| row.chat.kind.parent() == Some(chat));
        let inside: Vec<_> = inside.filter_map(|row| Some((row.chat.id, row.pair?))).collect();
        for (whispers, pair) in inside {
            for change in changes.iter().filter(|change| pair.has(change.user())) {
                let present = self.chat(whispers)?.is_member(change.user());
                if let Some(follows) = change.in_whispers(present) {
                    self.change_member(whispers, &follows, at, &mut done)?;
                }
            }
        }
        Ok(done)
    }

    fn change_member(
        &mut self,
        chat: ChatId,
        change: &MemberChange,
        at: Timestamp,
        done: &mut ChangedMembers,
    ) -> Result<(), StoreError> {
        let is_service = self.service_accounts.contains(&change.user());
        let row = self.chat_mut(chat)?;
        if let MemberChange::Silence { user, silence } = change
            && let Some(former) = row.members.get_mut(user).filter(|row| row.left_at.is_some())
        {
            former.silence = Some(silence.clone());
            return Ok(());
        }
        let horizon = rules::horizon(row.chat.permissions, row.newest(), is_service);
        let (version, user) = (row.step(), change.user());
        match change {
            MemberChange::Join { role, .. } => {
                let was = row.members.get(&user);
                let preferences = was.map(|was| was.preferences).unwrap_or_default();
                let silence = was.and_then(|was| was.silence.clone());
                let read_seq = rules::newcomers_marker(row.last_seq());
                let member = MemberRow::new(*role, at, read_seq, version);
                row.members.insert(user, MemberRow { preferences, horizon, silence, ..member });
            }
            MemberChange::SetRole { role, .. } => {
                let member = row.present_mut(user)?;
                (member.role, member.version) = (*role, version);
            }
            MemberChange::Leave { freely, .. } => {
                let member = row.present_mut(user)?;
                (member.left_at, member.version) = (Some(at), version);
                member.left_freely = *freely;
            }
            MemberChange::Silence { silence, .. } => {
                let member = row.present_mut(user)?;
                (member.silence, member.version) = (Some(silence.clone()), version);
            }
        }
        let list = match change {
            MemberChange::Join { .. } => &mut done.joined,
            MemberChange::SetRole { .. } | MemberChange::Silence { .. } => &mut done.changed,
            MemberChange::Leave { .. } => &mut done.left,
        };
        list.push(self.member(chat, user)?);
        Ok(())
    }
}

#[async_trait]
impl TieStore for MemoryDb {
    async fn tied(
        &self,
        user: UserId,
        tie: Tie,
        others: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let met = |other: UserId| {
            let mut mine = state.chats.values().filter(|row| row.is_member(user));
            mine.any(|row| row.members.contains_key(&other))
        };
        let is_tied = |other: &UserId| match tie {
            _ if *other == user => true,
            Tie::None => true,
            Tie::Met => met(*other),
            Tie::Shares => state.share(user, *other),
        };
        Ok(others.iter().copied().filter(is_tied).collect())
    }
}

#[async_trait]
impl MemberStore for MemoryDb {
    async fn standing(&self, chat: ChatId, user: UserId) -> Result<Standing, StoreError> {
        self.state().standing(chat, user).ok_or(StoreError::NotFound)
    }

    async fn facts(&self, chat: ChatId) -> Result<ChatFacts, StoreError> {
        let state = self.state();
        let row = state.chat(chat)?;
        Ok(row.facts(state.is_closed(row)))
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

    async fn add(&self, joining: Joining) -> Result<ChangedMembers, JoinError> {
        self.state().add_member(joining)
    }

    async fn set(&self, wanted: SetMember) -> Result<ChangedMembers, SetMemberError> {
        self.state().set_member(wanted)
    }

    async fn remove(&self, wanted: RemoveMember) -> Result<ChangedMembers, RemoveMemberError> {
        self.state().remove_member(wanted)
    }

    async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        seq: Seq,
    ) -> Result<ReadMarker, StoreError> {
        let mut state = self.state();
        let standing = state.standing(chat, user).ok_or(StoreError::NotFound)?;
        let wanted = move_marker(Reader::from(&standing), seq).ok_or(StoreError::Conflict)?;
        let row = state.chat_mut(chat)?;
        let (seq, moved) = match wanted {
            MarkerMove::Stay => (standing.read_seq, Moved::Not),
            MarkerMove::Alone => {
                row.present_mut(user)?.read_seq = seq;
                (seq, Moved::Alone)
            }
            MarkerMove::Share => {
                let version = row.step();
                let member = row.present_mut(user)?;
                (member.read_seq, member.shown_seq, member.version) = (seq, seq, version);
                (seq, Moved::Shared(version))
            }
        };
        Ok(ReadMarker { seq, moved, closed: standing.closed })
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
        let shares = |other: &UserId| *other == user || state.share(user, *other);
        Ok(others.iter().copied().filter(shares).collect())
    }
    async fn horizons(&self, chat: ChatId, of: Option<UserId>) -> Result<Horizons, StoreError> {
        let state = self.state();
        let Ok(row) = state.chat(chat) else { return Ok(Horizons::new()) };
        let asked = row.members.iter().filter(|(user, _)| of.is_none_or(|of| of == **user));
        let hidden = asked.filter(|(_, member)| !member.horizon.is_none());
        Ok(hidden.map(|(user, member)| (*user, member.horizon)).collect())
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
            .map(|m| Membership {
                user: m.user.id,
                chat: m.chat,
                version: m.version,
                horizon: m.horizon,
            })
            .collect();
        found.sort_by_key(|membership| (membership.user, membership.chat));
        Ok(found)
    }
}
