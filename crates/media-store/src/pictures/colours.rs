//! Applying a picture's colour profile, because the re-encoded picture has none.

use image::DynamicImage;
use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, Transform16BitExecutor,
    TransformExecutor, TransformOptions,
};
use std::sync::Arc;

/// Converts a picture from its profile to sRGB. If the profile is damaged, or does not fit the pixels (such as a
/// printer's), they stay as they are.
pub(super) fn to_srgb(image: &mut DynamicImage, profile: &[u8]) {
    let Ok(from) = ColorProfile::new_from_slice(profile) else { return };
    if from.color_space != DataColorSpace::Rgb {
        return;
    }
    // A failure would leave rows unchanged; none is expected once the transform was created.
    let _ =
        match image {
            DynamicImage::ImageRgb8(pixels) => {
                eight_bits(&from, Layout::Rgb).and_then(|to| rows(&*to, pixels.width() * 3, pixels))
            }
            DynamicImage::ImageRgba8(pixels) => eight_bits(&from, Layout::Rgba)
                .and_then(|to| rows(&*to, pixels.width() * 4, pixels)),
            DynamicImage::ImageRgb16(pixels) => sixteen_bits(&from, Layout::Rgb)
                .and_then(|to| rows(&*to, pixels.width() * 3, pixels)),
            DynamicImage::ImageRgba16(pixels) => sixteen_bits(&from, Layout::Rgba)
                .and_then(|to| rows(&*to, pixels.width() * 4, pixels)),
            _ => Ok(()),
        };
}

fn eight_bits(from: &ColorProfile, layout: Layout) -> Result<Arc<Transform8BitExecutor>, CmsError> {
    let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
    from.create_transform_8bit(layout, &srgb, layout, options)
}

fn sixteen_bits(
    from: &ColorProfile,
    layout: Layout,
) -> Result<Arc<Transform16BitExecutor>, CmsError> {
    let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
    from.create_transform_16bit(layout, &srgb, layout, options)
}

/// Transforms row by row, because a copy of the largest picture would exceed the worker's memory.
fn rows<V: Copy + Default>(
    transform: &(impl TransformExecutor<V> + ?Sized),
    width: u32,
    pixels: &mut [V],
) -> Result<(), CmsError> {
    let mut row = vec![V::default(); width as usize];
    for there in pixels.chunks_exact_mut(width as usize) {
        row.copy_from_slice(there);
        transform.transform(&row, there)?;
    }
    Ok(())
}
