//! The beginning of a worker's output: one line about the picture, then the thumbnail. The picture itself
//! follows.
//!
//! The worker is a process that may have been taken over by a malicious picture, so everything it says is
//! bounded.

use domain::limits::IMAGE_FILE_BYTES;
use domain::media::{ImageError, ImageFormat, Picture};
use std::io::Write;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The size of the line in bytes, at most. It includes the preview, which is tiny.
const LINE: u64 = 16 * 1024;

/// Everything about a picture but its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) format: ImageFormat,
    pub(super) picture: Picture,
    pub(super) thumbnail: Vec<u8>,
}

impl Head {
    /// Writes it, in the worker.
    pub(super) fn write(&self, out: &mut impl Write) -> Result<(), ImageError> {
        let (mime, bytes) = (self.format.mime(), self.thumbnail.len());
        let Picture { width, height, preview } = &self.picture;
        let written = writeln!(out, "{mime} {width} {height} {bytes} {preview}");
        written.and_then(|()| out.write_all(&self.thumbnail)).map_err(super::broken::broken)
    }

    /// Reads it, in the server; `None` if it is incomplete or malformed.
    pub(super) async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> Option<Self> {
        let mut line = String::new();
        (&mut *from).take(LINE).read_line(&mut line).await.ok()?;
        let mut words = line.strip_suffix('\n')?.split(' ');
        let format = ImageFormat::of_mime(words.next()?)?;
        let (width, height) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let bytes = words.next()?.parse::<u64>().ok().filter(|bytes| *bytes <= IMAGE_FILE_BYTES)?;
        let picture = Picture { width, height, preview: words.next()?.to_owned() };
        let mut thumbnail = Vec::new();
        let read = (&mut *from).take(bytes).read_to_end(&mut thumbnail).await.ok()?;
        (read as u64 == bytes).then_some(Self { format, picture, thumbnail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_head_arrives_as_it_was_sent_or_not_at_all() {
        let picture = Picture { width: 3, height: 2, preview: "data:image/webp;base64,eA".into() };
        let head = Head { format: ImageFormat::Gif, picture, thumbnail: b"small\n".to_vec() };
        let mut sent = Vec::new();
        head.write(&mut sent).unwrap();
        let whole = sent.len();
        sent.extend(b"the picture");
        let mut from = sent.as_slice();
        assert_eq!(Head::read(&mut from).await, Some(head));
        assert_eq!(from, b"the picture");
        for cut in 0..whole {
            assert_eq!(Head::read(&mut &sent[..cut]).await, None, "cut at {cut}");
        }
        let endless = vec![b'x'; 100_000];
        assert_eq!(Head::read(&mut endless.as_slice()).await, None);
    }
}
