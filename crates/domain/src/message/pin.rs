//! Pinning messages.

use super::{MarkError, MarkRefusal, Message, MessageFacts, Messages};
use crate::admin::{AuditAction, Record};
use crate::chat::{ChatActor, GetError, rules, standing};
use crate::clock::Timestamp;
use crate::ids::{ChatId, MessageId};
use crate::limits;
use crate::session::Caller;

/// A message to pin or unpin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// In which chat.
    pub chat: ChatId,
    /// Which message.
    pub message: MessageId,
    /// Who does it.
    pub actor: ChatActor,
    /// Whether to pin it.
    pub on: bool,
    /// The time of the change.
    pub at: Timestamp,
}

impl Pin {
    /// Decides whether to change anything, given how many messages are pinned in the chat.
    pub fn decide(&self, facts: MessageFacts<'_>, pinned: usize) -> Result<bool, MarkRefusal> {
        let (actor, message) = facts.seen(Some(self.chat)).ok_or(MarkRefusal::NotFound)?;
        if !rules::may_pin(&actor) {
            return Err(MarkRefusal::NotAllowed);
        }
        if self.on && !rules::may_write(&actor) {
            return Err(MarkRefusal::PeerUnavailable);
        }
        if self.on {
            rules::lets_post(&actor, false, self.at)?;
        }
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

    /// The line of the audit log for it, if there is to be one.
    pub fn record(&self) -> Option<Record> {
        let done = if self.on { "pinned" } else { "unpinned" };
        self.actor.record(AuditAction::ChatModerated, format!("{done} message {}", self.message))
    }
}

impl Messages {
    /// Pins or unpins a message, and returns it.
    pub async fn pin(
        &self,
        caller: &Caller,
        chat: ChatId,
        message: MessageId,
        on: bool,
    ) -> Result<Message, MarkError> {
        let at = self.ports.clock.now();
        let actor = ChatActor::of(caller, at);
        let marked = self.ports.marks.pin(Pin { chat, message, actor, on, at }).await?;
        self.tell_marked(message, marked).await
    }

    /// A chat's pinned messages that the caller sees, the most recently pinned first.
    pub async fn pinned(&self, caller: &Caller, chat: ChatId) -> Result<Vec<Message>, GetError> {
        let mut viewer = Some(caller.user);
        if caller.reaches_all() {
            // A key sees everything, wherever it stands.
            standing(&*self.ports.members, caller, chat).await?;
            viewer = None;
        }
        Ok(self.ports.marks.pinned(chat, viewer).await?)
    }
}
