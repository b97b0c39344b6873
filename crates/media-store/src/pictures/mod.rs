//! What is made of pictures: decoded, and encoded anew.

mod decode;
mod encode;
mod gif;
mod jpeg;
mod pieces;
mod upright;

use async_trait::async_trait;
use domain::limits::{IMAGE_FILE_BYTES, IMAGE_QUEUE};
use domain::media::{
    Chunks, FileError, ImageError, ImageFormat, ImageProcessor, Picture, ProcessedImage, Purpose,
};
use pieces::{Pieces, Turn};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Processes pictures on the blocking pool of the runtime, so many at a time, from a queue that has
/// an end.
pub struct Pictures {
    /// Those that wait or are being worked on.
    places: Arc<Semaphore>,
    /// Those that are being worked on, or whose results are still in memory.
    turns: Arc<Semaphore>,
}

impl Pictures {
    /// With so many at a time.
    pub fn new(threads: usize) -> Self {
        let turns = threads.max(1);
        Self {
            places: Arc::new(Semaphore::new(IMAGE_QUEUE + turns)),
            turns: Arc::new(Semaphore::new(turns)),
        }
    }

    async fn turn(&self) -> Result<Turn, ImageError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| ImageError::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| ImageError::Busy)?;
        Ok(Arc::new((place, turn)))
    }
}

/// A picture and a smaller one, encoded.
struct Made {
    format: ImageFormat,
    picture: Picture,
    image: Pieces,
    thumbnail: Pieces,
}

#[async_trait]
impl ImageProcessor for Pictures {
    async fn process(
        &self,
        upload: Box<dyn Chunks>,
        format: ImageFormat,
        purpose: Purpose,
    ) -> Result<ProcessedImage, ImageError> {
        let turn = self.turn().await?;
        let bytes = gather(upload).await?;
        let kept = turn.clone();
        let made = spawn_blocking(move || {
            let made = make(bytes, format, purpose);
            drop(kept);
            made
        });
        // A decoder that panics has met a picture that nobody else can show either.
        let made = made.await.map_err(|_| ImageError::Broken)??;
        Ok(ProcessedImage {
            format: made.format,
            picture: made.picture,
            image: Box::new(made.image.until_read(turn.clone())),
            thumbnail: Box::new(made.thumbnail.until_read(turn)),
        })
    }
}

/// All of an upload, which has a limit.
async fn gather(mut upload: Box<dyn Chunks>) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    while let Some(piece) = upload.next().await.map_err(ImageError::Failed)? {
        bytes.extend(piece);
        if bytes.len() as u64 > IMAGE_FILE_BYTES {
            return Err(ImageError::Failed(FileError::TooLarge));
        }
    }
    Ok(bytes)
}

fn make(bytes: Vec<u8>, format: ImageFormat, purpose: Purpose) -> Result<Made, ImageError> {
    match (purpose, format) {
        (Purpose::Avatar, _) => encode::avatar(&decode::still(bytes, format)?),
        (Purpose::Attachment, ImageFormat::Gif) => {
            let animation = gif::rewrite(&bytes)?;
            let first = decode::still(bytes, format)?;
            Ok(Made { image: animation, ..encode::thumbnail_of(&first, format)? })
        }
        (Purpose::Attachment, _) => {
            decode::refuse_animation(&bytes, format)?;
            encode::attachment(decode::still(bytes, format)?, format)
        }
    }
}

/// Whatever a decoder or an encoder dislikes about a picture.
fn broken<E>(_: E) -> ImageError {
    ImageError::Broken
}
