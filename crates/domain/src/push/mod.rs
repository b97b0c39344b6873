//! Web Push: notifying a device of messages while no page is open.
//!
//! A browser provides an address at its vendor's push service, and keys to encrypt with so that only it can
//! decrypt. Both belong to the session that registered them, and are deleted with it.

mod endpoint;
mod notify;
mod port;
mod refusals;
mod renew;
mod subscribe;

pub use endpoint::{Endpoint, EndpointError};
pub use notify::{Burst, Due, DuePage, Notice};
pub use port::{
    Candidate, CandidateQuery, Delivery, PushSender, ReceiverKeys, SubscriptionStore, Unfit,
};
#[cfg(feature = "mocks")]
pub use port::{MockPushSender, MockSubscriptionStore};
pub use renew::{OldSubscription, RenewError};
pub use subscribe::{NewSubscription, SubscribeError};

use crate::clock::{Clock, Timestamp};
use crate::ids::{ChatId, Seq, SessionId, UserId};
use crate::internet::Reach;
use crate::message::MessageStore;
use crate::user::UserStore;
use refusals::Refusals;
use std::sync::Arc;

/// The ports that Web Push needs.
pub struct PushPorts {
    /// Devices' subscriptions.
    pub subscriptions: Arc<dyn SubscriptionStore>,
    /// Sends to push services.
    pub sender: Arc<dyn PushSender>,
    /// Messages, read again when a notification is sent.
    pub messages: Arc<dyn MessageStore>,
    /// Authors' accounts.
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
    /// Uses the given ports. `reach` says which endpoints may be called.
    pub fn new(ports: PushPorts, reach: Reach) -> Self {
        Self { ports, reach, refusals: Refusals::default() }
    }
}

/// What a notification may contain, as the device's owner chose. It passes the push service encrypted, but is
/// then shown on a screen that others may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Content {
    /// The author.
    #[default]
    Sender,
    /// The author, and the beginning of the text.
    SenderAndText,
}

impl Content {
    /// Both values, each with its word.
    const WORDS: [(Self, &str); 2] =
        [(Self::Sender, "sender"), (Self::SenderAndText, "sender_and_text")];

    /// Its word, for stores and protocols.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(content, _)| *content == self).map_or("sender", |(_, word)| word)
    }

    /// The value with that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(content, _)| *content)
    }
}

/// A device's subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The device's session.
    pub session: SessionId,
    /// Its owner.
    pub user: UserId,
    /// The address that its browser provided.
    pub endpoint: Endpoint,
    /// The keys to encrypt with for it.
    pub keys: ReceiverKeys,
    /// What a notification may contain.
    pub content: Content,
    /// When it expires, if its browser says so.
    pub expires_at: Option<Timestamp>,
}

/// A notification of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The chat, so that it can be opened.
    pub chat: ChatId,
    /// The message's seq in the chat.
    pub seq: Seq,
    /// The name of its author.
    pub sender: String,
    /// The beginning of its text, if the device's owner allows that.
    pub text: Option<String>,
}
