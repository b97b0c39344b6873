//! Chats.

use super::MemoryDb;
use super::addresses::has_written;
use super::state::{AttachmentRow, ChatRow, MemberRow, State};
use async_trait::async_trait;
use domain::chat::{
    AllChats, ChangeSettings, Changes, Chat, ChatCursor, ChatKey, ChatKind, ChatPage, ChatQuery,
    ChatRole, ChatSettings, ChatStore, ChatView, DeleteChat, DeleteError, DeleteRefusal,
    Description, Followed, Horizon, NewGroup, Pair, Permissions, Preferences, PreferencesUpdate,
    RoomOwnership, SettingsError, Standing, Title, rules,
};
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::host::{ExternalId, Issuer};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::{UNREAD_AMONG, UNREAD_COUNT_MAX};
use std::cmp::Reverse;
use std::time::Duration;

/// A new chat, at its first version.
pub(super) struct NewChat {
    pub(super) kind: ChatKind,
    pub(super) title: Option<Title>,
    pub(super) pair: Option<Pair>,
    pub(super) people: Vec<(UserId, ChatRole)>,
    pub(super) open: bool,
    pub(super) at: Timestamp,
}

impl State {
    /// Finds or creates the chat of that key, and tells whether it was created. `Conflict` if it is between
    /// two people and closed, or would be.
    pub(super) fn open(&mut self, key: ChatKey, new: NewChat) -> Result<(Chat, bool), StoreError> {
        if let Some(id) = self.keys.get(&key) {
            let row = self.chat(*id)?;
            let opens = rules::may_open(self.is_closed(row));
            return if opens { Ok((row.chat.clone(), false)) } else { Err(StoreError::Conflict) };
        }
        for (user, _) in &new.people {
            self.account(*user)?;
        }
        if !rules::may_open(new.pair.is_some_and(|pair| self.closes(pair))) {
            return Err(StoreError::Conflict);
        }
        let chat = self.add_chat(new)?;
        self.keys.insert(key, chat.id);
        Ok((chat, true))
    }

    /// Creates a chat with that external id.
    pub(super) fn add_named_chat(
        &mut self,
        new: NewChat,
        (issuer, id): (Issuer, ExternalId),
    ) -> Result<Chat, StoreError> {
        let mut chat = self.add_chat(new)?;
        chat.external_id = Some(id.clone());
        self.chat_mut(chat.id)?.chat = chat.clone();
        self.external_chats.insert((issuer, id), chat.id);
        Ok(chat)
    }

    fn add_chat(&mut self, new: NewChat) -> Result<Chat, StoreError> {
        let version = Version::ZERO.next();
        let mut members = std::collections::BTreeMap::new();
        for (user, role) in new.people {
            self.account(user)?;
            members.insert(user, MemberRow::new(role, new.at, Seq::ZERO, version));
        }
        let id = ChatId::stored(self.next_id());
        let (kind, title, slow_mode) = (new.kind, new.title, Duration::ZERO);
        let (description, open, created_at) = (Description::default(), new.open, new.at);
        let (external_id, data) = (None, None);
        let chat = Chat {
            id,
            kind,
            title,
            description,
            slow_mode,
            open,
            permissions: Permissions::default(),
            created_at,
            external_id,
            data,
            version,
        };
        let row = ChatRow {
            chat: chat.clone(),
            pair: new.pair,
            bans: std::collections::BTreeMap::new(),
            hushed: false,
            version,
            active_at: new.at,
            messages: Vec::new(),
            members,
        };
        self.chats.insert(id, row);
        Ok(chat)
    }

    /// Removes a chat with everything in it and returns what it was.
    fn drop_chat(&mut self, chat: ChatId) -> Result<Chat, StoreError> {
        let row = self.chats.remove(&chat).ok_or(StoreError::NotFound)?;
        self.keys.retain(|_, id| *id != chat);
        self.external_chats.retain(|_, id| *id != chat);
        self.places.retain(|_, (id, _)| *id != chat);
        let Self { client_ids, places, edits, stars, attachments, loose, .. } = self;
        let lost = |row: &AttachmentRow| row.message.is_some_and(|id| !places.contains_key(&id));
        for (_, row) in attachments.extract_if(.., |_, row| lost(row)) {
            loose.insert(row.key, (None, Timestamp::from_micros(0)));
        }
        client_ids.retain(|_, id| places.contains_key(id));
        edits.retain(|id, _| places.contains_key(id));
        stars.retain(|(_, id)| places.contains_key(id));
        Ok(row.chat)
    }

    /// The same with the whispers in it; returns what was removed, the chat first.
    pub(super) fn delete_chat(&mut self, chat: ChatId) -> Result<(Chat, Vec<ChatId>), StoreError> {
        let inside = self.chats.values().filter(|row| row.chat.kind.parent() == Some(chat));
        let inside: Vec<_> = inside.map(|row| row.chat.id).collect();
        let deleted = self.drop_chat(chat)?;
        for whispers in &inside {
            self.drop_chat(*whispers)?;
        }
        Ok((deleted, [vec![chat], inside].concat()))
    }

