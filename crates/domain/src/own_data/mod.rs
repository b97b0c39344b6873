//! What is somebody's own: all of it, to take along or to take away.

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

/// What the use cases of one's own data stand on.
pub struct OwnDataPorts {
    /// What somebody wrote and where they are.
    pub own: Arc<dyn OwnDataStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// What their hosts keep with them.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Chats.
    pub chats: Arc<dyn ChatStore>,
    /// What messages said before they were edited.
    pub messages: Arc<dyn MessageStore>,
    /// What people put on messages.
    pub marks: Arc<dyn MarkStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of one's own data.
pub struct OwnData {
    ports: OwnDataPorts,
}

impl OwnData {
    /// Over the given ports.
    pub fn new(ports: OwnDataPorts) -> Self {
        Self { ports }
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}

/// What becomes of the messages of an account that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeftMessages {
    /// They stay, as those of a deleted user.
    #[default]
    Keep,
    /// They become tombstones, and their author's reactions go.
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
    /// The choice of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Keep, Self::Delete].into_iter().find(|choice| choice.as_str() == word)
    }
}
