//! What an encoder writes, in pieces that are handed on one after the other.

use async_trait::async_trait;
use domain::media::{Chunks, FileError};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes of a piece. A buffer that grows as one would for a moment take twice its size.
const PIECE: usize = 64 * 1024;

/// A place in the queue and a turn to work; both end when the results have left the memory.
pub(super) type Turn = Arc<(OwnedSemaphorePermit, OwnedSemaphorePermit)>;

/// Bytes in pieces.
#[derive(Default)]
pub(super) struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    _turn: Option<Turn>,
}

impl Pieces {
    /// Holds on to a turn until it is dropped.
    pub(super) fn until_read(self, turn: Turn) -> Self {
        Self { _turn: Some(turn), ..self }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pieces.back().is_none_or(|last| last.len() >= PIECE) {
            self.pieces.push_back(Vec::with_capacity(PIECE));
        }
        let Some(last) = self.pieces.back_mut() else { return Ok(0) };
        let fitting = bytes.len().min(PIECE - last.len());
        last.extend_from_slice(&bytes[..fitting]);
        Ok(fitting)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Chunks for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        Ok(self.pieces.pop_front())
    }
}
