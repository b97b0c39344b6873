//! What an uploaded file is.

use super::name::FileName;
use crate::clock::Timestamp;
use crate::ids::{AttachmentId, ChatId, UserId};
use std::fmt;

/// Where a file's bytes are: 32 hexadecimal digits that nobody can guess.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(String);

impl FileKey {
    /// A new one, from random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(crate::session::hex(&random[..16]))
    }
    /// For adapters: one that was made before.
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

/// An uploaded file, as those who may see it do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its number.
    pub id: AttachmentId,
    /// What it was called.
    pub name: FileName,
    /// What it is: one of the types that pictures are stored as, a type that is known to be
    /// harmless, or [`super::OCTET_STREAM`].
    pub mime: String,
    /// How many bytes it has.
    pub size: u64,
    /// What is known of it as a picture; `None` for any other file.
    pub picture: Option<Picture>,
}

/// What is known of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels, as it is shown.
    pub width: u32,
    /// Pixels, as it is shown.
    pub height: u32,
    /// A `data:` URL of a tiny picture to show before the real one is there.
    pub preview: String,
}

/// An attachment, and what decides who may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttachment {
    /// What people see.
    pub attachment: Attachment,
    /// Who uploaded it.
    pub owner: UserId,
    /// Where its bytes are.
    pub key: FileKey,
    /// The chat of the message that has it; `None` as long as none has.
    pub chat: Option<ChatId>,
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
