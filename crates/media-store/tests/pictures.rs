//! How pictures are processed, malicious ones included. All of them are made here.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

use domain::ids::UserId;
use domain::media::{
    Chunks, ImageError, ImageFormat, ImageProcessor, ProcessedImage, Purpose, Whole,
};
use gif::{Encoder, Frame, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};
use media_store::{Pictures, Worker};
use moxcms::ColorProfile;

/// A test picture, brighter towards the right and redder towards the bottom.
fn photo(width: u32, height: u32) -> DynamicImage {
    let shade = |at: u32, of: u32| (at * 255 / of) as u8;
    let pixel = |x, y| Rgb([shade(y, height), shade(x, width), 90]);
    RgbImage::from_fn(width, height, pixel).into()
}

/// The same with a transparent hole.
fn logo(width: u32, height: u32) -> DynamicImage {
    let pixel = |x, y| Rgba([10, 200, (y % 256) as u8, if x < width / 2 { 0 } else { 255 }]);
    RgbaImage::from_fn(width, height, pixel).into()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Jpeg => image.write_with_encoder(JpegEncoder::new(&mut bytes)),
        ImageFormat::Png => image.write_with_encoder(PngEncoder::new(&mut bytes)),
        ImageFormat::WebP => image.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)),
        ImageFormat::Gif => return animation(2),
    }
    .unwrap();
    bytes
}

/// An animation with that many frames of 40 by 30, the later ones smaller and with their own colours.
fn animation(frames: u16) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), 40, 30, &[255, 0, 0, 0, 255, 0]).unwrap();
    encoder.set_repeat(Repeat::Finite(3)).unwrap();
    for n in 0..frames {
        let (width, height) = if n == 0 { (40, 30) } else { (10, 8) };
        let mut frame = Frame { width, height, delay: 5 + n, ..Frame::default() };
        frame.buffer = (0..width * height).map(|at| (at % 2) as u8).collect();
        frame.palette = (n > 0).then(|| vec![0, 0, 255, 255, 255, n as u8]);
        (frame.left, frame.interlaced) = (n % 20, n == 1);
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

/// The owner of these pictures.
const OWNER: UserId = UserId::stored(1);

fn pictures() -> Pictures {
    let program = env!("CARGO_BIN_EXE_picture-worker").into();
    Pictures::new(Worker { program, arguments: Vec::new() }, 1)
}

async fn process(
    bytes: &[u8],
    format: ImageFormat,
    purpose: Purpose,
) -> Result<ProcessedImage, ImageError> {
    pictures().process(OWNER, Box::new(Whole::new(bytes.to_vec())), format, purpose).await
}

async fn attach(bytes: &[u8]) -> Result<ProcessedImage, ImageError> {
    process(bytes, ImageFormat::of(bytes).unwrap(), Purpose::Attachment).await
}

async fn all(mut body: Box<dyn Chunks>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(piece) = body.next().await.unwrap() {
        all.extend(piece);
    }
    all
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part == word)
}

#[tokio::test]
async fn a_picture_stays_what_it_is() {
    let formats = [
        (photo(600, 400), ImageFormat::Jpeg, ImageFormat::Jpeg),
        (photo(600, 400), ImageFormat::Png, ImageFormat::Png),
        (logo(600, 400), ImageFormat::Png, ImageFormat::Png),
        (logo(600, 400), ImageFormat::WebP, ImageFormat::WebP),
        (photo(600, 400), ImageFormat::WebP, ImageFormat::Jpeg),
        (photo(600, 400).to_luma8().into(), ImageFormat::Jpeg, ImageFormat::Jpeg),
        (photo(600, 400).to_rgb16().into(), ImageFormat::Png, ImageFormat::Png),
    ];
    for (image, format, becomes) in formats {
        let made = attach(&encoded(&image, format)).await.unwrap();
        assert_eq!(made.format, becomes);
        assert_eq!((made.picture.width, made.picture.height), (600, 400));
        let preview = &made.picture.preview;
        assert!(preview.starts_with("data:image/webp;base64,") && preview.len() < 1_000);
        let (bytes, thumbnail) = (all(made.image).await, all(made.thumbnail).await);
        assert_eq!(ImageFormat::of(&bytes), Some(becomes));
        let seen = image::load_from_memory(&bytes).unwrap();
        let (is, was) = (seen.to_rgba8(), image.to_rgba8());
        let difference = |a: u8, b: u8| u64::from(a.abs_diff(b));
        let apart: u64 = is.iter().zip(was.iter()).map(|(a, b)| difference(*a, *b)).sum();
        assert!(apart / (600 * 400 * 4) < 3, "{format:?} differs by {apart}");
        let thumbnail = image::load_from_memory(&thumbnail).unwrap();
        assert_eq!((thumbnail.width(), thumbnail.height()), (480, 320));
    }
    let tiny = attach(&encoded(&photo(3, 2), ImageFormat::Png)).await.unwrap();
    let thumbnail = image::load_from_memory(&all(tiny.thumbnail).await).unwrap();
    assert_eq!((thumbnail.width(), thumbnail.height()), (3, 2), "nothing is made larger");
}

