//! A message in another server's data.

use super::host_record::checked_data;
use super::rules::leaves_room;
use super::{ImportError, OldMessage};
use crate::clock::Timestamp;
use crate::ids::{ChatId, MessageId, UserId};
use crate::message::{MessageKind, MessageText};

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
