//! What chats need from the outside.

use super::{
    Changes, Chat, ChatCursor, ChatPage, ChatRole, ChatView, Member, MemberPage, Pair, ReadMarker,
    Standing, Title,
};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, Seq, UserId, Version};
use async_trait::async_trait;

/// A group to be made.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// Its title.
    pub title: Title,
    /// Who makes it and owns it.
    pub owner: UserId,
    /// The others, each once; not the owner.
    pub members: Vec<UserId>,
    /// Now.
    pub created_at: Timestamp,
}

/// Keeps chats. Each call is one atomic change, and a change that returned is there to stay.
/// Whatever changes a chat moves its version forward by exactly one, and versions are given out in
/// the order of the commits. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ChatStore: Send + Sync {
    /// The direct chat of two people, and whether it was made just now, at version 1. Of several
    /// calls at once one makes it and all answer the same chat. `NotFound` if one of the two has no
    /// account. `Conflict` if it would be closed, or is: see [`crate::block::BlockStore`].
    async fn open_direct(&self, pair: Pair, at: Timestamp) -> Result<(Chat, bool), StoreError>;

    /// Makes a group at version 1 with its owner and its members. `NotFound` if one of them has no
    /// account; then nothing is made.
    async fn create_group(&self, group: NewGroup) -> Result<Chat, StoreError>;

    /// Changes the title. `NotFound` if there is no such chat.
    async fn set_title(&self, chat: ChatId, title: Title) -> Result<Chat, StoreError>;

    /// Deletes the chat with its messages and members. `NotFound` if there is none.
    async fn delete(&self, chat: ChatId) -> Result<(), StoreError>;

    /// The chat as the member sees it. `NotFound` if they are not in it.
    async fn view(&self, chat: ChatId, viewer: UserId) -> Result<ChatView, StoreError>;

    /// The chats that the viewer is in, the one active last first (by time, then by id, both
    /// falling), after the cursor.
    async fn list(
        &self,
        viewer: UserId,
        after: Option<ChatCursor>,
        limit: usize,
    ) -> Result<ChatPage, StoreError>;

    /// Every chat that the viewer is in, with its version now, in the order of their ids.
    async fn versions(&self, viewer: UserId) -> Result<Vec<(ChatId, Version)>, StoreError>;

    /// What changed after `since`, oldest change first, at most about `limit` things: the chat
    /// itself, members (those who left included) and messages (tombstones included), each as it is
    /// now and once. [`Changes::version`] is the version up to which that is complete, and
    /// [`Changes::more`] whether the chat is past it. `NotFound` if there is no such chat.
    async fn changes(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, StoreError>;
}

/// A change of a member. `None` in its place means that there was nothing to change, and then the
/// chat's version stayed.
pub type MemberChange = Option<Member>;

/// Keeps who is in which chat. The promises of [`ChatStore`] hold here too.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MemberStore: Send + Sync {
    /// Where somebody stands in a chat. `NotFound` if they are not in it (any more), or there is
    /// no such chat.
    async fn standing(&self, chat: ChatId, user: UserId) -> Result<Standing, StoreError>;

    /// Who is in the chat, in the order of their ids, after the cursor.
    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<MemberPage, StoreError>;

    /// Lets somebody in as a plain member, having read everything so far. If they are in already,
    /// nothing changes. `Conflict` if the chat has `capacity` members; `NotFound` if there is no
    /// such chat or account.
    async fn add(
        &self,
        chat: ChatId,
        user: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<MemberChange, StoreError>;

    /// Changes a member's role. `NotFound` if they are not in the chat.
    async fn set_role(
        &self,
        chat: ChatId,
        user: UserId,
        role: ChatRole,
    ) -> Result<MemberChange, StoreError>;

    /// Makes `to` the owner and the owner `from` an admin, as two versions in this order: `to`,
    /// `from`. `Conflict` if `from` is not the owner; `NotFound` if either is not in the chat.
    async fn hand_over(
        &self,
        chat: ChatId,
        from: UserId,
        to: UserId,
    ) -> Result<[Member; 2], StoreError>;

    /// Takes somebody out. What is kept says when they left. `NotFound` if they are not in.
    async fn remove(&self, chat: ChatId, user: UserId, at: Timestamp)
    -> Result<Member, StoreError>;

    /// Moves somebody's read marker forward to `seq`; a marker that is there or further stays, and
    /// then the version stays too. `NotFound` if they are not in the chat. `Conflict` if the chat
    /// has no message of that `seq` yet.
    async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        seq: Seq,
    ) -> Result<ReadMarker, StoreError>;

    /// Everybody who shares a chat with this person, each once, not the person, in the order of
    /// their ids, at most `limit`.
    async fn contacts(&self, user: UserId, limit: usize) -> Result<Vec<UserId>, StoreError>;

    /// Those of `others` who share a chat with this person. Everybody shares one with themselves.
    async fn sharing(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError>;
}
