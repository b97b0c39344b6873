//! What media need from the outside.

use super::{
    Attachment, ChatFile, Chunks, FileKey, FileName, ImageFormat, Picture, ReserveRefusal,
    StoredAttachment,
};
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::ids::{AttachmentId, ChatId, UserId};
use async_trait::async_trait;
use std::collections::HashMap;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::sync::Arc;

/// A key under which somebody is about to store bytes.
#[derive(Debug, Clone)]
pub struct Reservation {
    /// Who.
    pub owner: UserId,
    /// Under which key.
    pub key: FileKey,
    /// Now.
    pub at: Timestamp,
    /// When the bytes are deleted unless something refers to them by then.
    pub until: Timestamp,
    /// How many uploads without a message the owner may have, this one included.
    pub at_most: usize,
    /// How many bytes all files of the owner may have; `None` for any number.
    pub quota: Option<u64>,
}

/// A file whose bytes are stored, to be kept for a message.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// Who uploaded it.
    pub owner: UserId,
    /// Where its bytes are: a key that its owner reserved.
    pub key: FileKey,
    /// What it is called.
    pub name: FileName,
    /// What it is.
    pub mime: &'static str,
    /// How many bytes it has.
    pub size: u64,
    /// What is known of it as a picture.
    pub picture: Option<Picture>,
    /// Now.
    pub created_at: Timestamp,
}

/// Keeps what is known of files. Each call is one atomic change, and a change that returned is
/// there to stay. A key is in one of three places: it is loose until some time, or an attachment
/// has it, or an avatar. Every method may answer [`StoreError::Unavailable`].
///
/// [`crate::message::MessageStore::append`] gives attachments to messages. An attachment whose
/// message is deleted, by itself or with its chat, is not there any more, and its key is loose.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Notes that a key is about to be used, if [`Reservation::decide`] allows it over what is true once
    /// the account is locked. `NotFound` if there is no such account, or it was deleted.
    async fn reserve(&self, reservation: Reservation) -> Result<(), WriteError<ReserveRefusal>>;

    /// Lets a reserved key go: it is loose, and due at `at`. A key that is not reserved stays
    /// what it is.
    async fn give_up(&self, key: &FileKey, at: Timestamp) -> Result<(), StoreError>;

    /// Makes an attachment of a reserved key, without a message yet. `Conflict` if the key is not
    /// reserved by that owner, or the reservation has run out.
    async fn add(&self, attachment: NewAttachment) -> Result<Attachment, StoreError>;

    /// An attachment, with the chat of its message. `NotFound` if there is none.
    async fn get(&self, id: AttachmentId) -> Result<StoredAttachment, StoreError>;

    /// The files of a chat's messages, in the order of their numbers; of more than `limit` the newest.
    async fn in_chat(&self, chat: ChatId, limit: usize) -> Result<Vec<ChatFile>, StoreError>;

    /// Removes an attachment that no message has, and its key is due at `at`. `NotFound` if the
    /// owner has no such attachment, or a message has it.
    async fn remove_unused(
        &self,
        owner: UserId,
        id: AttachmentId,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Makes a reserved key somebody's avatar, or takes their avatar away; the key of the one
    /// before is due at `at`. `Conflict` if the key is not reserved by them, or the reservation
    /// has run out.
    async fn set_avatar(
        &self,
        user: UserId,
        key: Option<FileKey>,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The key of somebody's avatar; `None` if they have none, or no account.
    async fn avatar(&self, user: UserId) -> Result<Option<FileKey>, StoreError>;

    /// The same for several people at once; whoever has none is not in it.
    async fn avatars(&self, users: &[UserId]) -> Result<HashMap<UserId, FileKey>, StoreError>;

    /// Removes attachments from before `unused` that no message has, and returns loose keys that
    /// are due at `at`, at most `limit`, the longest due first.
    async fn collect(
        &self,
        at: Timestamp,
        unused: Timestamp,
        limit: usize,
    ) -> Result<Vec<FileKey>, StoreError>;

    /// Forgets loose keys, whose bytes are gone. Others stay.
    async fn forget(&self, keys: &[FileKey]) -> Result<(), StoreError>;
}

/// What is stored under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What was uploaded, as long as it is being processed.
    Upload,
    /// The file; of a picture what was made of it.
    File,
    /// A smaller picture.
    Thumbnail,
}

