//! A picture reader that decodes nothing.

use async_trait::async_trait;
use domain::ids::UserId;
use domain::media::{
    Chunks, ImageError, ImageFormat, ImageProcessor, Picture, ProcessedImage, Purpose, Whole,
};

/// Takes everything for a picture of 2 by 1 pixels. The words `broken`, `large`, `moving` and `queue` in a
/// file cause the error they name.
pub struct PlainPictures;

#[async_trait]
impl ImageProcessor for PlainPictures {
    async fn process(
        &self,
        _: UserId,
        mut upload: Box<dyn Chunks>,
        format: ImageFormat,
        _: Purpose,
    ) -> Result<ProcessedImage, ImageError> {
        let mut bytes = Vec::new();
        while let Some(piece) = upload.next().await.map_err(ImageError::Failed)? {
            bytes.extend(piece);
        }
        let text = String::from_utf8_lossy(&bytes);
        for (word, error) in [
            ("broken", ImageError::Broken),
            ("large", ImageError::TooLarge),
            ("moving", ImageError::Animated),
            ("queue", ImageError::Busy),
        ] {
            if text.contains(word) {
                return Err(error);
            }
        }
        Ok(ProcessedImage {
            format,
            picture: Picture { width: 2, height: 1, preview: "data:,".to_owned() },
            image: Box::new(Whole::new(b"a picture".to_vec())),
            thumbnail: Box::new(Whole::new(b"a thumbnail".to_vec())),
        })
    }
}
