//! Pinning.

use super::{MarkError, MarkRefusal, Message, Messages};
use crate::chat::{GetError, rules};
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId};
use crate::limits;
use crate::session::Caller;

/// A message to be pinned or taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Which message.
    pub message: MessageId,
    /// Whether it is to be pinned.
    pub on: bool,
    /// Now.
    pub at: Timestamp,
}

impl Pin {
    /// Whether anything is to be changed, given the message as it is in the store and how many are
    /// pinned in its chat.
    pub fn admit(&self, message: &Message, pinned: usize) -> Result<bool, MarkRefusal> {
        if message.deleted_at.is_some() {
            return Err(MarkRefusal::Deleted);
        }
        if message.pinned_at.is_some() == self.on {
            return Ok(false);
        }
        if self.on && pinned >= limits::PINS_PER_CHAT {
            return Err(MarkRefusal::TooManyPins);
        }
        Ok(true)
    }
}

impl Messages {
    /// Pins a message or takes it down, and answers it as it is then.
    pub async fn pin(
        &self,
        caller: &Caller,
        chat: ChatId,
        message: MessageId,
        on: bool,
    ) -> Result<Message, MarkError> {
        let (actor, seen) = self.in_chat(caller, chat, message).await?;
        if !rules::may_pin(&actor) {
            return Err(MarkError::NotAllowed);
        }
        if on && !rules::may_write(&actor) {
            return Err(MarkError::PeerUnavailable);
        }
        let pin = Pin { message, on, at: self.ports.clock.now() };
        match self.ports.marks.pin(pin).await? {
            Some(changed) => {
                self.tell(EventBody::MessageUpdated(changed.clone()), seen.chat);
                Ok(changed)
            }
            None => Ok(self.ports.messages.get(message).await?),
        }
    }

    /// The pinned messages of a chat, the one pinned last first.
    pub async fn pinned(&self, caller: &Caller, chat: ChatId) -> Result<Vec<Message>, GetError> {
        self.ports.members.standing(chat, caller.user).await?;
        Ok(self.ports.marks.pinned(chat).await?)
    }
}
