//! What a message said before it was edited.

use super::{ChangeError, Messages};
use crate::chat::rules;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;
use crate::user::AccountRole;

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
    /// its group, and the admins of the server.
    pub async fn edits(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Vec<EarlierText>, ChangeError> {
        let message = self.ports.messages.get(id).await?;
        if message.chat != chat {
            return Err(ChangeError::NotFound);
        }
        let may_look = match self.ports.members.standing(chat, caller.user).await {
            Ok(actor) => rules::may_see_edits(&actor, &message),
            Err(StoreError::NotFound) if caller.role != AccountRole::Admin => {
                return Err(ChangeError::NotFound);
            }
            Err(StoreError::NotFound) => true,
            Err(error) => return Err(error.into()),
        };
        if !may_look && caller.role != AccountRole::Admin {
            return Err(ChangeError::NotAllowed);
        }
        Ok(self.ports.messages.edits(id).await?)
    }
}
