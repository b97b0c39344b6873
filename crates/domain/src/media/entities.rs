//! What an uploaded file is.

use super::name::FileName;
use crate::clock::Timestamp;
use crate::ids::{AttachmentId, ChatId, MessageId, UserId};
use std::fmt;

/// Where a file's bytes are: 32 hexadecimal digits that nobody can guess.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(String);

impl FileKey {
    /// A new key, from random bytes. Half of them are enough: 128 bits cannot be guessed.
    pub fn new(random: [u8; 32]) -> Self {
        Self(crate::session::hex(&random[..16]))
    }
    /// For adapters: a key that was made before. It is not checked again.
    pub fn stored(key: String) -> Self {
        Self(key)
    }
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An uploaded file, as it is shown to those who may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The name that the uploader gave it.
    pub name: FileName,
    /// Its media type: one of the types that pictures are stored as, a type that is known to be
    /// harmless, or [`super::OCTET_STREAM`].
    pub mime: String,
    /// Its size in bytes. Of a picture, that of the re-encoded file.
    pub size: u64,
    /// What is known of it as a picture; `None` for any other file.
    pub picture: Option<Picture>,
}

/// What is known of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels, after rotation.
    pub width: u32,
    /// In pixels, after rotation.
    pub height: u32,
    /// A `data:` URL of a tiny picture to show before the real one is there.
    pub preview: String,
}

/// An attachment, and the facts that decide who may open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttachment {
    /// What people see.
    pub attachment: Attachment,
    /// Who uploaded it.
    pub owner: UserId,
    /// Where its bytes are.
    pub key: FileKey,
    /// The message that it was sent with, and its chat; `None` until it is sent.
    pub sent: Option<(ChatId, MessageId)>,
}

/// A file that was sent to a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatFile {
    /// What people see.
    pub attachment: Attachment,
    /// Who uploaded and sent it.
    pub owner: UserId,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
}
