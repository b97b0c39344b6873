//! The port of importing.

use super::{Imported, Misplaced, OfHost, OldMessage};
use crate::chat::{ChatKey, ChatKind, ChatRole, Description, Title};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, UserId};
use crate::user::{AccountRole, PasswordHash, ProfileChange, UserName};
use async_trait::async_trait;

/// An account of another server.
#[derive(Debug, Clone)]
pub struct OldUser {
    /// Its id, which stays the same.
    pub id: UserId,
    /// Its name.
    pub name: UserName,
    /// The hash of its password.
    pub password: PasswordHash,
    /// Its role.
    pub role: AccountRole,
    /// Its owner's profile.
    pub profile: ProfileChange,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its owner was last connected.
    pub last_seen_at: Option<Timestamp>,
    /// Who its owner is to a host. Whom a host has is in from then on, as if the host had said so.
    pub host: OfHost,
}

/// A chat of another server.
#[derive(Debug, Clone)]
pub struct OldChat {
    /// Its id, which stays the same.
    pub id: ChatId,
    /// Its kind; never a whisper chat.
    pub kind: ChatKind,
    /// The key that it is found by.
    pub key: Option<ChatKey>,
    /// Its title.
    pub title: Option<Title>,
    /// Its description.
    pub description: Description,
    /// See [`crate::chat::Chat::open`].
    pub open: bool,
    /// Its members, each once.
    pub people: Vec<(UserId, ChatRole)>,
    /// When it was created.
    pub created_at: Timestamp,
    /// What it is to a host.
    pub host: OfHost,
}

/// A membership of another server.
#[derive(Debug, Clone, Copy)]
pub struct OldMember {
    /// In which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserId,
    /// Their role.
    pub role: ChatRole,
    /// When they joined.
    pub joined_at: Timestamp,
}

/// Stores imported records. Each call is one atomic change, which is durable once the call returns; `false`
/// means that the id existed already, and nothing was changed. What is created later gets higher ids. Every
/// method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Adds an account with that id. `Conflict` if another one has that folded name, or one that
    /// it looks like, as with [`crate::user::UserStore::add`].
    async fn add_user(&self, user: OldUser) -> Result<bool, StoreError>;

    /// Creates a chat with that id at version 1, with its members. `NotFound` if one of them has no
    /// account; `Conflict` if a chat with another id has its key.
    async fn add_chat(&self, chat: OldChat) -> Result<bool, StoreError>;

    /// Adds a member, who has read nothing, as the chat's next version; `false` if they are a member or
    /// were one. `NotFound` if there is no such chat or account; `Conflict` if the chat is between two
    /// people, or they would be a second owner.
    async fn add_member(&self, member: OldMember) -> Result<bool, StoreError>;

    /// Stores messages with their ids, each as the next one of its chat if [`OldMessage::admit`] says so, and moves
    /// a chat's last activity to the time of a message that is later. Says of each, in their order, what became of
    /// it; the others are stored in any case.
    async fn add_messages(
        &self,
        messages: Vec<OldMessage>,
    ) -> Result<Vec<Result<Imported, Misplaced>>, StoreError>;
}
