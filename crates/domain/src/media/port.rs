//! What files and pictures need from outside.

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
    /// Whose bytes they will be.
    pub owner: UserId,
    /// The key, new and unused.
    pub key: FileKey,
    /// Now.
    pub at: Timestamp,
    /// When the reservation ends: if no attachment and no avatar has the key by then, its bytes are deleted.
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
    /// Its name.
    pub name: FileName,
    /// Its media type, from the closed list of types that are served.
    pub mime: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// Its dimensions and preview; `None` for a file that is no picture.
    pub picture: Option<Picture>,
    /// Now.
    pub created_at: Timestamp,
}

/// Keeps the records of files; their bytes are in a [`FileStore`]. Each call is one atomic change, and a
/// change is durable once the call has returned. A key is in one of three states: it is loose, which means
/// that its bytes may be deleted from some time on; or an attachment has it; or an avatar has it. Every
/// method may return [`StoreError::Unavailable`].
///
/// [`crate::message::MessageStore::append`] attaches files to messages. When a message is deleted, by itself
/// or with its chat, its attachments are removed and their keys become loose.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait MediaStore: Send + Sync {
    /// Reserves a key, if [`Reservation::decide`] allows it. The facts are read once the account is locked,
    /// so that uploads at the same moment cannot exceed a limit together. `NotFound` if there is no such
    /// account, or it was deleted.
    async fn reserve(&self, reservation: Reservation) -> Result<(), WriteError<ReserveRefusal>>;

    /// Ends a reservation: the key is loose, and due at `at`. One that is loose already is due then, too.
    /// Does nothing to any other key.
    async fn give_up(&self, key: &FileKey, at: Timestamp) -> Result<(), StoreError>;

    /// Turns a reserved key into an attachment, which has no message yet. `Conflict` if the key is not
    /// reserved by that owner, or the reservation has expired.
    async fn add(&self, attachment: NewAttachment) -> Result<Attachment, StoreError>;

    /// An attachment, with the chat of its message. `NotFound` if there is none.
    async fn get(&self, id: AttachmentId) -> Result<StoredAttachment, StoreError>;

    /// The files of a chat's messages that the viewer sees, by ascending id, read at once with whether they are in
    /// the chat. If there are more than `limit`, the newest of them. `NotFound` unless they are in it.
    async fn in_chat(
        &self,
        viewer: UserId,
        chat: ChatId,
        limit: usize,
    ) -> Result<Vec<ChatFile>, StoreError>;

    /// Removes an attachment that was not sent; its key becomes loose, and due at `at`. `NotFound` if the
    /// owner has no such attachment, or a message has it.
    async fn remove_unused(
        &self,
        owner: UserId,
        id: AttachmentId,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Makes a reserved key somebody's avatar, or removes their avatar if `key` is `None`. The key of the
    /// previous avatar becomes loose, and due at `at`. A picture of their host that was to be fetched is fetched no
    /// more: they have chosen. `Conflict` if the key is not reserved by them, or the reservation has expired.
    async fn set_avatar(
        &self,
        user: UserId,
        key: Option<FileKey>,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// The key of somebody's avatar; `None` if they have no avatar, or there is no such account.
    async fn avatar(&self, user: UserId) -> Result<Option<FileKey>, StoreError>;

    /// The same for several people at once. The map has no entry for people without an avatar.
    async fn avatars(&self, users: &[UserId]) -> Result<HashMap<UserId, FileKey>, StoreError>;

    /// Removes attachments that were uploaded before `unused` and never sent, at most `limit`, and returns the loose
    /// keys that are due at `at`: at most `limit`, those that have been due longest first. The caller deletes the bytes
    /// and then calls [`Self::forget`], so a crash in between only repeats the deletion.
    async fn collect(
        &self,
        at: Timestamp,
        unused: Timestamp,
        limit: usize,
    ) -> Result<Vec<FileKey>, StoreError>;

    /// Deletes the records of loose keys, once their bytes are deleted. Keys that are not loose are kept.
    async fn forget(&self, keys: &[FileKey]) -> Result<(), StoreError>;
}

/// The parts that may be stored under one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What was uploaded, while it is being processed.
    Upload,
    /// The file itself. Of a picture, the re-encoded one.
    File,
    /// A smaller version of a picture.
    Thumbnail,
}

