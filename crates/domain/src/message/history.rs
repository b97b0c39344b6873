//! Earlier texts of edited messages.

use super::{ChangeError, ChangeRefusal, Messages};
use crate::chat::rules;
use crate::clock::Timestamp;
use crate::failure::WriteError;
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;

/// An earlier text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierText {
    /// The text.
    pub text: String,
    /// When that was written.
    pub written_at: Timestamp,
}

impl Messages {
    /// A message's earlier texts, the oldest first. They are visible to its author, to the chat's admins,
    /// and, except in chats between two people, to an admin of the server who is a member.
    pub async fn edits(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Vec<EarlierText>, ChangeError> {
        let (actor, message) = self.visible(caller, chat, id).await?;
        let manages = caller.manages().is_ok() && !actor.kind.is_between_two();
        let manages = manages || caller.reaches_all();
        if !rules::may_see_edits(&actor, &message) && !manages {
            return Err(WriteError::Refused(ChangeRefusal::NotAllowed));
        }
        Ok(self.ports.messages.edits(id).await?)
    }
}
