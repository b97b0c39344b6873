//! Marking everything up to a message as read, by the message's id. Dialects do this; the native API has seqs.

use super::{Message, Messages};
use crate::chat::{Moved, tell_read};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::MessageId;
use crate::session::Caller;

/// Why a message was not marked as read.
#[derive(Debug, thiserror::Error)]
pub enum ReadMessageError {
    /// There is no such message, or the caller is not in its chat. Which of the two is not said.
    #[error("There is no such message.")]
    NotFound,
    /// The caller wrote it.
    #[error("You cannot read your own message.")]
    Own,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ReadMessageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<ReadMessageError> for Failure {
    fn from(error: ReadMessageError) -> Self {
        match error {
            ReadMessageError::NotFound => Self::new(Kind::NotFound, "message_not_found", error),
            ReadMessageError::Own => Self::new(Kind::Conflict, "own_message", error),
            ReadMessageError::Store(error) => error.into(),
        }
    }
}

impl Messages {
    /// Marks everything up to a message of somebody else as read. Returns the message, and whether the
    /// caller's read marker moved: it never moves back.
    pub async fn read(
        &self,
        caller: &Caller,
        id: MessageId,
    ) -> Result<(Message, bool), ReadMessageError> {
        let (user, message) = (caller.user, self.seen(caller, id).await?);
        if message.author == user {
            return Err(ReadMessageError::Own);
        }
        let chat = message.chat;
        let marker = self.ports.members.mark_read(chat, user, message.seq).await?;
        tell_read(&*self.ports.blocks, &*self.ports.bus, (chat, user), marker).await?;
        Ok((message, marker.moved != Moved::Not))
    }
}
