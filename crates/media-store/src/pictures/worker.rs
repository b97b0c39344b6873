//! What works on one picture and ends: a process of its own. A small file can make any decoder take
//! a lot of memory, in more ways than can be foreseen by looking at its header, and a process has a
//! limit that holds for all of them. When it is reached, the process ends and the server goes on.

use super::broken::broken;
use super::{decode, encode, gif};
use domain::limits::{IMAGE_FILE_BYTES, PICTURE_MEMORY, PICTURE_TIME};
use domain::media::{FileError, ImageError, ImageFormat, Purpose};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, BufWriter, Read, Write};
use std::process::{ExitCode, ExitStatus};

/// Bytes that are handed on at once.
const PIECE: usize = 64 * 1024;

/// How a worker ends when nothing is made of a picture. Every other end but success is one that it
/// did not choose.
const BROKEN: u8 = 10;
const TOO_LARGE: u8 = 11;
const ANIMATED: u8 = 12;
/// How the standard library ends a program that panics.
const PANICKED: u8 = 101;

/// Reads a picture from the standard input and writes what is made of it to the standard output.
/// `format` is its media type, `purpose` is `attachment` or `avatar`.
///
/// To be called by a process of its own, before it has taken any memory: its memory and its time
/// have limits from here on.
pub fn work(format: &str, purpose: &str) -> ExitCode {
    let (Some(format), Some(purpose)) = (ImageFormat::of_mime(format), parse(purpose)) else {
        return ExitCode::FAILURE;
    };
    if limit().is_err() {
        return ExitCode::FAILURE;
    }
    let mut out = BufWriter::with_capacity(PIECE, io::stdout().lock());
    let made = read().and_then(|bytes| make(bytes, format, purpose, &mut out));
    match made.and_then(|()| out.flush().map_err(broken)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ImageError::TooLarge) => ExitCode::from(TOO_LARGE),
        Err(ImageError::Animated) => ExitCode::from(ANIMATED),
        Err(_) => ExitCode::from(BROKEN),
    }
}

/// Why a worker ended without success.
pub(super) fn refusal(status: ExitStatus) -> ImageError {
    match status.code().map(u8::try_from) {
        Some(Ok(ANIMATED)) => ImageError::Animated,
        // `None` is a signal: it was out of memory or of time.
        None | Some(Ok(TOO_LARGE)) => ImageError::TooLarge,
        // A decoder that panics has met a picture that nobody else can show either.
        Some(Ok(BROKEN | PANICKED)) => ImageError::Broken,
        Some(_) => ImageError::Failed(FileError::unavailable(format!("a worker: {status}"))),
    }
}

/// The word that [`work`] knows it by.
pub(super) fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Attachment => "attachment",
        Purpose::Avatar => "avatar",
    }
}

fn parse(purpose: &str) -> Option<Purpose> {
    [Purpose::Attachment, Purpose::Avatar].into_iter().find(|known| word(*known) == purpose)
}

fn limit() -> rustix::io::Result<()> {
    let at_most = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Data, at_most(PICTURE_MEMORY))?;
    setrlimit(Resource::Cpu, at_most(PICTURE_TIME.as_secs()))?;
    // What it leaves behind would hold somebody's picture.
    setrlimit(Resource::Core, at_most(0))
}

fn read() -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock().take(IMAGE_FILE_BYTES + 1);
    input.read_to_end(&mut bytes).map_err(broken)?;
    // What it grew by more than it needed is missing where the picture is to be.
    bytes.shrink_to_fit();
    if bytes.len() as u64 > IMAGE_FILE_BYTES { Err(ImageError::TooLarge) } else { Ok(bytes) }
}

fn make(
    bytes: Vec<u8>,
    format: ImageFormat,
    purpose: Purpose,
    out: &mut impl Write,
) -> Result<(), ImageError> {
    match (purpose, format) {
        (Purpose::Avatar, _) => encode::avatar(&decode::still(bytes, format)?, out),
        (Purpose::Attachment, ImageFormat::Gif) => {
            // Whether all of it can be kept has to be known before any of it is handed on.
            gif::rewrite(&bytes, io::sink())?;
            encode::head_of(&decode::still(&bytes, format)?, format)?.write(out)?;
            gif::rewrite(&bytes, out)
        }
        (Purpose::Attachment, _) => {
            decode::refuse_animation(&bytes, format)?;
            encode::attachment(decode::still(bytes, format)?, format, out)
        }
    }
}
