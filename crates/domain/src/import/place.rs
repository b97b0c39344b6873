//! Where an imported message goes in its chat, and what becomes of a record.

use crate::ids::{ChatId, MessageId};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It was added.
    Added,
    /// Its id existed already, and nothing was changed.
    There,
}

/// Where a store finds that an imported message would go, under the lock of its chat.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessagePlace {
    /// The chat of the message that has this id already.
    pub there: Option<ChatId>,
    /// Whether the chat is there, and the author is or was in it.
    pub has_author: bool,
    /// The last message of the chat.
    pub last: Option<MessageId>,
}

/// Why an imported message was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// There is no such chat, or its author never was in it.
    NoAuthor,
    /// The chat has a message with a higher id, or another chat has one with this id.
    OutOfOrder,
}