    /// Chats by last activity, and whether there are more.
    pub(super) fn active_last(
        &self,
        wanted: impl Fn(&&ChatRow) -> bool,
        after: Option<ChatCursor>,
        limit: usize,
    ) -> (Vec<&ChatRow>, bool) {
        let mut rows: Vec<_> = self.chats.values().filter(wanted).collect();
        rows.sort_by_key(|row| Reverse((row.active_at, row.chat.id)));
        let after = after.map(|cursor| (cursor.active_at, cursor.chat));
        rows.retain(|row| after.is_none_or(|after| (row.active_at, row.chat.id) < after));
        let more = rows.len() > limit;
        rows.truncate(limit);
        (rows, more)
    }

    /// Hushes what is whispered in a chat, or lets it be heard again.
    pub(super) fn set_permissions(&mut self, chat: ChatId, permissions: Permissions) {
        let hushed = rules::lets_whisper(permissions).is_err();
        for row in self.chats.values_mut() {
            if row.chat.id == chat {
                row.chat.permissions = permissions;
            }
            if row.chat.kind.parent() == Some(chat) {
                row.hushed = hushed;
            }
        }
    }

    fn view(&self, row: &ChatRow, viewer: UserId) -> Result<ChatView, StoreError> {
        let member = row.present_member(viewer)?;
        let unread = row.messages.iter().filter(|message| {
            message.seq > member.read_seq
                && message.author != viewer
                && message.deleted_at.is_none()
                && message.kind.counts_as_unread()
        });
        let counts = |m: &&domain::message::Message| {
            m.extras.mentions.contains(&viewer) && !self.blocks.contains_key(&(viewer, m.author))
        };
        let mentions = unread.clone().filter(counts);
        let newest = row.last_seq().get().saturating_sub(count(UNREAD_AMONG));
        let unread = unread.clone().filter(|message| message.seq.get() > newest);
        Ok(ChatView {
            chat: row.chat.clone(),
            role: member.role,
            member_count: count(row.present().count()),
            preferences: member.preferences,
            peer: row.peer_of(viewer).map(|peer| self.summary(peer)).transpose()?,
            read_seq: member.read_seq,
            horizon: member.horizon,
            silence: member.silence.clone(),
            mention_count: count(mentions.take(UNREAD_COUNT_MAX).count()),
            unread_count: count(unread.take(UNREAD_COUNT_MAX).count()),
            last_message: row.messages.last().filter(|last| row.shows(viewer, last)).cloned(),
            last_seq: row.last_seq(),
            active_at: row.active_at,
            version: row.version,
        })
    }
}

impl ChatRow {
    /// As a key sees it that is not in it.
    fn outside_view(&self) -> ChatView {
        ChatView {
            chat: self.chat.clone(),
            role: ChatRole::Owner,
            member_count: count(self.present().count()),
            preferences: Preferences::default(),
            peer: None,
            read_seq: self.last_seq(),
            horizon: Horizon::NONE,
            silence: None,
            mention_count: 0,
            unread_count: 0,
            last_message: self.messages.last().cloned(),
            last_seq: self.last_seq(),
            active_at: self.active_at,
            version: self.version,
        }
    }
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

#[async_trait]
impl ChatStore for MemoryDb {
    async fn open_direct(&self, pair: Pair, at: Timestamp) -> Result<(Chat, bool), StoreError> {
        let people = pair.people().into_iter().map(|user| (user, ChatRole::Member)).collect();
        let new = NewChat {
            kind: ChatKind::Direct,
            title: None,
            pair: Some(pair),
            people,
            open: false,
            at,
        };
        self.state().open(ChatKey::Direct(pair), new)
    }

    async fn create_group(&self, group: NewGroup) -> Result<Chat, StoreError> {
        let mut state = self.state();
        let all = state.blocks.keys().filter(|(_, blocked)| *blocked == group.owner);
        let blockers: Vec<_> = all.map(|(blocker, _)| *blocker).collect();
        if !group.allows(&blockers) {
            return Err(StoreError::NotFound);
        }
        let taken = |name: &_| state.external_chats.contains_key(name);
        if group.external_id.as_ref().is_some_and(taken) {
            return Err(StoreError::Conflict);
        }
        let members = group.members.into_iter().map(|user| (user, ChatRole::Member));
        let new = NewChat {
            kind: ChatKind::Group,
            title: Some(group.title),
            pair: None,
            people: members.chain([(group.owner, ChatRole::Owner)]).collect(),
            open: group.open,
            at: group.created_at,
        };
        let mut chat = match group.external_id {
            Some(name) => state.add_named_chat(new, name)?,
            None => state.add_chat(new)?,
        };
        (chat.data, chat.permissions) = (group.data, group.permissions);
        state.chat_mut(chat.id)?.chat = chat.clone();
        Ok(chat)
    }

