//! Web Push: telling a device of messages while no page of it is open.
//!
//! A browser gives an address at its maker's push service and keys that only it can read with. They
//! belong to the session that named them and go with it.

mod address;
mod endpoint;
mod notify;
mod port;
mod refusals;
mod renew;
mod subscribe;

pub use address::is_public;
pub use endpoint::{Endpoint, EndpointError, Reach};
pub use notify::{Due, DuePage, Notice};
pub use port::{
    Candidate, CandidateQuery, Delivery, PushSender, ReceiverKeys, SubscriptionStore, Unfit,
};
#[cfg(feature = "mocks")]
pub use port::{MockPushSender, MockSubscriptionStore};
pub use renew::{OldSubscription, RenewError};
pub use subscribe::{NewSubscription, SubscribeError};

use crate::clock::{Clock, Timestamp};
use crate::ids::{ChatId, Seq, SessionId, UserId};
use crate::message::MessageStore;
use crate::user::UserStore;
use refusals::Refusals;
use std::sync::Arc;

/// What the use cases of Web Push stand on.
pub struct PushPorts {
    /// Where devices are reached.
    pub subscriptions: Arc<dyn SubscriptionStore>,
    /// The way to them.
    pub sender: Arc<dyn PushSender>,
    /// What was written, as it is when somebody is told of it.
    pub messages: Arc<dyn MessageStore>,
    /// Who writes.
    pub users: Arc<dyn UserStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of Web Push.
pub struct Pushes {
    ports: PushPorts,
    reach: Reach,
    refusals: Refusals,
}

impl Pushes {
    /// Over the given ports, to endpoints that far away.
    pub fn new(ports: PushPorts, reach: Reach) -> Self {
        Self { ports, reach, refusals: Refusals::default() }
    }
}

/// What the owner of a device lets a notification carry. It crosses the push service encrypted, and
/// then lies on a screen that others may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Content {
    /// Who wrote.
    #[default]
    Sender,
    /// Who wrote, and the beginning of the text.
    SenderAndText,
}

impl Content {
    /// Both, each with its word.
    const WORDS: [(Self, &str); 2] =
        [(Self::Sender, "sender"), (Self::SenderAndText, "sender_and_text")];

    /// Its word, for stores and protocols.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(content, _)| *content == self).map_or("sender", |(_, word)| word)
    }

    /// What the word stands for.
    pub fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(content, _)| *content)
    }
}

/// Where a device is reached, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The device.
    pub session: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The address that its browser gave.
    pub endpoint: Endpoint,
    /// What to encrypt with for it.
    pub keys: ReceiverKeys,
    /// What a notification may carry.
    pub content: Content,
    /// When the browser says that it ends.
    pub expires_at: Option<Timestamp>,
}

/// What a device is told of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// In which chat, so that it can be opened.
    pub chat: ChatId,
    /// Where in it.
    pub seq: Seq,
    /// The name of its author.
    pub sender: String,
    /// The beginning of what it says, as far as the device's owner allows.
    pub text: Option<String>,
}
