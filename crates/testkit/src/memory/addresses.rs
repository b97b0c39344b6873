//! Chats that are found by something else than their id: rooms, projects, whispers, and a host's external ids.

use super::MemoryDb;
use super::chats::{NewChat, count};
use super::state::{ChatRow, State};
use async_trait::async_trait;
use domain::admin::Record;
use domain::chat::{
    AddressStore, ChangedMembers, Chat, ChatCursor, ChatKey, ChatKind, ChatRole, DeletedChat,
    ManagedAddress, ManagedChat, ManagedRefusal, ManagedState, ManagedSync, Outline, Pair,
    Permissions, Restriction, RoomName, RoomPage, RoomSummary, Silence, Writer, rules,
};
use domain::clock::Timestamp;
use domain::data::Data;
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, ProjectId, UserId};
use domain::message::Message;

impl State {
    fn put_managed(
        &mut self,
        wanted: &ManagedChat,
    ) -> Result<ManagedSync, WriteError<ManagedRefusal>> {
        let named = wanted.members.named();
        let found = match &wanted.address {
            ManagedAddress::Project(project) => self.keys.get(&ChatKey::Project(*project)),
            ManagedAddress::Host(issuer, id) => {
                self.external_chats.get(&(issuer.clone(), id.clone()))
            }
        };
        let found = found.copied();
        if found.is_none() {
            wanted.may_be_made().map_err(WriteError::Refused)?;
        }
        named.keys().try_for_each(|user| self.account(*user).map(drop))?;
        let (chat, made) = match found {
            Some(id) => (self.chat(id)?.chat.clone(), false),
            None => {
                let data = wanted.first_data();
                let data = data.map_err(|why| WriteError::Refused(ManagedRefusal::Data(why)))?;
                let permissions = wanted.first_permissions();
                let permissions = permissions.map_err(|why| WriteError::Refused(why.into()))?;
                (self.make_managed(wanted, data, permissions)?, true)
            }
        };
        let members = ChangedMembers::default();
        let mut sync = ManagedSync { chat, made, updated: false, members };
        if !made {
            self.change_managed(wanted, &mut sync)?;
        }
        if sync.is_change() {
            self.write_log(sync.chat.id.get(), wanted.record.clone());
        }
        Ok(sync)
    }

    fn make_managed(
        &mut self,
        wanted: &ManagedChat,
        data: Option<Data>,
        permissions: Permissions,
    ) -> Result<Chat, StoreError> {
        let kind = wanted.address.kind();
        let (title, people) = (wanted.title.clone(), wanted.first_members());
        let new = NewChat { kind, title, pair: None, people, open: false, at: wanted.at };
        let mut chat = match &wanted.address {
            ManagedAddress::Project(project) => self.open(ChatKey::Project(*project), new)?.0,
            ManagedAddress::Host(issuer, id) => {
                self.add_named_chat(new, (issuer.clone(), id.clone()))?
            }
        };
        (chat.data, chat.permissions) = (data, permissions);
        self.chat_mut(chat.id)?.chat = chat.clone();
        Ok(chat)
    }

    fn change_managed(
        &mut self,
        wanted: &ManagedChat,
        sync: &mut ManagedSync,
    ) -> Result<(), WriteError<ManagedRefusal>> {
        let id = sync.chat.id;
        let row = self.chat_mut(id)?;
        let present: Vec<_> = row.present().map(|(user, member)| (user, member.role)).collect();
        let now = ManagedState::from(&row.chat);
        let changes = wanted.decide(now, &present).map_err(WriteError::Refused)?;
        let (is_update, lifted) = (changes.is_update(), changes.lifts_bans_of());
        if let Some(permissions) = changes.permissions {
            self.set_permissions(id, permissions);
        }
        let row = self.chat_mut(id)?;
        if is_update {
            row.chat.title = changes.title.or(row.chat.title.take());
            row.chat.data = changes.data.unwrap_or(row.chat.data.take());
            row.chat.version = row.step();
            sync.updated = true;
        }
        sync.chat = row.chat.clone();
        sync.members = self.change_members(id, &changes.members, wanted.at)?;
        for user in lifted {
            self.chat_mut(id)?.bans.remove(&user);
        }
        Ok(())
    }
}

pub(super) fn has_written(row: &ChatRow, author: UserId) -> bool {
    row.messages.iter().any(|message| message.author == author && message.deleted_at.is_none())
}

#[async_trait]
impl AddressStore for MemoryDb {
    async fn open_room(
        &self,
        name: &RoomName,
        by: (UserId, ChatRole),
        at: Timestamp,
    ) -> Result<(Chat, bool), StoreError> {
        let people = vec![by];
        let (kind, title, pair) = (ChatKind::Room, Some(name.title()), None);
        self.state()
            .open(ChatKey::from(name), NewChat { kind, title, pair, people, open: false, at })
    }

