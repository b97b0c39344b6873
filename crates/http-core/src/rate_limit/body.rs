//! Response bodies that count as an account's unread output until the connection has taken them.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use domain::limits::OUTPUT_PIECE_BYTES;
use domain::output::Owed;
use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The output that a streamed answer, such as a file, counts as.
const STREAMED: usize = 4 * OUTPUT_PIECE_BYTES;

/// Wraps a body so that `owed` is held until it was written.
pub(super) fn counted(body: BoxBody, mut owed: Owed) -> BoxBody {
    if matches!(body.size(), BodySize::None | BodySize::Sized(0)) || !owed.is_to_somebody() {
        return body;
    }
    match body.try_into_bytes() {
        Ok(bytes) => {
            owed.set(bytes.len());
            Whole { size: bytes.len() as u64, rest: bytes, owed }.boxed()
        }
        Err(body) => {
            owed.set(STREAMED);
            Streamed { body, _owed: owed }.boxed()
        }
    }
}

/// A body in memory, which is passed to the connection in pieces: the connection copies each piece, and takes
/// the next one after it has sent most of it.
struct Whole {
    size: u64,
    rest: Bytes,
    owed: Owed,
}

impl MessageBody for Whole {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = OUTPUT_PIECE_BYTES.min(self.rest.len());
        let piece = self.rest.split_to(length);
        let left = self.rest.len();
        self.owed.set(left);
        Poll::Ready(Some(Ok(piece)))
    }
}

struct Streamed {
    body: BoxBody,
    _owed: Owed,
}

impl MessageBody for Streamed {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
