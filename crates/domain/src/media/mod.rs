//! Files that people upload: attachments of messages, and avatars.
//!
//! What is known of a file is a row in the database; its bytes are in a [`FileStore`], under a
//! [`FileKey`] that is never used twice. A key is noted as loose before the first byte is stored,
//! and stops being loose in the change that makes something refer to it. So whatever goes wrong,
//! bytes that nothing refers to are known, and [`Media::sweep`] deletes them.

mod avatar;
mod format;
mod name;
mod open;
mod port;
mod stream;
mod sweep;
mod upload;

pub use avatar::{Avatar, AvatarError, DefaultAvatar, SetAvatarError};
pub use format::{ImageFormat, OCTET_STREAM};
pub use name::FileName;
pub use open::OpenError;
pub use port::{
    Body, FileError, FileStore, ImageError, ImageProcessor, MediaStore, NewAttachment, OpenFile,
    Part, ProcessedImage, Purpose, Reservation,
};
#[cfg(feature = "mocks")]
pub use port::{MockFileStore, MockImageProcessor, MockMediaStore};
pub use stream::{Chunks, Whole};
pub use upload::{Upload, UploadError};

use crate::chat::MemberStore;
use crate::clock::Clock;
use crate::ids::{AttachmentId, ChatId, UserId};
use crate::session::TokenSigner;
use crate::user::UserStore;
use std::fmt;
use std::sync::Arc;

/// What the use cases of media stand on.
pub struct MediaPorts {
    /// What is known of files.
    pub media: Arc<dyn MediaStore>,
    /// Their bytes.
    pub files: Arc<dyn FileStore>,
    /// What is made of pictures.
    pub images: Arc<dyn ImageProcessor>,
    /// Who is in which chat.
    pub members: Arc<dyn MemberStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Randomness.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of media.
pub struct Media {
    ports: MediaPorts,
}

impl Media {
    /// Over the given ports.
    pub fn new(ports: MediaPorts) -> Self {
        Self { ports }
    }
}

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
    /// harmless, or [`OCTET_STREAM`].
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
