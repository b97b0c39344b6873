//! Several nodes as one server: what a bus between nodes and the sockets of one of them tell each
//! other. A node that runs alone has neither.

use crate::event::Event;
use crate::ids::{ChatId, UserId, Version};
use async_trait::async_trait;

/// What events are about, and what a node follows if its sockets need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// What happens in a chat.
    Chat(ChatId),
    /// What is for one person, whatever chat it is about.
    Person(UserId),
}

/// Brings a node the events of others, of the topics that it follows and of no more.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// Somebody here needs this topic from now on. Does not wait.
    fn follow(&self, topic: Topic);

    /// Nobody here needs it any more. Does not wait.
    fn unfollow(&self, topic: Topic);

    /// Waits until what is published on a topic from now on arrives here. While nothing does at all
    /// it does not wait: [`Sockets::compare`] is called when something does again.
    async fn followed(&self, topic: Topic);
}

/// What may have been missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Something in these chats.
    Chats(Vec<ChatId>),
    /// Something in any chat, but hardly.
    AnyChat,
    /// Anything: what happened in chats, and who came into one.
    Everything,
}

/// The sockets of this node. No method waits.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Sockets: Send + Sync {
    /// Delivers an event of another node. One that was delivered already is passed over.
    fn deliver(&self, event: Event);

    /// A chat has reached this version: what is missing is to be read from the database.
    fn reached(&self, chat: ChatId, version: Version);

    /// Events may have been lost: what is followed is to be compared with the database.
    fn compare(&self, doubt: Doubt);
}