impl Part {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Upload, Self::File, Self::Thumbnail];

    /// A word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::File => "file",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// Why bytes were not stored or not found.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileError {
    /// There are none under that key.
    #[error("there is no such file")]
    NotFound,
    /// Those that were to be stored did not arrive whole.
    #[error("the file did not arrive whole")]
    Broken,
    /// There were more of them than allowed.
    #[error("the file is too large")]
    TooLarge,
    /// The storage could not be asked, or broke off.
    #[error("the storage of files is not available")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// There is no room in it.
    #[error("the storage of files is full")]
    Full(#[source] Arc<dyn Error + Send + Sync>),
}

impl FileError {
    /// Wraps what a driver reported; if the system said so behind it, there is no room.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let cause = cause.into();
        let first: &(dyn Error + 'static) = &*cause;
        let mut chain = std::iter::successors(Some(first), |error| (*error).source());
        let says_full = |error: &(dyn Error + 'static)| {
            let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
            matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
        };
        if chain.any(says_full) {
            return Self::Full(Arc::from(cause));
        }
        Self::Unavailable(Arc::from(cause))
    }
}

/// A file that is being read.
pub struct OpenFile {
    /// How many bytes it has as a whole.
    pub size: u64,
    /// Those that were asked for.
    pub body: Box<dyn Chunks>,
}

/// Bytes on their way into a store.
pub type Body<'a> = dyn Chunks + 'a;

/// Keeps the bytes of files. Every method may answer [`FileError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores all that the stream has, and returns how many bytes that was. When this returned,
    /// they are there to stay. When it fails, for whatever reason, or is dropped half-way, nothing
    /// is found there, and an error of the stream is the answer.
    async fn put<'a>(
        &self,
        key: &FileKey,
        part: Part,
        body: &'a mut Body<'a>,
    ) -> Result<u64, FileError>;

    /// Opens what was stored: the whole, or a range of it, which is cut off at its end.
    /// `NotFound` if nothing is there.
    async fn open(
        &self,
        key: &FileKey,
        part: Part,
        range: Option<Range<u64>>,
    ) -> Result<OpenFile, FileError>;

    /// Deletes one part. If it is not there, that is fine.
    async fn remove(&self, key: &FileKey, part: Part) -> Result<(), FileError>;
}

/// What a picture is processed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is shown as it is, whole, in its own format, with a thumbnail that shows all of it. An
    /// animated GIF stays one.
    Attachment,
    /// Its middle, as a square of [`crate::limits::AVATAR_SIDE`] pixels; the thumbnail has
    /// [`crate::limits::SMALL_AVATAR_SIDE`]. Of an animation it is the first frame.
    Avatar,
}

/// What was made of a picture. Nothing of the upload is left but what is seen.
pub struct ProcessedImage {
    /// What it is now.
    pub format: ImageFormat,
    /// What is known of it.
    pub picture: Picture,
    /// The picture.
    pub image: Box<dyn Chunks>,
    /// A smaller one.
    pub thumbnail: Box<dyn Chunks>,
}

/// Why nothing was made of a picture.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImageError {
    /// It cannot be decoded from its beginning to its end.
    #[error("the picture is damaged, or is none")]
    Broken,
    /// It has too many pixels, or an animation too many frames, or it takes too much memory or time.
    #[error("the picture has too many pixels or frames, or takes too much to decode")]
    TooLarge,
    /// It moves in a way that cannot be kept.
    #[error("an animation can only be kept as a GIF")]
    Animated,
    /// The queue is full; later is fine.
    #[error("too many pictures are being processed at once")]
    Busy,
    /// The upload could not be read, or the processor itself failed.
    #[error("the picture could not be processed")]
    Failed(#[source] FileError),
}

/// Decodes pictures and encodes them anew, in a queue of its own that has an end.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ImageProcessor: Send + Sync {
    /// Decodes a picture of that format and makes of it what it is wanted for, upright whatever
    /// its metadata say. Its size is looked at before anything is decoded. Owners take turns: somebody
    /// else's pictures wait for one of theirs at most.
    async fn process(
        &self,
        owner: UserId,
        upload: Box<dyn Chunks>,
        format: ImageFormat,
        purpose: Purpose,
    ) -> Result<ProcessedImage, ImageError>;
}
