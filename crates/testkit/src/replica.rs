//! A client's copy of a chat.
//!
//! It states the central promise of catching up: a copy at any version, after applying the changes since
//! then, equals a freshly downloaded copy.

use crate::contract::Stores;
use domain::chat::{Changes, Chat, Member};
use domain::event::EventBody;
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::message::{Message, Page};
use std::collections::BTreeMap;

/// What a client keeps of a chat. The default is an empty copy, at the version before the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replica {
    /// Its version.
    pub version: Version,
    /// The chat.
    pub chat: Option<Chat>,
    /// The present members.
    pub members: BTreeMap<UserId, Member>,
    /// All its messages, tombstones included.
    pub messages: BTreeMap<Seq, Message>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyOutcome {
    /// It was the next one and was applied.
    Applied,
    /// The copy already has it, or it changes nothing that the copy keeps.
    Ignored,
    /// An earlier one is missing. The copy is unchanged and has to catch up.
    Gap,
}

impl Replica {
    /// Applies changes.
    pub fn apply(&mut self, changes: &Changes) {
        if let Some(chat) = &changes.chat {
            self.chat = Some(chat.clone());
        }
        for member in &changes.members {
            self.put_member(member);
        }
        for message in &changes.messages {
            self.messages.insert(message.seq, message.clone());
        }
        self.version = changes.version;
    }

    /// Applies an event, if it is the next one.
    pub fn apply_event(&mut self, body: &EventBody) -> ApplyOutcome {
        let Some((_, version)) = body.version() else { return ApplyOutcome::Ignored };
        if version <= self.version {
            return ApplyOutcome::Ignored;
        }
        if version != self.version.next() {
            return ApplyOutcome::Gap;
        }
        match body {
            EventBody::MessageCreated(message)
            | EventBody::MessageEdited(message)
            | EventBody::MessageUpdated(message)
            | EventBody::MessageDeleted(message) => {
                self.messages.insert(message.seq, message.clone());
            }
            EventBody::ChatUpdated(chat) => self.chat = Some(chat.clone()),
            EventBody::MemberJoined(member)
            | EventBody::MemberUpdated(member)
            | EventBody::MemberLeft(member) => self.put_member(member),
            EventBody::Read { user, seq, version, .. } => {
                if let Some(member) = self.members.get_mut(user) {
                    (member.read_seq, member.version) = (*seq, *version);
                }
            }
            // `ChatCreated` names people without all their data, so a copy always begins with a download; and
            // an event unknown here cannot be applied.
            _ => return ApplyOutcome::Gap,
        }
        self.version = version;
        ApplyOutcome::Applied
    }

    /// A fresh copy, read page by page instead of from the changes. If the version changed in the meantime,
    /// it is read again.
    pub async fn download(stores: &Stores, chat: ChatId, viewer: UserId) -> Self {
        loop {
            let before = stores.chats.view(chat, viewer).await.unwrap();
            let copy = Self {
                version: before.version,
                chat: Some(before.chat),
                members: download_members(stores, chat).await,
                messages: download_messages(stores, chat).await,
            };
            if stores.chats.view(chat, viewer).await.unwrap().version == copy.version {
                return copy;
            }
        }
    }

    /// Asks for changes, `limit` at a time, until there are no more.
    pub async fn catch_up(&mut self, stores: &Stores, chat: ChatId, limit: usize) {
        loop {
            let changes = stores.chats.changes(chat, self.version, limit).await.unwrap();
            assert!(
                changes.version > self.version || !changes.more,
                "changes since {} lead nowhere",
                self.version
            );
            self.apply(&changes);
            if !changes.more {
                return;
            }
        }
    }

    /// The number of unread messages, counted from somebody's read marker.
    pub fn unread(&self, viewer: UserId) -> i64 {
        let Some(member) = self.members.get(&viewer) else { return 0 };
        let after = self.messages.range(member.read_seq.next()..);
        let unread = after.filter(|(_, m)| {
            m.author != viewer && m.deleted_at.is_none() && m.kind.counts_as_unread()
        });
        i64::try_from(unread.count()).unwrap()
    }

    /// Panics unless the versions and seqs of this copy follow the rules in the domain's front page.
    pub fn assert_sound(&self) {
        let seqs: Vec<_> = self.messages.keys().map(|seq| seq.get()).collect();
        let dense: Vec<_> = (1..=i64::try_from(seqs.len()).unwrap()).collect();
        assert_eq!(seqs, dense, "seqs are dense from 1");
        let ids: Vec<_> = self.messages.values().map(|message| message.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "ids rise with seqs: {ids:?}");
        let first = Version::ZERO.next();
        let mut versions: Vec<_> = self.messages.values().map(|message| message.version).collect();
        versions.extend(self.members.values().map(|member| member.version));
        versions.extend(self.chat.iter().map(|chat| chat.version));
        assert!(versions.iter().all(|v| *v >= first && *v <= self.version), "{versions:?}");
        // A chat and its first members share the first version; each later version belongs to one thing.
        versions.retain(|version| *version > first);
        versions.sort_unstable();
        assert!(versions.is_sorted_by(|a, b| a < b), "one version, one change: {versions:?}");
        let last = self.messages.keys().next_back().copied().unwrap_or_default();
        assert!(self.members.values().all(|member| member.read_seq <= last), "markers are behind");
    }

    fn put_member(&mut self, member: &Member) {
        if member.left_at.is_some() {
            self.members.remove(&member.user.id);
        } else {
            self.members.insert(member.user.id, member.clone());
        }
    }
}

async fn download_members(stores: &Stores, chat: ChatId) -> BTreeMap<UserId, Member> {
    let mut members = BTreeMap::new();
    loop {
        let after = members.keys().next_back().copied();
        let page = stores.members.list(chat, after, 50).await.unwrap();
        members.extend(page.members.into_iter().map(|member| (member.user.id, member)));
        if !page.more {
            return members;
        }
    }
}

async fn download_messages(stores: &Stores, chat: ChatId) -> BTreeMap<Seq, Message> {
    let mut messages = BTreeMap::new();
    loop {
        let after = messages.keys().next_back().copied().unwrap_or_default();
        let page = stores.messages.page(chat, Page::After(after), 50).await.unwrap();
        messages.extend(page.messages.into_iter().map(|message| (message.seq, message)));
        if !page.newer {
            return messages;
        }
    }
}
