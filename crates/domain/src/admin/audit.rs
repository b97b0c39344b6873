//! What was managed, by whom and when.

use super::{Actor, Administration};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{AuditId, ChatId, MessageId, UserId};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What somebody did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction { $($(#[$doc])* $name,)+ }

        impl AuditAction {
            /// Its word in every protocol and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
            /// The action of that word.
            pub fn parse(word: &str) -> Option<Self> {
                [$(Self::$name,)+].into_iter().find(|action| action.as_str() == word)
            }
        }
    };
}

actions! {
    /// Made an account; the detail is its role.
    UserAdded = "user.added",
    /// Gave an account a role, which is the detail.
    UserRole = "user.role",
    /// Changed what an account says about its owner; the detail names the fields.
    UserProfile = "user.profile",
    /// Disabled an account.
    UserDisabled = "user.disabled",
    /// Enabled an account.
    UserEnabled = "user.enabled",
    /// Set an account's password.
    UserPassword = "user.password",
    /// Ended an account's sessions.
    UserSessions = "user.sessions",
    /// Deleted an account; the detail says what became of its messages.
    UserDeleted = "user.deleted",
    /// Deleted a chat; the detail is its kind and its title.
    ChatDeleted = "chat.deleted",
    /// Deleted a message.
    MessageDeleted = "message.deleted",
}

/// What it was done to. It may be gone since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTarget {
    /// An account.
    User(UserId),
    /// A chat.
    Chat(ChatId),
    /// A message.
    Message(MessageId),
}

impl AuditTarget {
    /// The target of that number: each action is done to one sort of thing.
    pub fn of(action: AuditAction, number: i64) -> Self {
        use AuditAction::{ChatDeleted, MessageDeleted};
        match action {
            ChatDeleted => Self::Chat(ChatId::stored(number)),
            MessageDeleted => Self::Message(MessageId::stored(number)),
            _ => Self::User(UserId::stored(number)),
        }
    }
}

/// A line to be written; what it was done to follows from the call that writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which admin; `None` for the operator.
    pub actor: Option<UserId>,
    /// Now.
    pub at: Timestamp,
    /// What they did.
    pub action: AuditAction,
    /// More about it, perhaps nothing. Never a password or the text of a message.
    pub detail: String,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, rising.
    pub id: AuditId,
    /// What was done to it.
    pub target: AuditTarget,
    /// Who did what, and when.
    pub record: Record,
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Whether there are older ones.
    pub more: bool,
}

impl Administration {
    /// The log, the newest first, before that entry.
    pub async fn audit(
        &self,
        _: Actor,
        before: Option<AuditId>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        self.ports.admin.audit(before, limit).await
    }
}
