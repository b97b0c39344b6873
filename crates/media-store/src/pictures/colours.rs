//! Colours as every screen shows them: a picture's profile is applied, since what is made of it has none.

use image::DynamicImage;
use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, Transform16BitExecutor,
    TransformExecutor, TransformOptions,
};
use std::sync::Arc;

/// Converts a picture to sRGB, from the profile that came with it. What that says cannot be used for these
/// pixels where it is damaged, or describes a printer's inks: they stay as they are then.
pub(super) fn to_srgb(image: &mut DynamicImage, profile: &[u8]) {
    let Ok(from) = ColorProfile::new_from_slice(profile) else { return };
    if from.color_space != DataColorSpace::Rgb {
        return;
    }
    // A failure leaves rows as they were; there is none to be expected once the transform was made.
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

/// Row by row, since a copy of the largest picture does not fit into the memory that there is for it.
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
