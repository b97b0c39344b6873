//! Processing pictures: each is decoded and re-encoded by its own process.

mod apart;
mod broken;
mod colours;
mod decode;
mod encode;
mod gif;
mod head;
mod jpeg;
mod turns;
mod upright;
mod worker;

pub use apart::Worker;
pub use worker::work;

use apart::Apart;
use async_trait::async_trait;
use domain::ids::UserId;
use domain::media::{
    Chunks, ImageError, ImageFormat, ImageProcessor, ProcessedImage, Purpose, Whole,
};
use turns::Turns;

/// Processes pictures, a few at a time, from a bounded queue.
pub struct Pictures {
    worker: Worker,
    turns: Turns,
}

impl Pictures {
    /// Runs at most so many workers at a time.
    pub fn new(worker: Worker, at_once: usize) -> Self {
        Self { worker, turns: Turns::new(at_once.max(1)) }
    }
}

#[async_trait]
impl ImageProcessor for Pictures {
    async fn process(
        &self,
        owner: UserId,
        upload: Box<dyn Chunks>,
        format: ImageFormat,
        purpose: Purpose,
    ) -> Result<ProcessedImage, ImageError> {
        let turn = self.turns.wait(owner).await?;
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