/// An EXIF block that says the picture is turned on its side, and where it was taken.
fn exif() -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    exif.extend(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0");
    exif.extend(b"\x01\0\x01\0\x02\0\x02\0\0\0N\0\0\0\0\0\0\0");
    exif.extend(b"GPS 52.5163 N 13.3777 E");
    exif
}

#[tokio::test]
async fn a_position_goes_and_the_picture_stands_upright() {
    let image = photo(60, 30);
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new(&mut jpeg);
    encoder.set_exif_metadata(exif()).unwrap();
    image.write_with_encoder(encoder).unwrap();
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_exif_metadata(exif()).unwrap();
    image.write_with_encoder(encoder).unwrap();
    for bytes in [jpeg, png] {
        assert!(contains(&bytes, b"52.5163"));
        let made = attach(&bytes).await.unwrap();
        assert_eq!((made.picture.width, made.picture.height), (30, 60));
        let (bytes, thumbnail) = (all(made.image).await, all(made.thumbnail).await);
        for bytes in [bytes, thumbnail] {
            assert!(!contains(&bytes, b"52.5163") && !contains(&bytes, b"Exif"));
            let seen = image::load_from_memory(&bytes).unwrap().to_rgb8();
            assert_eq!(seen.dimensions(), (30, 60));
            // What was on the left is now at the top, so it gets brighter downwards.
            assert!(seen.get_pixel(15, 2)[1] < 60 && seen.get_pixel(15, 57)[1] > 190);
        }
    }
}

#[tokio::test]
async fn an_animation_goes_on_moving() {
    let before = animation(5);
    let hidden = [&before[..], b"<script>alert(1)</script>"].concat();
    let made = attach(&hidden).await.unwrap();
    assert_eq!((made.format, made.picture.width, made.picture.height), (ImageFormat::Gif, 40, 30));
    let after = all(made.image).await;
    assert!(!contains(&after, b"script"));
    let frames = |bytes: &[u8]| {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(bytes).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            let place = (frame.left, frame.top, frame.width, frame.height);
            frames.push((place, frame.delay, frame.dispose, frame.buffer.to_vec()));
        }
        (frames, decoder.repeat())
    };
    assert_eq!(frames(&after), frames(&before));
    let still = attach(&animation(1)).await.unwrap();
    assert_eq!(frames(&all(still.image).await).0.len(), 1);
}

/// A chunk of a PNG, with its checksum.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(name);
    chunk.extend(data);
    let crc = chunk[4..].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    chunk.extend((!crc).to_be_bytes());
    chunk
}

/// A PNG that claims to have that many pixels.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&size[..], &[8, 6, 0, 0, 0]].concat();
    let zeros = b"\x78\x9c\x63\x00\x00\x00\x01\x00\x01";
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", zeros), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_is_decoded() {
    let mut giant_gif = animation(1);
    giant_gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let mut giant_jpeg = encoded(&photo(8, 8), ImageFormat::Jpeg);
    let frame = giant_jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    giant_jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    let bombs = [
        claiming(20_000, 20_000),
        claiming(100_000, 1),
        claiming(u32::MAX >> 1, u32::MAX >> 1),
        claiming(4_890, 5_000),
        giant_gif,
        giant_jpeg,
    ];
    for bomb in bombs {
        for purpose in [Purpose::Attachment, Purpose::Avatar] {
            let refused = process(&bomb, ImageFormat::of(&bomb).unwrap(), purpose).await;
            let refused = refused.err().unwrap();
            assert!(matches!(refused, ImageError::TooLarge), "{purpose:?}: {refused:?}");
        }
    }
    let endless = attach(&animation(1_001)).await;
    assert!(matches!(endless.err(), Some(ImageError::TooLarge)), "too many frames");
    assert!(attach(&animation(1_000)).await.is_ok());
}

