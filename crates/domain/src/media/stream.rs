//! Streams of bytes.

use super::FileError;
use async_trait::async_trait;

/// The bytes of a file, piece by piece.
#[async_trait]
pub trait Chunks: Send {
    /// The next piece; `None` after the last one. After an error there are no more pieces.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError>;
}

/// Bytes in memory, as one piece.
pub struct Whole(Option<Vec<u8>>);

impl Whole {
    /// A stream of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

#[async_trait]
impl Chunks for Whole {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        Ok(self.0.take())
    }
}

/// A stream whose first bytes can be inspected, and that fails if it has more bytes than allowed.
pub(super) struct Watched<'a> {
    body: &'a mut dyn Chunks,
    /// The inspected bytes, which are still to be returned.
    head: Option<Vec<u8>>,
    room: u64,
}

impl<'a> Watched<'a> {
    /// Reads until there are `wanted` bytes to inspect, or the stream ends.
    pub(super) async fn new(body: &'a mut dyn Chunks, wanted: usize) -> Result<Self, FileError> {
        let mut head = Vec::new();
        while head.len() < wanted
            && let Some(piece) = body.next().await?
        {
            head.extend(piece);
        }
        Ok(Self { body, head: Some(head), room: 0 })
    }

    /// The first bytes, as long as none were read from the stream.
    pub(super) fn head(&self) -> &[u8] {
        self.head.as_deref().unwrap_or_default()
    }

    /// Sets the limit; before this is called, it is 0.
    pub(super) fn at_most(self, bytes: u64) -> Self {
        Self { room: bytes, ..self }
    }
}

#[async_trait]
impl Chunks for Watched<'_> {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        let piece = match self.head.take().filter(|head| !head.is_empty()) {
            Some(head) => Some(head),
            None => self.body.next().await?,
        };
        let bytes = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        self.room = self.room.checked_sub(bytes).ok_or(FileError::TooLarge)?;
        Ok(piece)
    }
}
