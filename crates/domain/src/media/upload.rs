//! Uploading files.

use super::stream::Watched;
use super::{
    Attachment, Chunks, FileError, FileKey, FileName, ImageError, ImageFormat, Media,
    NewAttachment, Part, Picture, Purpose, Reservation, ReserveRefusal, format,
};
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::{AttachmentId, UserId};
use crate::limits;
use crate::session::Caller;
use std::sync::Arc;

/// A file that is being uploaded.
pub struct Upload<'a> {
    /// Its name, as the client gave it.
    pub name: &'a str,
    /// Its MIME type, as the client gave it; may be empty.
    pub mime: &'a str,
    /// Its bytes.
    pub body: &'a mut dyn Chunks,
}

/// Why an upload was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It has no bytes.
    #[error("The file is empty.")]
    Empty,
    /// It has more bytes than allowed.
    #[error("The file has more bytes than this server takes.")]
    TooLarge,
    /// It did not arrive completely.
    #[error("The body did not arrive whole.")]
    Broken,
    /// It is, or claims to be, a picture, but cannot be processed.
    #[error("Nothing can be made of this picture: {0}.")]
    Image(ImageError),
    /// The caller has too many unused uploads, or has used up their quota.
    #[error(transparent)]
    NoRoom(ReserveRefusal),
    /// The caller has no unused upload with that id.
    #[error("There is no such upload.")]
    NotFound,
    /// It could not be stored.
    #[error(transparent)]
    Files(FileError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FileError> for UploadError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Broken => Self::Broken,
            FileError::TooLarge => Self::TooLarge,
            error => Self::Files(error),
        }
    }
}

impl From<ImageError> for UploadError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Failed(error) => Self::Files(error),
            error => Self::Image(error),
        }
    }
}

impl From<UploadError> for Failure {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Empty => Self::new(Kind::Invalid, "file_empty", error),
            UploadError::TooLarge => Self::new(Kind::TooLarge, "file_too_large", error),
            UploadError::Broken => Self::new(Kind::Invalid, "body_broken", error),
            UploadError::Image(ImageError::TooLarge) => {
                Self::new(Kind::TooLarge, "image_too_large", error)
            }
            UploadError::Image(ImageError::Animated) => {
                Self::new(Kind::Invalid, "image_animated", error)
            }
            UploadError::Image(ImageError::Busy) => Self::new(
                Kind::Unavailable,
                "busy",
                "Too many pictures are being processed; try again in a moment.",
            ),
            UploadError::Image(_) => Self::new(Kind::Invalid, "image_broken", error),
            UploadError::NoRoom(ReserveRefusal::TooMany) => {
                Self::new(Kind::Conflict, "too_many_uploads", error)
            }
            UploadError::NoRoom(ReserveRefusal::Quota) => {
                Self::new(Kind::Conflict, "quota_exceeded", error)
            }
            UploadError::NotFound => Self::new(Kind::NotFound, "attachment_not_found", error),
            UploadError::Files(error) => error.into(),
            UploadError::Store(error) => error.into(),
        }
    }
}

impl From<FileError> for Failure {
    /// A file error that no use case handles itself.
    fn from(error: FileError) -> Self {
        let mut failure = match &error {
            FileError::Full(_) => {
                Self::new(Kind::Unavailable, "storage_full", "The server has no room for files.")
            }
            _ => {
                let detail = "The server cannot store or read files right now.";
                Self::new(Kind::Unavailable, "unavailable", detail)
            }
        };
        failure.cause = Some(Arc::new(error));
        failure
    }
}

/// What is known about a file once its bytes are stored.
struct TakenIn {
    mime: &'static str,
    size: u64,
    name: FileName,
    picture: Option<Picture>,
}

