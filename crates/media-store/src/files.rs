//! Storing files under keys.

use crate::s3::{self, Bucket};
use async_trait::async_trait;
use bytes::Bytes;
use domain::media::{Body, Chunks, FileError, FileKey, FileStore, OpenFile, Part};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    Error, GetOptions, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, Result,
};
use std::ops::Range;
use std::sync::Arc;

/// Bytes that are written to a file at once.
const FOLDER_PIECE: usize = 256 * 1024;
/// The least that S3 accepts as a part of a multipart upload, except for the last one.
const S3_PIECE: usize = 5 * 1024 * 1024;

/// Why the place for files cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the place for files cannot be used")]
pub struct OpenError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Files in a folder, or in a bucket.
pub struct Files {
    store: Arc<dyn ObjectStore>,
    /// How many bytes are collected before they are written.
    piece: usize,
}

impl Files {
    /// Files in a folder, which must exist.
    pub fn in_folder(folder: &std::path::Path) -> std::result::Result<Self, OpenError> {
        // With fsync, so that an acknowledged upload survives a power cut, like a message.
        let store = LocalFileSystem::new_with_prefix(folder).map(|store| store.with_fsync(true));
        let store = store.map_err(|error| OpenError(error.into()))?;
        Ok(Self { store: Arc::new(store), piece: FOLDER_PIECE })
    }

    /// Files in a bucket of storage that speaks S3.
    pub fn in_bucket(bucket: Bucket) -> std::result::Result<Self, OpenError> {
        let store = s3::open(bucket).map_err(OpenError)?;
        Ok(Self { store: Arc::new(store), piece: S3_PIECE })
    }

    /// Files in any store, for tests.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, piece: FOLDER_PIECE }
    }

    async fn write(&self, to: &Path, body: &mut dyn Chunks) -> std::result::Result<u64, FileError> {
        let mut upload: Option<Box<dyn MultipartUpload>> = None;
        let written = self.fill(to, body, &mut upload).await;
        match (written, upload) {
            (Ok(size), None) => Ok(size),
            (Ok(size), Some(mut upload)) => match upload.complete().await {
                Ok(_) => Ok(size),
                Err(error) => {
                    let _ = upload.abort().await;
                    Err(failed(error))
                }
            },
            (Err(error), upload) => {
                if let Some(mut upload) = upload {
                    let _ = upload.abort().await;
                }
                Err(error)
            }
        }
    }

    /// Writes everything: small files with one call, larger ones in pieces.
    async fn fill(
        &self,
        to: &Path,
        body: &mut dyn Chunks,
        upload: &mut Option<Box<dyn MultipartUpload>>,
    ) -> std::result::Result<u64, FileError> {
        let (mut size, mut waiting) = (0, Vec::new());
        while let Some(bytes) = body.next().await? {
            size += bytes.len() as u64;
            waiting.extend(bytes);
            if waiting.len() >= self.piece {
                if upload.is_none() {
                    *upload = Some(self.store.put_multipart(to).await.map_err(failed)?);
                }
                if let Some(upload) = upload {
                    let piece = PutPayload::from(std::mem::take(&mut waiting));
                    upload.put_part(piece).await.map_err(failed)?;
                }
            }
        }
        let rest = PutPayload::from(waiting);
        match upload {
            None => drop(self.store.put(to, rest).await.map_err(failed)?),
            Some(upload) if rest.content_length() > 0 => {
                upload.put_part(rest).await.map_err(failed)?;
            }
            Some(_) => {}
        }
        Ok(size)
    }
}

/// A key's path. Keys are distributed to folders, so that none gets too full.
fn path(key: &FileKey, part: Part) -> Path {
    let key = key.as_str();
    let folder = key.get(..2).unwrap_or("__");
    Path::from(format!("{folder}/{key}.{}", part.as_str()))
}

fn failed(error: Error) -> FileError {
    match error {
        Error::NotFound { .. } => FileError::NotFound,
        error => FileError::unavailable(error),
    }
}

struct Stream(BoxStream<'static, Result<Bytes>>);

#[async_trait]
impl Chunks for Stream {
    async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, FileError> {
        let next = self.0.next().await.transpose().map_err(failed)?;
        Ok(next.map(Vec::from))
    }
}

#[async_trait]
impl FileStore for Files {
    async fn put<'a>(
        &self,
        key: &FileKey,
        part: Part,
        body: &'a mut Body<'a>,
    ) -> std::result::Result<u64, FileError> {
        self.write(&path(key, part), body).await
    }

    async fn open(
        &self,
        key: &FileKey,
        part: Part,
        range: Option<Range<u64>>,
    ) -> std::result::Result<OpenFile, FileError> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let found = self.store.get_opts(&path(key, part), options).await.map_err(failed)?;
        Ok(OpenFile { size: found.meta.size, body: Box::new(Stream(found.into_stream())) })
    }

    async fn remove(&self, key: &FileKey, part: Part) -> std::result::Result<(), FileError> {
        match self.store.delete(&path(key, part)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}
