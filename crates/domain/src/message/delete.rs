//! Deleting messages.

use super::change::unseen;
use super::{ChangeError, ChangeRefusal, Message, MessageFacts, Messages};
use crate::admin::{AuditAction, Record};
use crate::chat::{ChatActor, rules};
use crate::clock::Timestamp;
use crate::event::EventBody;
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;

/// A message to turn into a tombstone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteMessage {
    /// In which chat.
    pub chat: ChatId,
    /// Which message.
    pub message: MessageId,
    /// Who deletes it.
    pub actor: ChatActor,
    /// The time of the deletion.
    pub at: Timestamp,
}

impl DeleteMessage {
    /// Decides whether to change anything: a tombstone stays as it is.
    pub fn decide(&self, facts: MessageFacts<'_>) -> Result<bool, ChangeRefusal> {
        let (actor, message) = facts.seen(Some(self.chat)).ok_or(ChangeRefusal::NotFound)?;
        if !self.actor.is_host() && !rules::may_delete_message(&actor, message) {
            return Err(ChangeRefusal::NotAllowed);
        }
        Ok(message.deleted_at.is_none())
    }

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        self.actor.record(AuditAction::MessageDeleted, String::new())
    }
}

impl Messages {
    /// Deletes a message, and returns its tombstone. Deleting it again returns the same tombstone.
    pub async fn delete(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Message, ChangeError> {
        let at = self.ports.clock.now();
        let actor = ChatActor::of(caller, at);
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