    async fn update(&self, wanted: ChangeSettings) -> Result<Option<Chat>, SettingsError> {
        let mut state = self.state();
        let actor = state.actor(wanted.chat, wanted.actor);
        let data = state.chat(wanted.chat).ok().and_then(|row| row.chat.data.as_ref());
        let settings = wanted.decide(actor, data).map_err(WriteError::Refused)?;
        if settings == ChatSettings::default() {
            return Ok(None);
        }
        state.note(wanted.chat.get(), wanted.record());
        if let Some(permissions) = settings.permissions {
            state.set_permissions(wanted.chat, permissions);
        }
        let row = state.chat_mut(wanted.chat)?;
        if let Some(title) = settings.title {
            row.chat.title = Some(title);
        }
        if let Some(description) = settings.description {
            row.chat.description = description;
        }
        row.chat.slow_mode = settings.slow_mode.unwrap_or(row.chat.slow_mode);
        row.chat.data = settings.data.unwrap_or(row.chat.data.take());
        row.chat.version = row.step();
        Ok(Some(row.chat.clone()))
    }

    async fn delete(&self, wanted: DeleteChat) -> Result<Vec<ChatId>, DeleteError> {
        let mut state = self.state();
        if !state.chats.contains_key(&wanted.chat) {
            return Err(WriteError::Refused(DeleteRefusal::ChatNotFound));
        }
        let actor = wanted.actor.and_then(|actor| state.actor(wanted.chat, actor));
        let row = state.chat(wanted.chat)?;
        let ownership = wanted.writer().map(|writer| RoomOwnership {
            is_owned: row.present().any(|(_, member)| member.role == ChatRole::Owner),
            has_written: has_written(row, writer),
        });
        wanted.decide(actor, ownership).map_err(WriteError::Refused)?;
        let (deleted, gone) = state.delete_chat(wanted.chat)?;
        state.note(wanted.chat.get(), wanted.record(&deleted));
        Ok(gone)
    }

    async fn erase_deleted(&self, _: usize) -> Result<usize, StoreError> {
        // `delete_chat` erases everything at once.
        Ok(0)
    }

    async fn view(&self, chat: ChatId, viewer: UserId) -> Result<ChatView, StoreError> {
        let state = self.state();
        state.view(state.chat(chat)?, viewer)
    }

    async fn list(&self, viewer: UserId, query: ChatQuery) -> Result<ChatPage, StoreError> {
        let state = self.state();
        let wanted = |row: &&ChatRow| {
            let member = row.present_member(viewer);
            let is_shown = query.whispers || row.chat.kind.parent().is_none();
            is_shown
                && member
                    .is_ok_and(|m| query.archived.is_none_or(|want| want == m.preferences.archived))
        };
        let (rows, more) = state.active_last(wanted, query.after, query.limit);
        let chats =
            rows.into_iter().map(|row| state.view(row, viewer)).collect::<Result<_, _>>()?;
        Ok(ChatPage { chats, more })
    }

    async fn view_from_outside(&self, chat: ChatId) -> Result<ChatView, StoreError> {
        Ok(self.state().chat(chat)?.outside_view())
    }

    async fn all(&self, query: AllChats) -> Result<ChatPage, StoreError> {
        let state = self.state();
        let wanted = |row: &&ChatRow| {
            (query.whispers || row.chat.kind.parent().is_none())
                && query.after.is_none_or(|after| row.chat.id > after)
        };
        let mut rows = state.chats.values().filter(wanted);
        let chats = rows.by_ref().take(query.limit).map(ChatRow::outside_view).collect();
        Ok(ChatPage { chats, more: rows.next().is_some() })
    }

    async fn set_preferences(
        &self,
        chat: ChatId,
        member: UserId,
        wanted: PreferencesUpdate,
    ) -> Result<Preferences, StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?.present_mut(member)?;
        row.preferences = wanted.applied_to(row.preferences);
        Ok(row.preferences)
    }

    async fn followed(&self, viewer: UserId) -> Result<Vec<Followed>, StoreError> {
        let state = self.state();
        let rows = state.chats.values().filter(|row| row.is_member(viewer));
        let followed = |row: &ChatRow| Followed {
            chat: row.chat.id,
            version: row.version,
            horizon: row.horizon(viewer),
        };
        Ok(rows.map(followed).collect())
    }

    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Version)>, StoreError> {
        let state = self.state();
        let rows = state.chats.values().filter(|row| chats.contains(&row.chat.id));
        Ok(rows.map(|row| (row.chat.id, row.version)).collect())
    }

    async fn changes(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.state().changes(chat, since, limit)
    }

    async fn changes_with_standing(
        &self,
        viewer: UserId,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<(Standing, Changes), StoreError> {
        let state = self.state();
        let standing = state.standing(chat, viewer).ok_or(StoreError::NotFound)?;
        Ok((standing, state.changes(chat, since, limit)?))
    }
}