/// Bits, the lowest of each byte first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
    last: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) {
        self.last |= value << self.filled;
        self.filled += bits;
        while self.filled >= 8 {
            self.bytes.push(self.last as u8);
            (self.last, self.filled) = (self.last >> 8, self.filled - 8);
        }
    }

    fn put_all(&mut self, values: &[(u32, u32)]) {
        for (value, bits) in values {
            self.put(*value, *bits);
        }
    }
}

/// A lossless WebP of 4 by 4 pixels that claims 65,536 groups of codes. For each, the decoder would build
/// five tables of 4 KB: 1.3 GB from 4 MB.
fn tables_without_end() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8);
    bits.put_all(&[(3, 14), (3, 14), (0, 1), (0, 3)]);
    // No transform, no cache, and which group a pixel belongs to: the last of all.
    bits.put_all(&[(0, 1), (0, 1), (1, 1), (0, 3), (0, 1)]);
    for symbol in [255, 255, 0, 0, 0] {
        bits.put_all(&[(1, 1), (0, 1), (1, 1), (symbol, 8)]);
    }
    for _ in 0..65_536 * 5 {
        bits.put_all(&[(0, 1), (10, 4)]);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            bits.put(length, 3);
        }
        bits.put_all(&[(1, 1), (1, 3), (9, 4)]);
        for code in [0b000, 0b100, 0b010, 0b110, 0b001, 0b101] {
            bits.put(code, 3);
        }
        for code in [0b0011, 0b1011, 0b0111, 0b1111, 0b1111] {
            bits.put(code, 4);
        }
    }
    bits.put(0, 32 - 8);
    let size = |bytes: usize| (bytes as u32).to_le_bytes();
    let mut data = bits.bytes;
    data.resize(data.len().next_multiple_of(2), 0);
    let (chunk, all) = (size(data.len()), size(data.len() + 12));
    [b"RIFF", &all[..], b"WEBPVP8L", &chunk[..], &data[..]].concat()
}

/// A progressive JPEG of 24 megapixels that fits, if it were not for the coefficients of each.
fn progressive() -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xdb\0\x43\0".to_vec();
    bytes.extend([1; 64]);
    bytes.extend(b"\xff\xc2\0\x11\x08\x13\x50\x13\x50\x03\x01\x11\0\x02\x11\0\x03\x11\0");
    bytes.extend(b"\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\0\0");
    bytes.extend([0; 200_000]);
    bytes.extend(b"\xff\xd9");
    bytes
}

/// A PNG of 24 megapixels whose colour profile alone takes as much memory.
fn profile_without_end() -> Vec<u8> {
    let black = encoded(&image::GrayImage::new(8_600, 8_600).into(), ImageFormat::Png);
    let mut profile = b"x\0\0".to_vec();
    let mut at = 8;
    while at < black.len() {
        let length = u32::from_be_bytes(black[at..at + 4].try_into().unwrap()) as usize;
        if &black[at + 4..at + 8] == b"IDAT" {
            profile.extend(&black[at + 8..at + 8 + length]);
        }
        at += 12 + length;
    }
    let mut png = encoded(&photo(9, 9), ImageFormat::Png);
    png.splice(33..33, chunk(b"iCCP", &profile));
    let size = [5_000_u32.to_be_bytes(), 4_900_u32.to_be_bytes()].concat();
    png.splice(8..33, chunk(b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat()));
    png
}

