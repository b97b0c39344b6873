//! Deleting a chat for everybody.

use super::{Chats, GetError, rules};
use crate::event::EventBody;
use crate::failure::{Failure, Kind};
use crate::ids::ChatId;
use crate::session::Caller;

/// Why the chat was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The caller cannot see that chat.
    #[error(transparent)]
    Chat(#[from] GetError),
    /// Only the owner of a group or a room may.
    #[error("Only the owner of the chat may delete it.")]
    NotAllowed,
}

impl From<DeleteError> for Failure {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::Chat(error) => error.into(),
            DeleteError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
        }
    }
}

impl Chats {
    /// Deletes a chat with everything in it. Either one may delete a direct chat, for both.
    pub async fn delete(&self, caller: &Caller, chat: ChatId) -> Result<(), DeleteError> {
        let actor = self.standing(caller, chat).await?;
        if !rules::may_delete_chat(&actor) {
            return Err(DeleteError::NotAllowed);
        }
        Ok(self.remove_chat(chat).await?)
    }

    /// Deletes a chat, and the whispers in it, and tells those who were in them.
    pub(super) async fn remove_chat(&self, chat: ChatId) -> Result<(), GetError> {
        for gone in self.ports.chats.delete(chat).await? {
            self.tell(EventBody::ChatDeleted(gone), gone);
        }
        Ok(())
    }
}
