//! Finding chats, and who is in them, for whoever shows them in words of their own.

use super::{Chat, ChatCursor, ChatKey, Chats, GetError, Member, Pair, RoomName};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, Seq, UserId};
use crate::limits;
use crate::message::Message;
use crate::session::Caller;
use crate::user::{AccountRole, UserSummary};
use std::collections::HashMap;

/// A chat as it is called from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The chat.
    pub chat: Chat,
    /// The people that it is between, each once, in the order of their ids, whether or not they are
    /// in it now; nobody unless it is between two.
    pub people: Vec<UserSummary>,
    /// When something was said in it last, or it was made: by this, and then its id, lists of chats are
    /// in order.
    pub active_at: Timestamp,
}

impl Outline {
    /// The two people that it is between.
    pub fn pair(&self) -> Option<Pair> {
        let (first, last) = (self.people.first()?, self.people.last()?);
        Some(Pair::new(first.id, last.id))
    }

    /// Where it is in a list of chats.
    pub fn cursor(&self) -> ChatCursor {
        ChatCursor { active_at: self.active_at, chat: self.chat.id }
    }
}

/// Who is in several chats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathering {
    /// The members of each chat, in the order of their ids.
    pub members: HashMap<ChatId, Vec<Member>>,
}

impl Gathering {
    /// Who is in that chat.
    pub fn of(&self, chat: ChatId) -> &[Member] {
        self.members.get(&chat).map_or(&[], Vec::as_slice)
    }

    /// Whether anybody but its author has read up to a message.
    pub fn has_read(&self, message: &Message) -> bool {
        self.read_by_others(message.chat, message.author) >= message.seq
    }

    /// Up to where anybody but this person has read.
    pub fn read_by_others(&self, chat: ChatId, person: UserId) -> Seq {
        let others = self.of(chat).iter().filter(|member| member.user.id != person);
        others.map(|member| member.read_seq).max().unwrap_or(Seq::ZERO)
    }
}

/// Somebody who wrote in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// In which chat.
    pub chat: ChatId,
    /// Who.
    pub author: UserId,
    /// The role of their account when they did; `None` where that was not noted.
    pub role: Option<AccountRole>,
}

impl Chats {
    /// The rooms and direct chats that the caller is in and has written in, in the order of their ids, at
    /// most [`limits::WRITTEN_CHATS`].
    pub async fn written(&self, caller: &Caller) -> Result<Vec<ChatId>, StoreError> {
        self.ports.addresses.written(caller.user, limits::WRITTEN_CHATS).await
    }

    /// Who wrote the last [`limits::WRITERS_AMONG`] messages of each of these chats that the caller may
    /// see, each pair of an author and a role once.
    pub async fn writers(
        &self,
        caller: &Caller,
        chats: &[ChatId],
    ) -> Result<Vec<Writer>, StoreError> {
        self.ports.addresses.writers(chats, caller.user, limits::WRITERS_AMONG).await
    }

    /// A chat as it is called from outside, for whoever asks: any that there is, or those that they are in if
    /// they find no rooms.
    pub async fn outline_for(&self, caller: &Caller, chat: ChatId) -> Result<Outline, GetError> {
        if !self.ports.directory.of(caller).finds_rooms() {
            self.standing(caller, chat).await?;
        }
        Ok(self.outline(chat).await?)
    }

    /// Whether the caller reads a chat that they found by [`Self::outline_for`], where people read chats that they are
    /// not in: both people read a chat of two; whoever wrote in a room and is in it reads that room, and admins read
    /// every room. Of what was said, each sees what the calls that read it show them.
    pub async fn may_read(&self, caller: &Caller, chat: &Outline) -> Result<bool, StoreError> {
        if let Some(pair) = chat.pair() {
            return Ok(pair.has(caller.user));
        }
        if caller.manages().is_ok() {
            return Ok(true);
        }
        Ok(self.written(caller).await?.contains(&chat.chat.id))
    }

    /// A chat as it is called from outside, for whoever delivers its events.
    pub async fn outline(&self, chat: ChatId) -> Result<Outline, StoreError> {
        self.ports.addresses.outline(chat).await
    }

    /// The direct chat of the caller and somebody, if they have one.
    pub async fn find_direct(&self, caller: &Caller, other: UserId) -> Result<ChatId, GetError> {
        let key = ChatKey::Direct(Pair::new(caller.user, other));
        let chat = self.ports.addresses.find(key).await?;
        self.standing(caller, chat).await?;
        Ok(chat)
    }

    /// The room of that name, if there is one that the caller finds.
    pub async fn find_room(&self, caller: &Caller, name: &RoomName) -> Result<ChatId, GetError> {
        let found = self.ports.addresses.find(name.into()).await;
        if self.ports.directory.of(caller).finds_rooms() {
            return Ok(found?);
        }
        let chat = match found {
            Err(StoreError::NotFound) => ChatId::UNKNOWN,
            found => found?,
        };
        self.standing(caller, chat).await?;
        Ok(chat)
    }

    /// What the caller whispers in a chat, and with whom.
    pub async fn whispers(
        &self,
        caller: &Caller,
        chat: ChatId,
    ) -> Result<Vec<(ChatId, UserId)>, StoreError> {
        self.ports.addresses.whispers(chat, caller.user).await
    }

    /// Who is in those of these chats that the caller is in, up to [`limits::MEMBERS_TOGETHER`] in
    /// all.
    pub async fn gathering(
        &self,
        caller: &Caller,
        chats: &[ChatId],
    ) -> Result<Gathering, StoreError> {
        let (viewer, limit) = (Some(caller.user), limits::MEMBERS_TOGETHER);
        let mut gathering = Gathering::default();
        for member in self.ports.members.together(chats, viewer, limit).await? {
            gathering.members.entry(member.chat).or_default().push(member);
        }
        Ok(gathering)
    }

    /// Who is in a chat, for whoever delivers its events.
    pub async fn gathered(&self, chat: ChatId) -> Result<Gathering, StoreError> {
        let members = self.ports.members.together(&[chat], None, limits::MEMBERS_TOGETHER).await?;
        Ok(Gathering { members: HashMap::from([(chat, members)]) })
    }

    /// The last message of each of those rooms that the caller may enter; perhaps tombstones. Nothing if they
    /// find no rooms.
    pub async fn last_said(
        &self,
        caller: &Caller,
        rooms: &[ChatId],
    ) -> Result<HashMap<ChatId, Message>, StoreError> {
        if !self.ports.directory.of(caller).finds_rooms() {
            return Ok(HashMap::new());
        }
        let now = self.ports.clock.now();
        let said = self.ports.addresses.last_said(rooms, caller.user, now).await?;
        Ok(said.into_iter().map(|message| (message.chat, message)).collect())
    }
}
