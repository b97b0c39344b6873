//! What taking over needs from the outside.

use crate::chat::{ChatKey, ChatKind, ChatRole, Description, Title};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId, UserId};
use crate::message::MessageText;
use crate::user::{AccountRole, PasswordHash, ProfileChange, UserName};
use async_trait::async_trait;

/// An account of another server.
#[derive(Debug, Clone)]
pub struct OldUser {
    /// Its number there, and here.
    pub id: UserId,
    /// Its name.
    pub name: UserName,
    /// What its password is known by.
    pub password: PasswordHash,
    /// What it may do.
    pub role: AccountRole,
    /// What its owner says of themselves.
    pub profile: ProfileChange,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its owner was last connected.
    pub last_seen_at: Option<Timestamp>,
}

/// A chat of another server.
#[derive(Debug, Clone)]
pub struct OldChat {
    /// Its number there, and here.
    pub id: ChatId,
    /// What sort it is; no whispers.
    pub kind: ChatKind,
    /// What it is found by.
    pub key: Option<ChatKey>,
    /// Its title.
    pub title: Option<Title>,
    /// What it is about.
    pub description: Description,
    /// See [`crate::chat::Chat::open`].
    pub open: bool,
    /// Who is in it, each once.
    pub people: Vec<(UserId, ChatRole)>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Somebody in a chat of another server.
#[derive(Debug, Clone, Copy)]
pub struct OldMember {
    /// In which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: ChatRole,
    /// When they came in.
    pub joined_at: Timestamp,
}

/// A message of another server.
#[derive(Debug, Clone)]
pub struct OldMessage {
    /// Its number there, and here.
    pub id: MessageId,
    /// In which chat.
    pub chat: ChatId,
    /// Who wrote it.
    pub author: UserId,
    /// What it says.
    pub text: MessageText,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
}

/// Takes in what another server kept. Each call is one atomic change, and a change that returned is
/// there to stay; `false` means that something of that id was there, which stayed as it was. What is
/// made later is given higher ids. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Adds an account of that id. `Conflict` if another one has that folded name, or one that
    /// it looks like, as with [`crate::user::UserStore::add`].
    async fn add_user(&self, user: OldUser) -> Result<bool, StoreError>;

    /// Makes a chat of that id at version 1, with its members. `NotFound` if one of them has no
    /// account; `Conflict` if a chat of another id has its key.
    async fn add_chat(&self, chat: OldChat) -> Result<bool, StoreError>;

    /// Lets somebody in as the chat's next version, having read nothing; `false` if they are in or
    /// were. `NotFound` if there is no such chat or account; `Conflict` if the chat is between two
    /// people, or they would be a second owner.
    async fn add_member(&self, member: OldMember) -> Result<bool, StoreError>;

    /// Stores a message of that id as the next one of its chat. Its activity is not before the
    /// message's. `NotFound` unless the author is in the chat or was; `Conflict` if the chat has a
    /// message of a higher id, or there is one of this id in another chat.
    async fn add_message(&self, message: OldMessage) -> Result<bool, StoreError>;
}
