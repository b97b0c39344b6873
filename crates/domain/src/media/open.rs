//! Opening attachments.

use super::{ChatFile, FileError, Media, OpenFile, Part, StoredAttachment};
use crate::chat::standing;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{AttachmentId, ChatId};
use crate::session::Caller;
use std::ops::Range;

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such file, or the caller may not see it. Which of the two is not said.
    #[error("There is no such file.")]
    NotFound,
    /// Its bytes could not be read.
    #[error(transparent)]
    Files(FileError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<FileError> for OpenError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NotFound => Self::NotFound,
            error => Self::Files(error),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotFound => Self::new(Kind::NotFound, "media_not_found", error),
            OpenError::Files(error) => error.into(),
            OpenError::Store(error) => error.into(),
        }
    }
}

impl Media {
    /// An attachment that the caller may see: one of a message that they see in a chat that they are a member of
    /// now, or one that they uploaded and have not sent yet.
    pub async fn find(
        &self,
        caller: &Caller,
        id: AttachmentId,
    ) -> Result<StoredAttachment, OpenError> {
        let stored = self.ports.media.get(id).await?;
        match stored.sent {
            Some((chat, message)) => {
                let horizon = standing(&*self.ports.members, caller, chat).await?.horizon;
                if horizon.hides_id(message) {
                    return Err(OpenError::NotFound);
                }
            }
            None if stored.owner == caller.user => {}
            None => return Err(OpenError::NotFound),
        }
        Ok(stored)
    }

    /// The newest files that the caller sees in a chat that they are in, at most `limit`, by ascending id.
    pub async fn in_chat(
        &self,
        caller: &Caller,
        chat: ChatId,
        limit: usize,
    ) -> Result<Vec<ChatFile>, OpenError> {
        Ok(self.ports.media.in_chat(caller.user, chat, limit).await?)
    }

    /// The bytes of an attachment, or a range of them. It checks nothing: `stored` comes from [`Self::find`].
    pub async fn read(
        &self,
        stored: &StoredAttachment,
        part: Part,
        range: Option<Range<u64>>,
    ) -> Result<OpenFile, OpenError> {
        Ok(self.ports.files.open(&stored.key, part, range).await?)
    }
}
