//! Chats and messages of others, for admins. Admins list and delete them, but are not shown what was said.

use super::{Actor, Administration, AuditAction};
use crate::chat::Chat;
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, MessageId};

/// The kinds of chats that admins see. Whispers are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedKind {
    /// See [`crate::chat::ChatKind::Direct`].
    Direct,
    /// See [`crate::chat::ChatKind::Group`].
    Group,
    /// See [`crate::chat::ChatKind::Project`].
    Project,
    /// See [`crate::chat::ChatKind::Room`].
    Room,
}

impl ListedKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Direct, Self::Group, Self::Project, Self::Room];

    /// Its word in every protocol and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Project => "project",
            Self::Room => "room",
        }
    }
    /// The kind with that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A chat, as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminChat {
    /// The chat.
    pub chat: Chat,
    /// How many people are in it.
    pub member_count: i64,
    /// How many messages it has had, tombstones included.
    pub message_count: i64,
    /// When the last message was sent, or else when the chat was made.
    pub active_at: Timestamp,
}

/// Chats, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminChatPage {
    /// In the order of their ids.
    pub chats: Vec<AdminChat>,
    /// Whether there are more.
    pub more: bool,
}

/// Why a chat or a message was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There is no such chat.
    #[error("There is no such chat.")]
    ChatNotFound,
    /// There is no such message.
    #[error("There is no such message.")]
    MessageNotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<DeleteError> for Failure {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::ChatNotFound => Self::new(Kind::NotFound, "chat_not_found", error),
            DeleteError::MessageNotFound => Self::new(Kind::NotFound, "message_not_found", error),
            DeleteError::Store(error) => error.into(),
        }
    }
}

impl Administration {
    /// A page of all chats, or of those of one kind, after the id `after`.
    pub async fn chats(
        &self,
        _: Actor,
        kind: Option<ListedKind>,
        after: Option<ChatId>,
        limit: usize,
    ) -> Result<super::AdminChatPage, StoreError> {
        self.ports.admin.chats(kind, after, limit).await
    }

    /// Deletes a chat for everybody, together with the whispers in it. Members hear of it at once; the content is
    /// erased later, in steps (ADR 50).
    pub async fn delete_chat(&self, actor: Actor, chat: ChatId) -> Result<(), DeleteError> {
        let record = self.record(actor, AuditAction::ChatDeleted, String::new());
        let deleted = self.ports.admin.delete_chat(chat, record).await;
        let deleted = deleted.map_err(|error| match error {
            StoreError::NotFound => DeleteError::ChatNotFound,
            error => DeleteError::Store(error),
        })?;
        for chat in deleted.gone {
            self.tell(EventBody::ChatDeleted(chat), chat);
        }
        Ok(())
    }

    /// Replaces a message by a tombstone. Deleting it again is a success that changes nothing.
    pub async fn delete_message(&self, actor: Actor, id: MessageId) -> Result<(), DeleteError> {
        let record = self.record(actor, AuditAction::MessageDeleted, String::new());
        match self.ports.admin.delete_message(id, record).await {
            Ok(tombstone) => {
                let chat = tombstone.chat;
                self.tell(EventBody::MessageDeleted(tombstone), chat);
                Ok(())
            }
            Err(StoreError::Conflict) => Ok(()),
            Err(StoreError::NotFound) => Err(DeleteError::MessageNotFound),
            Err(error) => Err(DeleteError::Store(error)),
        }
    }
}

impl Chat {
    /// How the audit log describes a deleted chat: its kind, and its title if it has one.
    pub fn described(&self) -> String {
        match &self.title {
            Some(title) => format!("{} \"{title}\"", self.kind.as_str()),
            None => self.kind.as_str().to_owned(),
        }
    }
}
