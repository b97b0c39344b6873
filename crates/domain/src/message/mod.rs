//! Messages.

mod change;
mod code;
mod day;
mod delete;
mod edit;
mod emoji;
mod entities;
mod history;
mod lookup;
mod mark_outcome;
mod marks;
mod mention;
mod page;
mod pin;
mod port;
mod react;
mod read;
mod search;
mod search_error;
mod send;
mod send_refusal;
mod shown;
mod star;

pub use change::{ChangeError, ChangeRefusal, MessageFacts};
pub use delete::DeleteMessage;
pub use edit::{Edit, Edited, MessageUpdate};
pub use emoji::{Emoji, NotAnEmoji};
pub use entities::{ClientId, Extras, Message, MessageKind, MessageText, NotAClientId, Reaction};
pub use history::EarlierText;
pub use mark_outcome::{MarkError, MarkRefusal, Marked};
pub use marks::MarkStore;
#[cfg(feature = "mocks")]
pub use marks::MockMarkStore;
pub use mention::{Mention, Mentions};
pub use page::{History, MessagePage, Page};
pub use pin::Pin;
#[cfg(feature = "mocks")]
pub use port::MockMessageStore;
pub use port::{AppendError, Appended, MessageStore};
pub use react::{React, ReactionChange};
pub use read::ReadMessageError;
pub use search::{Author, FoundPage, MessageQuery, Search};
pub use search_error::SearchError;
pub use send::{Admission, Circumstances, Draft, Send, SendError};
pub use send_refusal::SendRefusal;
pub use shown::ShownPage;
pub use star::{Star, StarPage};

use crate::block::BlockStore;
use crate::chat::{AddressStore, MemberStore};
use crate::clock::Clock;
use crate::directory::Directory;
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::host::ExternalIds;
use crate::ids::ChatId;
use crate::limits::Chosen;
use crate::presence::Typists;
use std::sync::Arc;

/// The ports that messages need.
pub struct MessagePorts {
    /// Messages.
    pub messages: Arc<dyn MessageStore>,
    /// Reactions, pins and stars.
    pub marks: Arc<dyn MarkStore>,
    /// Chats that have an address, for whispers.
    pub addresses: Arc<dyn AddressStore>,
    /// Who is in which chat.
    pub members: Arc<dyn MemberStore>,
    /// Who has blocked whom.
    pub blocks: Arc<dyn BlockStore>,
    /// Publishes events.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is typing; sending a message ends that.
    pub typists: Arc<Typists>,
    /// Resolves external ids of people and chats.
    pub external_ids: Arc<ExternalIds>,
    /// Decides who may find which rooms.
    pub directory: Arc<Directory>,
}

/// The use cases of messages.
pub struct Messages {
    ports: MessagePorts,
    limits: Chosen,
}

impl Messages {
    /// Uses the given ports, with the default limits.
    pub fn new(ports: MessagePorts) -> Self {
        Self { ports, limits: Chosen::default() }
    }

    /// Sets other limits.
    pub fn within(self, limits: Chosen) -> Self {
        Self { limits, ..self }
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}
