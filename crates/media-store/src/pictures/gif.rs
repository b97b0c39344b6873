//! Rewriting GIFs frame by frame, so that animations are preserved. Frames are decoded and encoded with the
//! same colours, so only invisible parts are lost: comments, and data hidden beside or behind the frames.

use super::broken::broken;
use super::decode::fits;
use domain::limits::{ANIMATION_FRAMES, ANIMATION_PIXELS, IMAGE_MEMORY};
use domain::media::ImageError;
use gif::{ColorOutput, DecodeOptions, Encoder, Frame, MemoryLimit};
use std::borrow::Cow;
use std::io::{Cursor, Write};
use std::num::NonZero;

/// Writes the same frames to a new file.
pub(super) fn rewrite(bytes: &[u8], out: impl Write) -> Result<(), ImageError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.check_frame_consistency(true);
    let memory = NonZero::new(IMAGE_MEMORY).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes);
    options.set_memory_limit(memory);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = (decoder.width(), decoder.height());
    fits((width.into(), height.into()), 0)?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut encoder = Encoder::new(out, width, height, &palette).map_err(broken)?;
    let (mut frames, mut pixels) = (0, 0);
    while let Some(info) = decoder.next_frame_info().map_err(broken)? {
        frames += 1;
        pixels += u64::from(info.width) * u64::from(info.height);
        if frames > ANIMATION_FRAMES || pixels > ANIMATION_PIXELS {
            return Err(ImageError::TooLarge);
        }
        let mut frame = Frame { buffer: Cow::Borrowed(&[]), ..info.clone() };
        let mut buffer = vec![0; usize::from(info.width) * usize::from(info.height)];
        decoder.read_into_buffer(&mut buffer).map_err(broken)?;
        let colours = frame.palette.as_deref().unwrap_or(&palette).len() / 3;
        if buffer.iter().any(|index| usize::from(*index) >= colours) {
            return Err(ImageError::Broken);
        }
        if frames == 1 {
            encoder.set_repeat(decoder.repeat()).map_err(broken)?;
        }
        // Interlaced lines were put in order while reading.
        frame.interlaced = false;
        frame.buffer = Cow::Owned(buffer);
        encoder.write_frame(&frame).map_err(broken)?;
    }
    if frames == 0 {
        return Err(ImageError::Broken);
    }
    encoder.into_inner().map(drop).map_err(broken)
}
