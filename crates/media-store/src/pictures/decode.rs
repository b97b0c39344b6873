//! Decoding pictures. A picture's size is checked before it is decoded.

use super::{colours, jpeg};
use domain::limits::{IMAGE_MEMORY, IMAGE_PIXELS, IMAGE_SIDE};
use domain::media::{ImageError, ImageFormat};
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits};
use std::io::Cursor;

/// A decoded picture, and how it has to be turned to be upright.
pub(super) struct Decoded {
    pub(super) image: DynamicImage,
    pub(super) turn: Orientation,
}

impl Decoded {
    /// Its width and height when it is upright.
    pub(super) fn size(&self) -> (u32, u32) {
        let (width, height) = (self.image.width(), self.image.height());
        if swaps_sides(self.turn) { (height, width) } else { (width, height) }
    }
}

/// Whether turning swaps width and height.
pub(super) fn swaps_sides(turn: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(turn, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Decodes a picture; of an animation, the first frame.
pub(super) fn still(bytes: impl AsRef<[u8]>, format: ImageFormat) -> Result<Decoded, ImageError> {
    if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes.as_ref()) {
        return Err(ImageError::Broken);
    }
    let file = Cursor::new(bytes);
    match format {
        // Its decoder reads the whole file and frees it here.
        ImageFormat::Jpeg => decode(JpegDecoder::new(file).map_err(refused)?, 0),
        ImageFormat::Png => decode(PngDecoder::with_limits(file, limits()).map_err(refused)?, 0),
        // These decoders hold planes or frames in addition to the picture.
        ImageFormat::WebP => decode(WebPDecoder::new(file).map_err(refused)?, 2),
        ImageFormat::Gif => decode(GifDecoder::new(file).map_err(refused)?, 4),
    }
}

/// Decodes a picture. `beside` is how many bytes for each pixel the decoder needs in addition to the picture.
fn decode(mut decoder: impl ImageDecoder, beside: u64) -> Result<Decoded, ImageError> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let memory = decoder.total_bytes().saturating_add(pixels.saturating_mul(beside));
    fits((width, height), memory)?;
    decoder.set_limits(limits()).map_err(refused)?;
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if let Some(profile) = profile {
        colours::to_srgb(&mut image, &profile);
    }
    Ok(Decoded { image, turn })
}

/// Converts the library's errors; it checks sizes, too.
#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn refused(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Limits(_) => ImageError::TooLarge,
        _ => ImageError::Broken,
    }
}

/// Refuses a picture that has too many pixels or needs too much memory.
pub(super) fn fits((width, height): (u32, u32), memory: u64) -> Result<(), ImageError> {
    let pixels = u64::from(width) * u64::from(height);
    let fits = pixels <= IMAGE_PIXELS && width.max(height) <= IMAGE_SIDE && memory <= IMAGE_MEMORY;
    match (pixels, fits) {
        (0, _) => Err(ImageError::Broken),
        (_, true) => Ok(()),
        (_, false) => Err(ImageError::TooLarge),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(IMAGE_SIDE);
    limits.max_image_height = Some(IMAGE_SIDE);
    limits.max_alloc = Some(IMAGE_MEMORY);
    limits
}

/// Refuses animations in formats in which they could not be preserved.
pub(super) fn refuse_animation(bytes: &[u8], format: ImageFormat) -> Result<(), ImageError> {
    let file = Cursor::new(bytes);
    let moves = match format {
        ImageFormat::WebP => WebPDecoder::new(file).map_err(refused)?.has_animation(),
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(file, limits()).map_err(refused)?;
            fits(decoder.dimensions(), 0)?;
            decoder.is_apng().map_err(refused)?
        }
        ImageFormat::Jpeg | ImageFormat::Gif => false,
    };
    if moves { Err(ImageError::Animated) } else { Ok(()) }
}