impl Part {
    /// All parts, for deleting whatever a key has.
    pub const ALL: [Self; 3] = [Self::Upload, Self::File, Self::Thumbnail];

    /// The word for it in names of stored objects, which must therefore never change.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::File => "file",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// Why bytes could not be stored or read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileError {
    /// Nothing is stored under that key.
    #[error("there is no such file")]
    NotFound,
    /// The upload broke off before its end.
    #[error("the file did not arrive whole")]
    Broken,
    /// The upload has more bytes than allowed.
    #[error("the file is too large")]
    TooLarge,
    /// The storage could not be reached, or the connection to it broke off.
    #[error("the storage of files is not available")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// The storage has no room left.
    #[error("the storage of files is full")]
    Full(#[source] Arc<dyn Error + Send + Sync>),
}

impl FileError {
    /// Wraps an error of a driver. It is [`Self::Full`] if the operating system reported a full disk or an
    /// exhausted quota anywhere in its chain of causes, since drivers wrap such errors, and else
    /// [`Self::Unavailable`].
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
    /// The size of the whole file in bytes, even if a range of it was asked for.
    pub size: u64,
    /// The bytes that were asked for.
    pub body: Box<dyn Chunks>,
}

/// Bytes on their way into a store.
pub type Body<'a> = dyn Chunks + 'a;

/// Keeps the bytes of files. Every method may return [`FileError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores the whole stream, and returns its size in bytes. The bytes are durable once this has returned.
    /// If it fails, for whatever reason, or is dropped before its end, nothing is found under the key. An
    /// error of the stream is returned as it is.
    async fn put<'a>(
        &self,
        key: &FileKey,
        part: Part,
        body: &'a mut Body<'a>,
    ) -> Result<u64, FileError>;

    /// Opens a stored part: the whole, or a range of it, which is cut off at the end of the file.
    /// `NotFound` if nothing is there.
    async fn open(
        &self,
        key: &FileKey,
        part: Part,
        range: Option<Range<u64>>,
    ) -> Result<OpenFile, FileError>;

    /// Deletes one part. It is no error if it is not there.
    async fn remove(&self, key: &FileKey, part: Part) -> Result<(), FileError>;
}

/// What a picture is processed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The whole picture, in its own format, with a thumbnail of the whole. An animated GIF stays animated.
    Attachment,
    /// The middle of the picture, as a square of [`crate::limits::AVATAR_SIDE`] pixels; the thumbnail has
    /// [`crate::limits::SMALL_AVATAR_SIDE`]. Of an animation, the first frame is taken.
    Avatar,
}

/// A re-encoded picture. Only its pixels come from the upload; metadata, such as where it was taken, do not.
pub struct ProcessedImage {
    /// The format that it was encoded in.
    pub format: ImageFormat,
    /// Its dimensions and preview.
    pub picture: Picture,
    /// The picture.
    pub image: Box<dyn Chunks>,
    /// A smaller version of it.
    pub thumbnail: Box<dyn Chunks>,
}

/// Why a picture could not be processed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImageError {
    /// It cannot be decoded from its beginning to its end.
    #[error("the picture is damaged, or is none")]
    Broken,
    /// It has too many pixels, or an animation too many frames, or it takes too much memory or time.
    #[error("the picture has too many pixels or frames, or takes too much to decode")]
    TooLarge,
    /// It is animated, in a format of which only still pictures can be encoded.
    #[error("an animation can only be kept as a GIF")]
    Animated,
    /// The queue is full. Trying again later may succeed.
    #[error("too many pictures are being processed at once")]
    Busy,
    /// The upload could not be read, or the processor itself failed.
    #[error("the picture could not be processed")]
    Failed(#[source] FileError),
}

/// Decodes pictures and re-encodes them, in a bounded queue of its own (ADR 13).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ImageProcessor: Send + Sync {
    /// Decodes a picture of that format and re-encodes it for that purpose. It is rotated as its metadata say.
    /// Its dimensions are checked before anything is decoded, so that a small file cannot claim much memory.
    /// Owners take turns: a picture waits for at most one of each other owner's.
    async fn process(
        &self,
        owner: UserId,
        upload: Box<dyn Chunks>,
        format: ImageFormat,
        purpose: Purpose,
    ) -> Result<ProcessedImage, ImageError>;
}
