//! Messages of another server, and what becomes of them.

use crate::clock::Timestamp;
use crate::data::Data;
use crate::ids::{ChatId, MessageId, UserId};
use crate::message::{MessageKind, MessageText};

/// A message of another server.
#[derive(Debug, Clone)]
pub struct OldMessage {
    /// Its id, which stays the same.
    pub id: MessageId,
    /// In which chat.
    pub chat: ChatId,
    /// Who wrote it.
    pub author: UserId,
    /// Its kind.
    pub kind: MessageKind,
    /// Its text.
    pub text: MessageText,
    /// Its data.
    pub data: Option<Data>,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
}

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

impl OldMessage {
    /// A text message with nothing that is optional.
    pub fn new(
        id: MessageId,
        chat: ChatId,
        author: UserId,
        text: MessageText,
        created_at: Timestamp,
    ) -> Self {
        let (kind, data, reply_to, edited_at) = (MessageKind::Text, None, None, None);
        Self { id, chat, author, kind, text, data, reply_to, created_at, edited_at }
    }

    /// Whether it becomes the next message of its chat: messages of a chat come in the order of their ids.
    ///
    /// # Errors
    /// It has no place there.
    pub fn admit(&self, place: MessagePlace) -> Result<Imported, Misplaced> {
        match place.there {
            Some(chat) if chat == self.chat => return Ok(Imported::There),
            Some(_) => return Err(Misplaced::OutOfOrder),
            None if !place.has_author => return Err(Misplaced::NoAuthor),
            None => {}
        }
        match place.last {
            Some(last) if last > self.id => Err(Misplaced::OutOfOrder),
            _ => Ok(Imported::Added),
        }
    }
}
