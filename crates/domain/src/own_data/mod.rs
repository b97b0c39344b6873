//! Users' own data: exporting all of it, and deleting it with the account.

mod delete;
mod export;
mod port;
pub mod succession;

pub use delete::{DeleteAccount, DeleteAccountError};
pub use export::{ExportItem, ExportPage, ExportPlace};
#[cfg(feature = "mocks")]
pub use port::MockOwnDataStore;
pub use port::{OwnDataStore, OwnReactions, PendingDeletion, Withdrawal};

use crate::block::BlockStore;
use crate::chat::ChatStore;
use crate::clock::Clock;
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::host::HostAccountStore;
use crate::ids::ChatId;
use crate::message::{MarkStore, MessageStore};
use crate::session::SessionStore;
use crate::user::{PasswordHasher, UserStore};
use std::sync::Arc;

/// The ports that users' own data needs.
pub struct OwnDataPorts {
    /// What somebody wrote and uploaded, and the chats that they are in.
    pub own: Arc<dyn OwnDataStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// The data that hosts store with accounts.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// Earlier texts of edited messages.
    pub messages: Arc<dyn MessageStore>,
    /// Reactions, pins and stars.
    pub marks: Arc<dyn MarkStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Checks passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Publishes events.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of users' own data.
pub struct OwnData {
    ports: OwnDataPorts,
}

impl OwnData {
    /// Uses the given ports.
    pub fn new(ports: OwnDataPorts) -> Self {
        Self { ports }
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}

/// What becomes of a deleted account's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeftMessages {
    /// They stay, as those of a deleted user.
    #[default]
    Keep,
    /// They become tombstones, and the account's reactions are removed.
    Delete,
}

impl LeftMessages {
    /// Its word in every protocol and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }
    /// The choice with that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Keep, Self::Delete].into_iter().find(|choice| choice.as_str() == word)
    }
}
