//! Messages of another server: as its data has them, checked, and as messages of this one.

use super::host_record::checked_data;
use super::rules::leaves_room;
use super::{ImportError, Imported, MessagePlace, Misplaced};
use crate::clock::Timestamp;
use crate::data::Data;
use crate::ids::{ChatId, MessageId, Seq, UserId, Version};
use crate::message::{Extras, Message, MessageKind, MessageText};

/// A message in another server's data.
#[derive(Debug, Clone, Copy)]
pub struct MessageRecord<'a> {
    /// In which chat.
    pub chat: ChatId,
    /// Who wrote it.
    pub author: UserId,
    /// Its kind: `text` unless given, or `app`.
    pub kind: Option<&'a str>,
    /// Its text.
    pub text: &'a str,
    /// Its data: a JSON object.
    pub data: Option<&'a str>,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
}

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

impl MessageRecord<'_> {
    /// The record, if it keeps the rules for messages.
    pub(super) fn checked(self, id: MessageId) -> Result<OldMessage, ImportError> {
        let Self { chat, author, reply_to, created_at, edited_at, .. } = self;
        leaves_room(id.get())?;
        let text = MessageText::new(self.text);
        let text = text.map_err(|why| ImportError::Rule(format!("the text {why}")))?;
        let data = checked_data(self.data)?;
        let kind = match self.kind {
            None | Some("text") => MessageKind::Text,
            Some("app") if data.is_some() => MessageKind::App,
            Some("app") => {
                return Err(ImportError::Rule("a message of the kind app has data".to_owned()));
            }
            Some(_) => {
                return Err(ImportError::Rule("the kind of a message is text or app".to_owned()));
            }
        };
        Ok(OldMessage { id, chat, author, kind, text, data, reply_to, created_at, edited_at })
    }
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

    /// The message at that place of its chat. Whom it mentioned has been told long ago.
    pub fn message(&self, seq: Seq, version: Version) -> Message {
        Message {
            id: self.id,
            chat: self.chat,
            seq,
            version,
            author: self.author,
            author_role: None,
            client_id: None,
            reply_to: self.reply_to,
            kind: self.kind,
            text: self.text.as_str().to_owned(),
            data: self.data.clone(),
            created_at: self.created_at,
            edited_at: self.edited_at,
            deleted_at: None,
            pinned_at: None,
            extras: Extras::default(),
        }
    }
}