    async fn rooms(
        &self,
        after: Option<ChatCursor>,
        limit: usize,
        member: Option<UserId>,
    ) -> Result<RoomPage, StoreError> {
        let state = self.state();
        let is_listed = |row: &&ChatRow| {
            let sees = member.is_none_or(|member| row.is_member(member));
            row.chat.kind == ChatKind::Room && sees
        };
        let (rows, more) = state.active_last(is_listed, after, limit);
        let summary = |row: &ChatRow| RoomSummary {
            id: row.chat.id,
            name: row.chat.title.as_ref().unwrap().as_str().to_owned(),
            created_at: row.chat.created_at,
            active_at: row.active_at,
            member_count: count(row.present().count()),
        };
        Ok(RoomPage { rooms: rows.into_iter().map(summary).collect(), more })
    }

    async fn put_managed(
        &self,
        wanted: ManagedChat,
    ) -> Result<ManagedSync, WriteError<ManagedRefusal>> {
        self.state().put_managed(&wanted)
    }

    async fn delete_project(
        &self,
        project: ProjectId,
        record: Record,
    ) -> Result<DeletedChat, StoreError> {
        let mut state = self.state();
        let found = state.keys.get(&ChatKey::Project(project)).copied();
        state.delete_chat_noted(found.ok_or(StoreError::NotFound)?, record)
    }

    async fn project(&self, project: ProjectId) -> Result<ChatId, StoreError> {
        let found = self.state().keys.get(&ChatKey::Project(project)).copied();
        found.ok_or(StoreError::NotFound)
    }

    async fn open_whispers(
        &self,
        chat: ChatId,
        pair: Pair,
        at: Timestamp,
    ) -> Result<(Chat, bool), WriteError<Restriction>> {
        let mut state = self.state();
        let around = state.chat(chat)?;
        rules::lets_whisper(around.chat.permissions).map_err(WriteError::Refused)?;
        let mut silences = Vec::new();
        for user in pair.people() {
            let silence = around.present_member(user)?.silence.as_ref();
            silences.push((user, silence.map(Silence::in_new_whispers)));
        }
        let people = pair.people().into_iter().map(|user| (user, ChatRole::Member)).collect();
        let kind = ChatKind::Whisper(chat);
        let new = NewChat { kind, title: None, pair: Some(pair), people, open: false, at };
        let (whispers, made) = state.open(ChatKey::Whisper(chat, pair), new)?;
        if made {
            for (user, silence) in silences {
                state.chat_mut(whispers.id)?.present_mut(user)?.silence = silence;
            }
        }
        Ok((whispers, made))
    }

    async fn find(&self, key: ChatKey) -> Result<ChatId, StoreError> {
        let found = self.state().keys.get(&key).copied();
        found.ok_or(StoreError::NotFound)
    }

    async fn whispers(
        &self,
        chat: ChatId,
        user: UserId,
    ) -> Result<Vec<(ChatId, UserId)>, StoreError> {
        let state = self.state();
        let inside = state.chats.values().filter(|row| row.chat.kind.parent() == Some(chat));
        let theirs = inside.filter(|row| row.is_member(user));
        Ok(theirs.filter_map(|row| Some((row.chat.id, row.peer_of(user)?))).collect())
    }

    async fn written(&self, author: UserId, limit: usize) -> Result<Vec<ChatId>, StoreError> {
        let state = self.state();
        let kinds = [ChatKind::Room, ChatKind::Direct];
        let theirs = |row: &&ChatRow| kinds.contains(&row.chat.kind) && row.is_member(author);
        let written = state.chats.values().filter(theirs).filter(|row| has_written(row, author));
        Ok(written.map(|row| row.chat.id).take(limit).collect())
    }

    async fn writers(
        &self,
        chats: &[ChatId],
        viewer: UserId,
        newest: usize,
    ) -> Result<Vec<Writer>, StoreError> {
        let state = self.state();
        let mut writers = Vec::new();
        for row in state.chats.values().filter(|row| chats.contains(&row.chat.id)) {
            let there = row.messages.iter().rev().take(newest);
            let there = there.filter(|message| row.shows_to_all(viewer, message));
            let there = there.filter(|message| message.deleted_at.is_none());
            let mut of = there.map(|m| (m.author, m.author_role)).collect::<Vec<_>>();
            of.sort_by_key(|(author, role)| (*author, role.map(|role| role.to_string())));
            of.dedup();
            let chat = row.chat.id;
            writers.extend(of.into_iter().map(|(author, role)| Writer { chat, author, role }));
        }
        Ok(writers)
    }

    async fn outline(&self, chat: ChatId) -> Result<Outline, StoreError> {
        let state = self.state();
        let row = state.chat(chat)?;
        let people = row.pair.map(Pair::people).unwrap_or_default();
        let people =
            people.into_iter().map(|user| state.summary(user)).collect::<Result<_, _>>()?;
        Ok(Outline { chat: row.chat.clone(), people, active_at: row.active_at })
    }

    async fn last_said(
        &self,
        rooms: &[ChatId],
        viewer: UserId,
        now: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let state = self.state();
        let open = |row: &&ChatRow| {
            let banned = row.bans.get(&viewer).is_some_and(|ban| ban.holds(now));
            row.chat.kind == ChatKind::Room && rooms.contains(&row.chat.id) && !banned
        };
        let rooms = state.chats.values().filter(open);
        let last = |row: &ChatRow| {
            row.messages.last().filter(|last| row.shows_to_all(viewer, last)).cloned()
        };
        Ok(rooms.filter_map(last).collect())
    }
}
