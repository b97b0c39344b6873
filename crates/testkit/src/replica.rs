//! A client's copy of a chat.
//!
//! The central promise of catching up is stated with it: a copy of any version, with the changes
//! since then put in place, equals a copy downloaded afresh.

use crate::contract::Stores;
use domain::chat::{Changes, Chat, Member};
use domain::event::EventBody;
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::message::{Message, Page};
use std::collections::BTreeMap;

/// What a client keeps of a chat. The default one is empty, at the version before the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replica {
    /// The version that it has.
    pub version: Version,
    /// The chat.
    pub chat: Option<Chat>,
    /// Who is in it.
    pub members: BTreeMap<UserId, Member>,
    /// All its messages, tombstones included.
    pub messages: BTreeMap<Seq, Message>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was the next one, and was put in place.
    Applied,
    /// The copy has it already, or it changes nothing that is kept.
    Passed,
    /// One before it is missing. The copy is as it was; it has to catch up.
    Hole,
}

impl Replica {
    /// Puts changes in place.
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

    /// Puts an event in place, if it is the next.
    pub fn hear(&mut self, body: &EventBody) -> Heard {
        let Some((_, version)) = body.version() else { return Heard::Passed };
        if version <= self.version {
            return Heard::Passed;
        }
        if version != self.version.next() {
            return Heard::Hole;
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
            // `ChatCreated` names people without saying all about them, so a copy begins by
            // downloading; and what this does not know, it cannot put in place.
            _ => return Heard::Hole,
        }
        self.version = version;
        Heard::Applied
    }

    /// A fresh copy, read page by page and not from the changes. What changes while it is read is
    /// noticed by the version, and then it is read again.
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

    /// What somebody has not read, counted from their marker.
    pub fn unread(&self, viewer: UserId) -> i64 {
        let Some(member) = self.members.get(&viewer) else { return 0 };
        let after = self.messages.range(member.read_seq.next()..);
        let unread = after.filter(|(_, m)| {
            m.author != viewer && m.deleted_at.is_none() && m.kind.counts_as_unread()
        });
        i64::try_from(unread.count()).unwrap()
    }

    /// Fails unless the numbers of this copy are as the domain's front page says.
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
        // A chat and its first members begin together; after that, a version is one thing's.
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
