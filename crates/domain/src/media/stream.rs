//! Bytes that arrive a piece at a time.

use super::FileError;
use async_trait::async_trait;

/// The bytes of a file, from the first to the last, a piece at a time.
#[async_trait]
pub trait Chunks: Send {
    /// The next piece; `None` after the last. After an error there is nothing more.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError>;
}

/// Bytes that are there already, as one piece.
pub struct Whole(Option<Vec<u8>>);

impl Whole {
    /// Of these bytes.
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

/// A stream whose first bytes have been looked at, and that ends with an error when it has more
/// bytes than it may.
pub(super) struct Watched<'a> {
    body: &'a mut dyn Chunks,
    /// What was read to be looked at, and is still to be handed out.
    head: Option<Vec<u8>>,
    room: u64,
}

impl<'a> Watched<'a> {
    /// Reads until there are `wanted` bytes to look at, or all there are.
    pub(super) async fn new(body: &'a mut dyn Chunks, wanted: usize) -> Result<Self, FileError> {
        let mut head = Vec::new();
        while head.len() < wanted
            && let Some(piece) = body.next().await?
        {
            head.extend(piece);
        }
        Ok(Self { body, head: Some(head), room: 0 })
    }

    /// The first bytes, as long as nothing has been read.
    pub(super) fn head(&self) -> &[u8] {
        self.head.as_deref().unwrap_or_default()
    }

    /// With so many bytes at most.
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
