//! Reading up to a message.

use super::{Message, Messages};
use crate::chat::{Moved, tell_read};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::MessageId;
use crate::session::Caller;

/// Why a message does not count as read.
#[derive(Debug, thiserror::Error)]
pub enum ReadMessageError {
    /// There is no such message, or the caller is not in its chat: which of them is nobody's
    /// business.
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
    /// The caller has read up to a message that somebody else wrote. Returns the message, and
    /// whether their read marker moved.
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
