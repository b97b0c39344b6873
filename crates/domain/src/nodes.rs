//! Running several nodes as one server: the interface between the bus that connects nodes and the sockets of
//! one node. A node that runs alone needs neither.

use crate::event::Event;
use crate::ids::{ChatId, UserId, Version};
use async_trait::async_trait;

/// A topic of events. A node follows the topics that its sockets need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Events of a chat.
    Chat(ChatId),
    /// Events for one person, about any chat.
    Person(UserId),
}

/// Delivers other nodes' events to a node, but only those of the topics that it follows.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// Starts following a topic that a socket needs. Does not wait.
    fn follow(&self, topic: Topic);

    /// Stops following a topic that no socket needs any more. Does not wait.
    fn unfollow(&self, topic: Topic);

    /// Waits until events that are published on a topic from now on arrive here. While no events arrive at
    /// all, it does not wait: [`Sockets::compare`] is called when they do again.
    async fn followed(&self, topic: Topic);
}

/// What may have been missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Changes of these chats.
    Chats(Vec<ChatId>),
    /// Changes of any chat, though probably none.
    AnyChat,
    /// Anything: changes of chats, and who joined one.
    Everything,
}

/// The sockets of this node. No method waits.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Sockets: Send + Sync {
    /// Delivers an event of another node, unless it was delivered already.
    fn deliver(&self, event: Event);

    /// Says that a chat has reached this version; events that are missing up to it are read from the database.
    fn reached(&self, chat: ChatId, version: Version);

    /// Says that events may have been lost, so that what is followed is compared with the database.
    fn compare(&self, doubt: Doubt);
}
