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
    /// Only a group's owner may.
    #[error("Only the owner of the group may delete it.")]
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
        self.ports.chats.delete(chat).await.map_err(GetError::from)?;
        self.tell(EventBody::ChatDeleted(chat), chat);
        Ok(())
    }
}
