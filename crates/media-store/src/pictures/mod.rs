//! What is made of pictures: decoded, and encoded anew, each by a process of its own.

mod apart;
mod broken;
mod colours;
mod decode;
mod encode;
mod gif;
mod head;
mod jpeg;
mod upright;
mod worker;

pub use apart::Worker;
pub use worker::work;

use apart::{Apart, Turn};
use async_trait::async_trait;
use domain::limits::IMAGE_QUEUE;
use domain::media::{
    Chunks, ImageError, ImageFormat, ImageProcessor, ProcessedImage, Purpose, Whole,
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Has pictures processed, so many at a time, from a queue that has an end.
pub struct Pictures {
    worker: Worker,
    /// Those that wait or are being worked on.
    places: Arc<Semaphore>,
    /// Those that are being worked on.
    turns: Arc<Semaphore>,
}

impl Pictures {
    /// With so many workers at a time.
    pub fn new(worker: Worker, at_once: usize) -> Self {
        let turns = at_once.max(1);
        Self {
            worker,
            places: Arc::new(Semaphore::new(IMAGE_QUEUE + turns)),
            turns: Arc::new(Semaphore::new(turns)),
        }
    }

    async fn turn(&self) -> Result<Turn, ImageError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| ImageError::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| ImageError::Busy)?;
        Ok((place, turn))
    }
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
        let mut apart = Apart::start(&self.worker, format, purpose, turn)?;
        apart.feed(upload).await?;
        let head = apart.head().await?;
        Ok(ProcessedImage {
            format: head.format,
            picture: head.picture,
            image: Box::new(apart),
            thumbnail: Box::new(Whole::new(head.thumbnail)),
        })
    }
}
