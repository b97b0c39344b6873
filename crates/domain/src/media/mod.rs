//! Files that people upload: attachments of messages, and avatars.
//!
//! The record of a file is a row in the database; its bytes are in a [`FileStore`], under a [`FileKey`] that
//! is never used twice. A key is recorded as loose before the first byte is stored, and stops being loose in
//! the transaction that makes something refer to it. So whatever goes wrong, bytes that nothing refers to are
//! known, and [`Media::sweep`] deletes them.

mod avatar;
mod entities;
mod format;
mod host_picture;
mod link;
mod name;
mod open;
mod port;
mod quota;
mod stream;
mod sweep;
mod upload;

pub use avatar::{Avatar, AvatarError, DefaultAvatar, PendingAvatar, SetAvatarError};
pub use entities::{Attachment, ChatFile, FileKey, Picture, StoredAttachment};
pub use format::{ImageFormat, OCTET_STREAM};
pub use host_picture::{
    DuePicture, FetchPictureError, HostPicturePorts, HostPictureStore, HostPictures,
    PictureFailure, PictureOutcome, PictureSource,
};
#[cfg(feature = "mocks")]
pub use host_picture::{MockHostPictureStore, MockPictureSource};
pub use name::FileName;
pub use open::OpenError;
pub use port::{
    Body, FileError, FileStore, ImageError, ImageProcessor, MediaStore, NewAttachment, OpenFile,
    Part, ProcessedImage, Purpose, Reservation,
};
#[cfg(feature = "mocks")]
pub use port::{MockFileStore, MockImageProcessor, MockMediaStore};
pub use quota::{ReservationFacts, ReserveRefusal};
pub use stream::{Chunks, Whole};
pub use upload::{Upload, UploadError};

use crate::chat::MemberStore;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::limits::Chosen;
use crate::session::TokenSigner;
use crate::user::UserStore;
use std::sync::Arc;

/// The ports of these use cases.
pub struct MediaPorts {
    /// The records of files.
    pub media: Arc<dyn MediaStore>,
    /// Their bytes.
    pub files: Arc<dyn FileStore>,
    /// Decodes and re-encodes pictures.
    pub images: Arc<dyn ImageProcessor>,
    /// Who is in which chat.
    pub members: Arc<dyn MemberStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Who finds whom.
    pub directory: Arc<Directory>,
    /// Randomness.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of media.
pub struct Media {
    ports: MediaPorts,
    /// How many bytes the files of one account may have; `None` for no limit.
    quota: Option<u64>,
    limits: Chosen,
}

impl Media {
    /// The use cases over these ports, with a quota of bytes for the files of each account, if there is one.
    pub fn new(ports: MediaPorts, quota: Option<u64>) -> Self {
        Self { ports, quota, limits: Chosen::default() }
    }

    /// With these limits.
    pub fn within(self, limits: Chosen) -> Self {
        Self { limits, ..self }
    }
}
