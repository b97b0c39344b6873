//! What is wrong with a picture, as far as anybody is told.

use domain::media::ImageError;

/// Whatever a decoder or an encoder dislikes about a picture.
pub(super) fn broken<E>(_: E) -> ImageError {
    ImageError::Broken
}
