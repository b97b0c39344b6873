//! Editing.

use super::{ChangeError, ChangeRefusal, Message, MessageFacts, MessageText, Messages};
use crate::chat::rules;
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId, UserId};
use crate::session::Caller;
use crate::text::TextError;

/// A message that is to say something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// In which chat.
    pub chat: ChatId,
    /// Which message.
    pub message: MessageId,
    /// Who wants it.
    pub actor: UserId,
    /// What it is to say, or what is wrong with that, which only somebody who may edit is told.
    pub text: Result<MessageText, TextError>,
    /// Now.
    pub at: Timestamp,
}

impl Edit {
    /// What the message says from now on, given whether it has attachments, without which it says
    /// something.
    pub fn decide(
        &self,
        facts: MessageFacts<'_>,
        attached: bool,
    ) -> Result<MessageText, ChangeRefusal> {
        let (actor, message) = facts.seen(Some(self.chat)).ok_or(ChangeRefusal::NotFound)?;
        if !rules::may_edit(self.actor, message) {
            return Err(ChangeRefusal::NotAllowed);
        }
        if !rules::may_write(&actor) {
            return Err(ChangeRefusal::PeerUnavailable);
        }
        let text = self.text.clone()?;
        if text.as_str().is_empty() && !attached {
            return Err(TextError::Empty.into());
        }
        if message.deleted_at.is_some() {
            return Err(ChangeRefusal::Deleted);
        }
        Ok(text)
    }
}

impl Messages {
    /// Changes the text of one's own message.
    pub async fn edit(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
        text: &str,
    ) -> Result<Message, ChangeError> {
        let (actor, at) = (caller.user, self.ports.clock.now());
        // Whether it may be empty is known where the message is.
        let text = MessageText::beside_attachments(text);
        let text = text.and_then(|text| self.limits.allow_text(text.as_str()).map(|()| text));
        let edit = Edit { chat, message: id, actor, text, at };
        let edited = self.ports.messages.edit(edit).await?;
        self.tell(EventBody::MessageEdited(edited.clone()), chat);
        Ok(edited)
    }
}
