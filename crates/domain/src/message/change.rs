//! Editing and deleting.

use super::{Message, MessageText, Messages};
use crate::chat::{Standing, rules};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, MessageId};
use crate::session::Caller;
use crate::text::TextError;

/// Why a message was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such message in that chat, or the caller is not in the chat: which of them is
    /// nobody's business.
    #[error("There is no such message.")]
    NotFound,
    /// It is a tombstone.
    #[error("The message has been deleted.")]
    Deleted,
    /// It is not the caller's to change.
    #[error("This message is not yours to change.")]
    NotAllowed,
    /// The chat is closed.
    #[error("This person cannot be written to.")]
    PeerUnavailable,
    /// The new text breaks a rule.
    #[error("The text {0}.")]
    Text(#[from] TextError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict => Self::Deleted,
            error => Self::Store(error),
        }
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::new(Kind::NotFound, "message_not_found", error),
            ChangeError::Deleted => Self::new(Kind::Conflict, "message_deleted", error),
            ChangeError::NotAllowed => Self::new(Kind::Forbidden, "not_allowed", error),
            ChangeError::PeerUnavailable => Self::new(Kind::Forbidden, "peer_unavailable", error),
            ChangeError::Text(why) => Self::field("text", why.code(), error),
            ChangeError::Store(error) => error.into(),
        }
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
        let (actor, message) = self.visible(caller, chat, id).await?;
        if !rules::may_edit(caller.user, &message) {
            return Err(ChangeError::NotAllowed);
        }
        if !rules::may_write(&actor) {
            return Err(ChangeError::PeerUnavailable);
        }
        let text = if message.extras.attachments.is_empty() {
            MessageText::new(text)?
        } else {
            MessageText::beside_attachments(text)?
        };
        let edited = self.ports.messages.edit(id, text, self.ports.clock.now()).await?;
        self.tell(EventBody::MessageEdited(edited.clone()), chat);
        Ok(edited)
    }

    /// Deletes a message and answers its tombstone. Deleting it again answers the same.
    pub async fn delete(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<Message, ChangeError> {
        let (actor, message) = self.visible(caller, chat, id).await?;
        if !rules::may_delete_message(&actor, &message) {
            return Err(ChangeError::NotAllowed);
        }
        match self.ports.messages.delete(id, self.ports.clock.now()).await {
            Ok(tombstone) => {
                self.tell(EventBody::MessageDeleted(tombstone.clone()), chat);
                Ok(tombstone)
            }
            Err(StoreError::Conflict) => Ok(self.ports.messages.get(id).await?),
            Err(error) => Err(error.into()),
        }
    }

    /// A message that the caller may see, in whatever chat it is.
    pub(super) async fn seen(&self, caller: &Caller, id: MessageId) -> Result<Message, StoreError> {
        let message = self.ports.messages.get(id).await?;
        self.ports.members.standing(message.chat, caller.user).await?;
        Ok(message)
    }

    /// A message that the caller may see, and where they stand in its chat.
    pub(super) async fn visible(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<(Standing, Message), ChangeError> {
        Ok(self.in_chat(caller, chat, id).await?)
    }

    /// The same for whoever has another word for a refusal.
    pub(super) async fn in_chat(
        &self,
        caller: &Caller,
        chat: ChatId,
        id: MessageId,
    ) -> Result<(Standing, Message), StoreError> {
        let standing = self.ports.members.standing(chat, caller.user).await?;
        let message = self.ports.messages.get(id).await?;
        if message.chat == chat { Ok((standing, message)) } else { Err(StoreError::NotFound) }
    }
}
