//! Errors of pictures.

use domain::media::ImageError;

/// Converts any error of a decoder or an encoder: details are not reported.
pub(super) fn broken<E>(_: E) -> ImageError {
    ImageError::Broken
}