#[tokio::test]
async fn what_takes_more_memory_than_it_says_ends_its_worker() {
    for (n, bomb) in [tables_without_end(), progressive(), profile_without_end()].iter().enumerate()
    {
        assert!(bomb.len() < 16 << 20, "{n} has {} bytes", bomb.len());
        for purpose in [Purpose::Attachment, Purpose::Avatar] {
            let refused = process(bomb, ImageFormat::of(bomb).unwrap(), purpose).await.err();
            assert!(matches!(refused, Some(ImageError::TooLarge)), "{n} {purpose:?}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn what_just_fits_is_made() {
    for (image, format) in [
        (photo(5_000, 4_900), ImageFormat::Jpeg),
        (photo(5_000, 4_900), ImageFormat::Png),
        (photo(3_200, 3_200), ImageFormat::WebP),
    ] {
        let (width, height) = (image.width(), image.height());
        let mut bytes = encoded(&image, format);
        // As large a file as may be: what is behind its end counts, too.
        bytes.resize(16 << 20, 0);
        for purpose in [Purpose::Attachment, Purpose::Avatar] {
            let made = process(&bytes, format, purpose).await;
            let made = made.unwrap_or_else(|error| panic!("{format:?} {purpose:?}: {error}"));
            let seen = all(made.image).await;
            let is = (made.picture.width, made.picture.height);
            let expected = if purpose == Purpose::Avatar { (512, 512) } else { (width, height) };
            assert_eq!(is, expected, "{format:?} {purpose:?} of {} bytes", seen.len());
        }
    }
}

#[tokio::test]
async fn a_worker_that_is_not_there_is_no_verdict_on_a_picture() {
    let nowhere = Worker { program: "/nowhere/at-all".into(), arguments: Vec::new() };
    let refuses = Worker { program: "/bin/false".into(), arguments: Vec::new() };
    for worker in [nowhere, refuses] {
        let body = Box::new(Whole::new(encoded(&photo(9, 9), ImageFormat::Png)));
        let pictures = Pictures::new(worker, 1);
        let failed = pictures.process(OWNER, body, ImageFormat::Png, Purpose::Avatar).await.err();
        assert!(matches!(failed, Some(ImageError::Failed(_))), "{failed:?}");
    }
}

#[tokio::test]
async fn what_is_hidden_in_a_picture_goes() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let tail =
            [&encoded(&photo(9, 9), format)[..], b"PK\x03\x04<script>evil()</script>"].concat();
        let made = attach(&tail).await.unwrap();
        for bytes in [all(made.image).await, all(made.thumbnail).await] {
            assert!(!contains(&bytes, b"evil") && !contains(&bytes, b"PK\x03\x04"), "{format:?}");
        }
    }
    let mut png = encoded(&photo(9, 9), ImageFormat::Png);
    png.splice(33..33, chunk(b"tEXt", b"Comment\0<script>evil()</script>"));
    let made = attach(&png).await.unwrap();
    assert!(!contains(&all(made.image).await, b"evil"));
}

#[tokio::test]
async fn what_is_damaged_is_refused() {
    let webp = encoded(&logo(50, 50), ImageFormat::WebP);
    let mut damaged = vec![
        b"GIF89a\x01\0\x01\0\0\0\0<script>alert(1)</script>".to_vec(),
        b"\xff\xd8\xff\xe0<html>".to_vec(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
        b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(),
        claiming(0, 5),
        claiming(100, 100),
    ];
    for whole in [
        encoded(&photo(50, 50), ImageFormat::Jpeg),
        encoded(&photo(50, 50), ImageFormat::Png),
        webp,
        animation(3),
    ] {
        for cut in [whole.len() / 2, whole.len() * 3 / 4] {
            damaged.push(whole[..cut].to_vec());
        }
    }
    for (n, bytes) in damaged.iter().enumerate() {
        let refused = attach(bytes).await.err();
        assert!(matches!(refused, Some(ImageError::Broken)), "{n}: {refused:?}");
    }
}

#[tokio::test]
async fn animations_that_cannot_be_kept_are_refused_clearly() {
    let mut apng = encoded(&photo(9, 9), ImageFormat::Png);
    apng.splice(33..33, chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    let still = encoded(&logo(9, 9), ImageFormat::WebP);
    // The still picture as the one frame of an animation: VP8X, ANIM, ANMF around its data.
    let frame = [&[0, 0, 0, 0, 0, 0, 8, 0, 0, 8, 0, 0, 100, 0, 0, 0][..], &still[12..]].concat();
    let riff = |name: &[u8], data: &[u8]| {
        let size = (data.len() as u32).to_le_bytes();
        let pad = vec![0; data.len() % 2];
        [name, &size[..], data, &pad].concat()
    };
    let body = [
        b"WEBP".to_vec(),
        riff(b"VP8X", &[0x12, 0, 0, 0, 8, 0, 0, 8, 0, 0]),
        riff(b"ANIM", &[0; 6]),
        riff(b"ANMF", &frame),
    ];
    for moving in [apng, riff(b"RIFF", &body.concat())] {
        let refused = attach(&moving).await.err();
        assert!(matches!(refused, Some(ImageError::Animated)), "{refused:?}");
    }
}

#[tokio::test]
async fn an_avatar_is_the_middle_of_a_picture() {
    let cases = [(900, 600, 512), (600, 900, 512), (100, 300, 100), (2_000, 1, 1)];
    for (width, height, side) in cases {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let bytes = encoded(&photo(width, height), format);
            let made = process(&bytes, format, Purpose::Avatar).await.unwrap();
            let [large, small] = [all(made.image).await, all(made.thumbnail).await];
            let [large, small] = [large, small].map(|b| image::load_from_memory(&b).unwrap());
            assert_eq!((large.width(), large.height()), (side, side), "{width}x{height}");
            assert_eq!((small.width(), small.height()), (side.min(128), side.min(128)));
        }
    }
    let made = process(&animation(3), ImageFormat::Gif, Purpose::Avatar).await.unwrap();
    assert_eq!(made.picture.width, 30);
}

#[tokio::test]
async fn a_queue_has_an_end() {
    let pictures = std::sync::Arc::new(pictures());
    let bytes = encoded(&photo(40, 40), ImageFormat::Png);
    let start = |owner: usize| {
        let (pictures, bytes) = (pictures.clone(), bytes.clone());
        let owner = UserId::stored(i64::try_from(owner + 1).unwrap());
        async move {
            let body = Box::new(Whole::new(bytes));
            pictures.process(owner, body, ImageFormat::Png, Purpose::Avatar).await
        }
    };
    // A result that nobody has taken yet keeps its turn: it takes memory.
    let all = domain::limits::IMAGE_QUEUE;
    let first = start(all).await.unwrap();
    let waiting: Vec<_> = (0..all).map(|owner| tokio::spawn(start(owner))).collect();
    // All of them run on one thread here, some at a time, so this lets each come as far as it can.
    for _ in 0..all {
        tokio::task::yield_now().await;
    }
    assert!(matches!(start(all + 1).await.err(), Some(ImageError::Busy)));
    drop(first);
    for one in waiting {
        assert!(one.await.unwrap().is_ok());
    }
}

/// The picture with that colour profile in its file.
fn in_profile(image: &DynamicImage, profile: &ColorProfile, format: ImageFormat) -> Vec<u8> {
    let (mut bytes, profile) = (Vec::new(), profile.encode().unwrap());
    match format {
        ImageFormat::Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
            encoder.set_icc_profile(profile).unwrap();
            image.write_with_encoder(encoder).unwrap();
        }
        ImageFormat::Png => {
            let mut encoder = PngEncoder::new(&mut bytes);
            encoder.set_icc_profile(profile).unwrap();
            image.write_with_encoder(encoder).unwrap();
        }
        ImageFormat::WebP => {
            let mut encoder = WebPEncoder::new_lossless(&mut bytes);
            encoder.set_icc_profile(profile).unwrap();
            image.write_with_encoder(encoder).unwrap();
        }
        ImageFormat::Gif => unreachable!("it has no profiles"),
    }
    bytes
}

fn assert_shows(bytes: &[u8], expected: [u8; 3], what: &str) {
    let shown = image::load_from_memory(bytes).unwrap().to_rgb8();
    let pixel = shown.get_pixel(shown.width() / 2, shown.height() / 2).0;
    let near = pixel.iter().zip(expected).all(|(is, should)| is.abs_diff(should) <= 6);
    assert!(near, "{what}: {pixel:?} and not {expected:?}");
}

#[tokio::test]
async fn a_profile_is_applied() {
    let srgb = ColorProfile::new_srgb();
    let mut swapped = ColorProfile::new_srgb();
    (swapped.red_colorant, swapped.green_colorant) = (srgb.green_colorant, srgb.red_colorant);
    let p3 = ColorProfile::new_display_p3();
    for (profile, stored, shown) in [
        (&swapped, [206, 0, 0], [0, 206, 0]),
        (&p3, [150, 100, 100], [157, 98, 99]),
        (&srgb, [9, 99, 199], [9, 99, 199]),
    ] {
        let plain = DynamicImage::from(RgbImage::from_pixel(300, 200, Rgb(stored)));
        let [r, g, b] = stored;
        let clear = DynamicImage::from(RgbaImage::from_pixel(300, 200, Rgba([r, g, b, 255])));
        let deep = DynamicImage::from(plain.to_rgb16());
        for (image, format) in [
            (&plain, ImageFormat::Jpeg),
            (&plain, ImageFormat::Png),
            (&deep, ImageFormat::Png),
            (&clear, ImageFormat::Png),
            (&plain, ImageFormat::WebP),
        ] {
            let what = format!("{format:?} of {:?}", image.color());
            let bytes = in_profile(image, profile, format);
            for purpose in [Purpose::Attachment, Purpose::Avatar] {
                let made = process(&bytes, format, purpose).await.unwrap();
                assert_shows(&all(made.thumbnail).await, shown, &what);
                assert_shows(&all(made.image).await, shown, &what);
            }
        }
    }
}
