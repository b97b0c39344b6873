//! Encoding a picture, its thumbnail, and a preview that is small enough to be part of a message.

use super::broken::broken;
use super::decode::{Decoded, fits, swaps_sides};
use super::head::Head;
use super::upright::Upright;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::limits::{AVATAR_SIDE, PREVIEW_SIDE, SMALL_AVATAR_SIDE, THUMBNAIL_SIDE};
use domain::media::{ImageError, ImageFormat, Picture};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, GenericImageView};
use std::io::Write;

/// The JPEG quality of pictures: visually like the original.
const FINE: u8 = 87;
/// The JPEG quality of thumbnails.
const COARSE: u8 = 75;

/// Re-encodes a picture in its own format. WebP without transparency is stored as JPEG, because this library
/// encodes WebP only without loss, which makes a photo ten times as large.
pub(super) fn attachment(
    decoded: Decoded,
    format: ImageFormat,
    out: &mut impl Write,
) -> Result<(), ImageError> {
    let alpha = decoded.image.color().has_alpha();
    let format = match format {
        ImageFormat::WebP if !alpha => ImageFormat::Jpeg,
        format => format,
    };
    head_of(&decoded, format)?.write(out)?;
    match format {
        ImageFormat::Jpeg => jpeg(&decoded, FINE, out),
        _ => packed(&turned(decoded)?, format, out),
    }
}

/// What precedes the picture itself: its format, its size, the preview and the thumbnail.
pub(super) fn head_of(decoded: &Decoded, format: ImageFormat) -> Result<Head, ImageError> {
    let (width, height) = decoded.size();
    let thumbnail = scaled(decoded, THUMBNAIL_SIDE);
    let picture = Picture { width, height, preview: preview(&thumbnail)? };
    Ok(Head { format, picture, thumbnail: small(&thumbnail, COARSE)?.1 })
}

/// Encodes the largest square in a picture's middle, in two sizes.
pub(super) fn avatar(decoded: &Decoded, out: &mut impl Write) -> Result<(), ImageError> {
    let large = square(decoded, AVATAR_SIDE);
    let small_one = shrunk(&large, SMALL_AVATAR_SIDE);
    let picture =
        Picture { width: large.width(), height: large.height(), preview: preview(&small_one)? };
    let (format, image) = small(&large, FINE)?;
    Head { format, picture, thumbnail: small(&small_one, FINE)?.1 }.write(out)?;
    out.write_all(&image).map_err(broken)
}

/// The picture turned upright, with a longer side of at most so many pixels.
fn scaled(decoded: &Decoded, side: u32) -> DynamicImage {
    let mut scaled = shrunk(&decoded.image, side);
    scaled.apply_orientation(decoded.turn);
    scaled
}

/// The picture with a longer side of at most so many pixels; never enlarged.
fn shrunk(image: &DynamicImage, side: u32) -> DynamicImage {
    let longer = image.width().max(image.height());
    if longer > side { image.thumbnail(side, side) } else { image.clone() }
}

/// The largest square in the picture's middle, turned upright, with sides of at most so many pixels.
fn square(decoded: &Decoded, side: u32) -> DynamicImage {
    let image = &decoded.image;
    let (width, height) = image.dimensions();
    let shorter = width.min(height);
    let side = side.min(shorter);
    let share = |length: u32| (u64::from(length) * u64::from(side)).div_ceil(shorter.into()) as u32;
    // It is scaled before it is cropped, because cropping makes a copy.
    let (width, height) = (share(width), share(height));
    let small = image.thumbnail_exact(width.max(1), height.max(1));
    let mut cut = small.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    cut.apply_orientation(decoded.turn);
    cut
}

/// Encodes a small picture: as WebP if it has transparency, otherwise as JPEG.
fn small(image: &DynamicImage, quality: u8) -> Result<(ImageFormat, Vec<u8>), ImageError> {
    let mut out = Vec::new();
    if image.color().has_alpha() {
        let image = DynamicImage::from(image.to_rgba8());
        image.write_with_encoder(WebPEncoder::new_lossless(&mut out)).map_err(broken)?;
        return Ok((ImageFormat::WebP, out));
    }
    let mut encoder = JpegEncoder::new_with_quality(&mut out, quality);
    encoder.encode_image(&image.to_rgb8()).map_err(broken)?;
    Ok((ImageFormat::Jpeg, out))
}

/// Encodes a picture as JPEG, turning it while encoding, so that no turned copy needs memory.
fn jpeg(decoded: &Decoded, quality: u8, out: &mut impl Write) -> Result<(), ImageError> {
    let mut encoder = JpegEncoder::new_with_quality(out, quality);
    let turn = decoded.turn;
    match &decoded.image {
        DynamicImage::ImageLuma8(image) => encoder.encode_image(&Upright::new(image, turn)),
        DynamicImage::ImageRgb8(image) => encoder.encode_image(&Upright::new(image, turn)),
        other => encoder.encode_image(&Upright::new(&other.to_rgb8(), turn)),
    }
    .map_err(broken)
}

/// Turns a picture upright in memory.
fn turned(decoded: Decoded) -> Result<DynamicImage, ImageError> {
    let Decoded { mut image, turn } = decoded;
    if swaps_sides(turn) {
        // For a moment both the original and the turned copy are in memory.
        fits(image.dimensions(), 2 * image.as_bytes().len() as u64)?;
    }
    image.apply_orientation(turn);
    Ok(image)
}

/// Encodes a picture without loss.
fn packed(
    image: &DynamicImage,
    format: ImageFormat,
    out: &mut impl Write,
) -> Result<(), ImageError> {
    let written = match format {
        ImageFormat::WebP => image.write_with_encoder(WebPEncoder::new_lossless(out)),
        _ => image.write_with_encoder(PngEncoder::new(out)),
    };
    written.map_err(broken)
}

/// A preview of a few pixels with few colours, as a `data:` URL.
fn preview(image: &DynamicImage) -> Result<String, ImageError> {
    let mut tiny = shrunk(image, PREVIEW_SIDE).to_rgba8();
    for pixel in tiny.pixels_mut() {
        pixel.0 = pixel.0.map(|channel| (channel & 0xf0) | (channel >> 4));
    }
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    DynamicImage::from(tiny).write_with_encoder(encoder).map_err(broken)?;
    Ok(format!("data:image/webp;base64,{}", STANDARD.encode(bytes)))
}
