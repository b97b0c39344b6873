//! Deleting.

use super::change::unseen;
use super::{ChangeError, ChangeRefusal, Message, MessageFacts, Messages};
use crate::chat::rules;
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId, UserId};
use crate::session::Caller;

/// A message in whose place a tombstone is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteMessage {
    /// In which chat.
    pub chat: ChatId,
    /// Which message.
    pub message: MessageId,
    /// Who wants it.
    pub actor: UserId,
    /// Now.
    pub at: Timestamp,
}

impl DeleteMessage {
    /// Whether anything is to be changed: a tombstone stays as it is.
    pub fn decide(&self, facts: MessageFacts<'_>) -> Result<bool, ChangeRefusal> {
        let (actor, message) = facts.seen(Some(self.chat)).ok_or(ChangeRefusal::NotFound)?;
        if !rules::may_delete_message(&actor, message) {
            return Err(ChangeRefusal::NotAllowed);
        }
        Ok(message.deleted_at.is_none())
    }
}

impl Messages {
    /// Deletes a message and returns its tombstone. Deleting it again returns the same.
    pub async fn delete(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Message, ChangeError> {
        let (actor, at) = (caller.user, self.ports.clock.now());
        let wanted = DeleteMessage { chat, message: id, actor, at };
        match self.ports.messages.delete(wanted).await? {
            Some(tombstone) => {
                self.tell(EventBody::MessageDeleted(tombstone.clone()), chat);
                Ok(tombstone)
            }
            None => self.ports.messages.get(id).await.map_err(unseen),
        }
    }
}
