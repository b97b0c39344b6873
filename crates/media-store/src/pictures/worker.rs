//! The worker: a process that handles one picture and ends. A small file can make any decoder allocate a lot
//! of memory, in more ways than its header shows. A process has one memory limit for all of them; when it is
//! reached, only the worker ends, and the server goes on.

use super::broken::broken;
use super::{decode, encode, gif};
use domain::limits::{IMAGE_FILE_BYTES, PICTURE_MEMORY, PICTURE_TIME};
use domain::media::{FileError, ImageError, ImageFormat, Purpose};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, BufWriter, Read, Write};
use std::process::{ExitCode, ExitStatus};

/// Bytes that are written at once.
const PIECE: usize = 64 * 1024;

/// The exit codes with which a worker refuses a picture. Any other code except success means that it crashed.
const BROKEN: u8 = 10;
const TOO_LARGE: u8 = 11;
const ANIMATED: u8 = 12;
/// The exit code of a Rust program that panics.
const PANICKED: u8 = 101;

/// Reads a picture from the standard input, and writes the result to the standard output. `format` is its
/// MIME type, `purpose` is `attachment` or `avatar`.
///
/// To be called in a process of its own, before it has allocated much memory: it limits the process's memory
/// and CPU time.
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
        // `None` means a signal: it ran out of memory or of time.
        None | Some(Ok(TOO_LARGE)) => ImageError::TooLarge,
        // If the decoder panics, the picture is probably damaged.
        Some(Ok(BROKEN | PANICKED)) => ImageError::Broken,
        Some(_) => ImageError::Failed(FileError::unavailable(format!("a worker: {status}"))),
    }
}

/// The word for it on the worker's command line.
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
    // No core dump: it would contain somebody's picture.
    setrlimit(Resource::Core, at_most(0))
}

fn read() -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock().take(IMAGE_FILE_BYTES + 1);
    input.read_to_end(&mut bytes).map_err(broken)?;
    // Frees unused capacity, since the decoder needs the memory.
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
            // A first pass checks the whole animation, because nothing may be written if it is refused.
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
