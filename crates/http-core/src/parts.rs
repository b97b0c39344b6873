//! Forms in parts, read within limits: of parts, of bytes, and of time.

use crate::BODY_BYTES;
use crate::body::BODY_PATIENCE;
use crate::problem::Problem;
use crate::upload::{fits, fitting, too_slow};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Payload};
use domain::limits::{FORM_PART_BYTES, FORM_PARTS};
use futures_util::{Stream, StreamExt, TryStreamExt};
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::time::{Instant, timeout_at};

/// Bytes of a file that may be read before they are handed on: the parser's buffer and the piece
/// that waits for room in it. On a busy machine one piece was larger than a quarter of this.
const READ_AHEAD: usize = 1024 * 1024;

/// The parts of a form as they come.
///
/// All that is read of a form counts, and not only what is kept: what stands before the first part
/// and after the last, headers, names, and parts without content. A file's own content does not; who
/// takes it limits it.
pub struct Parts {
    form: Multipart,
    room: Room,
    /// Bytes that may still be kept.
    keep: usize,
    /// Parts that may still come.
    left: usize,
    /// When all but the file must have arrived.
    end: Instant,
    /// Since when a file is being taken, which has a time of its own.
    file_since: Option<Instant>,
}

impl Parts {
    /// Those of a form without a file.
    ///
    /// # Errors
    /// 413 if the form says itself that it is too large.
    pub fn of(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        if !fits(request, BODY_BYTES as u64) {
            return Err(too_large());
        }
        Ok(Self::within(BODY_BYTES, request, payload))
    }

    /// Those of a form that may bring a file.
    ///
    /// # Errors
    /// 413 if the form says itself that it is too large.
    pub fn with_file(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        fitting(request)?;
        Ok(Self::within(BODY_BYTES + READ_AHEAD, request, payload))
    }

    fn within(bytes: usize, request: &HttpRequest, payload: Payload) -> Self {
        let room = Room::of(bytes);
        let form = Multipart::new(request.headers(), Metered { payload, room: room.clone() });
        let end = Instant::now() + BODY_PATIENCE;
        Self { form, room, keep: BODY_BYTES, left: FORM_PARTS, end, file_since: None }
    }

    /// The next one, with its name.
    ///
    /// # Errors
    /// 413 for one part too many or too many bytes, 408 for one that does not come in time, 400 for
    /// what is no form.
    pub async fn next(&mut self) -> Result<Option<(String, Field)>, Problem> {
        if let Some(since) = self.file_since.take() {
            self.end += since.elapsed();
        }
        let next = timeout_at(self.end, self.form.next()).await.map_err(|_| too_slow())?;
        let Some(part) = next.transpose().map_err(|error| self.room.refusal(&error))? else {
            return Ok(None);
        };
        self.left = self.left.checked_sub(1).ok_or_else(too_many)?;
        Ok(Some((part.name().unwrap_or_default().to_owned(), part)))
    }

    /// Reads one as a text. What it costs to keep it is counted before it is kept.
    ///
    /// # Errors
    /// 413 for too many bytes, 408 for those that do not come in time, 400 for what is no text.
    pub async fn text(&mut self, name: &str, mut part: Field) -> Result<String, Problem> {
        self.spend(name.len() + FORM_PART_BYTES)?;
        let mut bytes = Vec::new();
        while let Some(piece) = timeout_at(self.end, part.next()).await.map_err(|_| too_slow())? {
            let piece = piece.map_err(|error| self.room.refusal(&error))?;
            self.spend(piece.len())?;
            bytes.extend_from_slice(&piece);
        }
        String::from_utf8(bytes).map_err(|_| broken())
    }

    /// The content of a part that is a file; the next part comes once it was read.
    pub fn file(
        &mut self,
        part: Field,
    ) -> impl Stream<Item = Result<Bytes, MultipartError>> + Unpin + use<> {
        self.file_since = Some(Instant::now());
        let room = self.room.clone();
        part.inspect_ok(move |piece| room.give_back(piece.len()))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Problem> {
        self.keep = self.keep.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }
}

/// Bytes of a form that may still be read, shared by who reads them and who counts.
#[derive(Clone)]
struct Room(Rc<Cell<Option<usize>>>);

impl Room {
    fn of(bytes: usize) -> Self {
        Self(Rc::new(Cell::new(Some(bytes))))
    }

    /// Whether there was room for these; once there was none, there is none any more.
    fn take(&self, bytes: usize) -> bool {
        let left = self.0.get().and_then(|room| room.checked_sub(bytes));
        self.0.set(left);
        left.is_some()
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().map(|room| room.saturating_add(bytes)));
    }

    /// Why a form could not be read on.
    fn refusal(&self, error: &MultipartError) -> Problem {
        let overflown = matches!(error, MultipartError::Payload(PayloadError::Overflow));
        if overflown || self.0.get().is_none() { too_large() } else { broken() }
    }
}

/// A body whose bytes are counted before the parser sees them.
struct Metered {
    payload: Payload,
    room: Room,
}

impl Stream for Metered {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(self.payload.poll_next_unpin(cx));
        Poll::Ready(match piece {
            Some(Ok(bytes)) if !self.room.take(bytes.len()) => Some(Err(PayloadError::Overflow)),
            piece => piece,
        })
    }
}

fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "body_broken", "The form is broken.")
}

fn too_large() -> Problem {
    let detail = format!("A form has {BODY_BYTES} bytes at most, without a file.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn too_many() -> Problem {
    let detail = format!("A form has {FORM_PARTS} parts at most.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}
