//! Chats.

use super::MemoryDb;
use super::state::{ChatRow, MemberRow, State};
use async_trait::async_trait;
use domain::chat::{
    Changes, Chat, ChatCursor, ChatKind, ChatPage, ChatRole, ChatStore, ChatView, NewGroup, Pair,
    Title,
};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::UNREAD_COUNT_MAX;
use std::cmp::Reverse;

/// A chat at its first version.
struct NewChat {
    kind: ChatKind,
    title: Option<Title>,
    pair: Option<Pair>,
    people: Vec<(UserId, ChatRole)>,
    at: Timestamp,
}

impl State {
    fn add_chat(&mut self, new: NewChat) -> Result<Chat, StoreError> {
        let version = Version::ZERO.next();
        let mut members = std::collections::BTreeMap::new();
        for (user, role) in new.people {
            self.account(user)?;
            let read_seq = Seq::ZERO;
            let row = MemberRow { role, joined_at: new.at, left_at: None, read_seq, version };
            members.insert(user, row);
        }
        let id = ChatId::stored(self.next_id());
        let chat = Chat { id, kind: new.kind, title: new.title, created_at: new.at, version };
        let row = ChatRow {
            chat: chat.clone(),
            pair: new.pair,
            version,
            active_at: new.at,
            messages: Vec::new(),
            members,
        };
        self.chats.insert(id, row);
        Ok(chat)
    }

    pub(super) fn delete_chat(&mut self, chat: ChatId) -> Result<Chat, StoreError> {
        let row = self.chats.remove(&chat).ok_or(StoreError::NotFound)?;
        self.pairs.retain(|_, id| *id != chat);
        self.places.retain(|_, (id, _)| *id != chat);
        let Self { client_ids, places, edits, stars, .. } = self;
        client_ids.retain(|_, id| places.contains_key(id));
        edits.retain(|id, _| places.contains_key(id));
        stars.retain(|(_, id)| places.contains_key(id));
        Ok(row.chat)
    }

    fn view(&self, row: &ChatRow, viewer: UserId) -> Result<ChatView, StoreError> {
        let member = row.present_member(viewer)?;
        let unread = row.messages.iter().filter(|message| {
            message.seq > member.read_seq
                && message.author != viewer
                && message.deleted_at.is_none()
        });
        let counts = |m: &&domain::message::Message| {
            m.extras.mentions.contains(&viewer) && !self.blocks.contains_key(&(viewer, m.author))
        };
        let mentions = unread.clone().filter(counts);
        Ok(ChatView {
            chat: row.chat.clone(),
            role: member.role,
            member_count: count(row.present().count()),
            peer: row.peer_of(viewer).map(|peer| self.summary(peer)).transpose()?,
            read_seq: member.read_seq,
            mention_count: count(mentions.take(UNREAD_COUNT_MAX).count()),
            unread_count: count(unread.take(UNREAD_COUNT_MAX).count()),
            last_message: row.messages.last().cloned(),
            last_seq: row.last_seq(),
            active_at: row.active_at,
            version: row.version,
        })
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

#[async_trait]
impl ChatStore for MemoryDb {
    async fn open_direct(&self, pair: Pair, at: Timestamp) -> Result<(Chat, bool), StoreError> {
        let mut state = self.state();
        for person in pair.people() {
            state.user(person)?;
        }
        let there = state.pairs.get(&pair);
        if there.is_none() {
            // Who was deleted is not there for anything new.
            pair.people().into_iter().try_for_each(|id| state.account(id).map(drop))?;
        }
        if state.closes(pair) {
            return Err(StoreError::Conflict);
        }
        if let Some(id) = state.pairs.get(&pair) {
            return Ok((state.chat(*id)?.chat.clone(), false));
        }
        let people = pair.people().into_iter().map(|user| (user, ChatRole::Member)).collect();
        let new = NewChat { kind: ChatKind::Direct, title: None, pair: Some(pair), people, at };
        let chat = state.add_chat(new)?;
        state.pairs.insert(pair, chat.id);
        Ok((chat, true))
    }

    async fn create_group(&self, group: NewGroup) -> Result<Chat, StoreError> {
        let members = group.members.into_iter().map(|user| (user, ChatRole::Member));
        self.state().add_chat(NewChat {
            kind: ChatKind::Group,
            title: Some(group.title),
            pair: None,
            people: members.chain([(group.owner, ChatRole::Owner)]).collect(),
            at: group.created_at,
        })
    }

    async fn set_title(&self, chat: ChatId, title: Title) -> Result<Chat, StoreError> {
        let mut state = self.state();
        let row = state.chat_mut(chat)?;
        row.chat.title = Some(title);
        row.chat.version = row.step();
        Ok(row.chat.clone())
    }

    async fn delete(&self, chat: ChatId) -> Result<(), StoreError> {
        self.state().delete_chat(chat).map(drop)
    }

    async fn view(&self, chat: ChatId, viewer: UserId) -> Result<ChatView, StoreError> {
        let state = self.state();
        state.view(state.chat(chat)?, viewer)
    }

    async fn list(
        &self,
        viewer: UserId,
        after: Option<ChatCursor>,
        limit: usize,
    ) -> Result<ChatPage, StoreError> {
        let state = self.state();
        let mut rows: Vec<_> = state.chats.values().filter(|row| row.is_member(viewer)).collect();
        rows.sort_by_key(|row| Reverse((row.active_at, row.chat.id)));
        let after = after.map(|cursor| (cursor.active_at, cursor.chat));
        rows.retain(|row| after.is_none_or(|after| (row.active_at, row.chat.id) < after));
        let more = rows.len() > limit;
        rows.truncate(limit);
        let chats =
            rows.into_iter().map(|row| state.view(row, viewer)).collect::<Result<_, _>>()?;
        Ok(ChatPage { chats, more })
    }

    async fn versions(&self, viewer: UserId) -> Result<Vec<(ChatId, Version)>, StoreError> {
        let state = self.state();
        let rows = state.chats.values().filter(|row| row.is_member(viewer));
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
}
