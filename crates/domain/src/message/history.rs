//! What a message said before it was edited.

use super::{ChangeError, ChangeRefusal, Messages};
use crate::chat::rules;
use crate::clock::Timestamp;
use crate::failure::WriteError;
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;

/// What a message said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierText {
    /// What it said.
    pub text: String,
    /// When that was written.
    pub written_at: Timestamp,
}

impl Messages {
    /// What a message said before it was edited, the first first. Its author may look, the admins of
    /// its chat, and, where there are more than two, an admin of the server who is in it.
    pub async fn edits(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Vec<EarlierText>, ChangeError> {
        let (actor, message) = self.visible(caller, chat, id).await?;
        let manages = caller.manages().is_ok() && !actor.kind.is_between_two();
        if !rules::may_see_edits(&actor, &message) && !manages {
            return Err(WriteError::Refused(ChangeRefusal::NotAllowed));
        }
        Ok(self.ports.messages.edits(id).await?)
    }
}