impl Media {
    /// Stores a file for a message that the caller will send. Pictures are decoded and re-encoded; other
    /// files are stored unchanged. If this fails, nothing is kept.
    pub async fn upload(
        &self,
        caller: &Caller,
        upload: Upload<'_>,
    ) -> Result<Attachment, UploadError> {
        let key = self.reserve(caller.user, self.quota).await?;
        let TakenIn { mime, size, name, picture } =
            match self.take_in((caller.user, &key), upload).await {
                Ok(taken) => taken,
                Err(error) => return Err(self.discard(&key, error).await),
            };
        let (owner, created_at) = (caller.user, self.ports.clock.now());
        let new = NewAttachment { owner, key, name, mime, size, picture, created_at };
        // Even if this fails, the row may have been added, so the bytes are not removed here. If there is
        // no row, they are deleted once the reservation expires.
        Ok(self.ports.media.add(new).await?)
    }

    /// Deletes an upload that is in no message.
    pub async fn discard_upload(
        &self,
        caller: &Caller,
        id: AttachmentId,
    ) -> Result<(), UploadError> {
        let now = self.ports.clock.now();
        self.ports.media.remove_unused(caller.user, id, now).await.map_err(|error| match error {
            StoreError::NotFound => UploadError::NotFound,
            error => error.into(),
        })
    }

    /// Reserves a key for bytes that the owner is about to store.
    pub(super) async fn reserve(
        &self,
        owner: UserId,
        quota: Option<u64>,
    ) -> Result<FileKey, UploadError> {
        let at = self.ports.clock.now();
        let key = FileKey::new(self.ports.signer.random());
        let until = at.plus(limits::UPLOAD_TIME);
        let at_most = limits::UNUSED_UPLOADS;
        let reservation = Reservation { owner, key: key.clone(), at, until, at_most, quota };
        match self.ports.media.reserve(reservation).await {
            Ok(()) => Ok(key),
            Err(WriteError::Refused(why)) => Err(UploadError::NoRoom(why)),
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    /// Deletes what was stored under a reserved key, and returns the reason `why`. What cannot be deleted now
    /// is deleted by the next sweep.
    pub(super) async fn discard<E>(&self, key: &FileKey, why: E) -> E {
        let _ = self.ports.media.give_up(key, self.ports.clock.now()).await;
        if self.remove_bytes(key).await.is_ok() {
            let _ = self.ports.media.forget(std::slice::from_ref(key)).await;
        }
        why
    }

    async fn take_in(
        &self,
        (owner, key): (UserId, &FileKey),
        upload: Upload<'_>,
    ) -> Result<TakenIn, UploadError> {
        let body = Watched::new(upload.body, ImageFormat::HEAD).await?;
        let name = FileName::new(upload.name);
        let Some(format) = ImageFormat::of(body.head()) else {
            if ImageFormat::is_said(upload.mime) {
                return Err(UploadError::Image(ImageError::Broken));
            }
            let mut body = body.at_most(self.limits.file_bytes.min(limits::FILE_BYTES));
            let size = self.ports.files.put(key, Part::File, &mut body).await?;
            let mime = format::plain(upload.mime);
            let taken = TakenIn { mime, size, name, picture: None };
            return if size == 0 { Err(UploadError::Empty) } else { Ok(taken) };
        };
        let stored = self.store_picture((owner, key), (body, format), Purpose::Attachment).await?;
        let (format, picture, size) = stored;
        let name = name.for_picture(format);
        Ok(TakenIn { mime: format.mime(), size, name, picture: Some(picture) })
    }

    /// Stores the re-encoded picture and its thumbnail.
    pub(super) async fn store_picture(
        &self,
        (owner, key): (UserId, &FileKey),
        (body, format): (Watched<'_>, ImageFormat),
        purpose: Purpose,
    ) -> Result<(ImageFormat, Picture, u64), UploadError> {
        let files = &self.ports.files;
        let mut body = body.at_most(self.limits.file_bytes.min(limits::IMAGE_FILE_BYTES));
        files.put(key, Part::Upload, &mut body).await?;
        let upload = files.open(key, Part::Upload, None).await?.body;
        let mut made = self.ports.images.process(owner, upload, format, purpose).await?;
        let size = files.put(key, Part::File, &mut *made.image).await?;
        files.put(key, Part::Thumbnail, &mut *made.thumbnail).await?;
        files.remove(key, Part::Upload).await?;
        Ok((made.format, made.picture, size))
    }
}
