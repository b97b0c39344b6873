//! Multipart forms, read within limits of parts, bytes and time.

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

/// How many bytes of a file may have been read but not handed on: the parser's buffer, and the piece that
/// waits to get into it. On a busy machine single pieces of more than a quarter of this were seen.
const READ_AHEAD: usize = 1024 * 1024;

/// The parts of a form as they arrive.
///
/// Everything that is read counts against the limit, and not only what is kept: what precedes the first part
/// and follows the last, headers, names, and parts without content. The content of a file does not count; its
/// consumer limits it.
pub struct Parts {
    form: Multipart,
    room: Room,
    /// How many bytes may still be kept in memory.
    keep: usize,
    /// How many parts may still come.
    left: usize,
    /// When everything but a file must have arrived.
    end: Instant,
    /// When reading a file began, if one is being read. That time is added to `end`: a file has a limit of
    /// its own.
    file_since: Option<Instant>,
}

impl Parts {
    /// The parts of a form without a file.
    ///
    /// # Errors
    /// 413 if the form says itself that it is too large.
    pub fn of(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        if !fits(request, BODY_BYTES as u64) {
            return Err(too_large());
        }
        Ok(Self::within(BODY_BYTES, request, payload))
    }

    /// The parts of a form that may have a file.
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

    /// The next part, with its name; `None` at the end.
    ///
    /// # Errors
    /// 413 for too many parts or bytes, 408 if it does not arrive in time, 400 for a malformed form.
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

    /// Reads a part as a text. It is counted before it is kept, together with what a part costs by itself.
    ///
    /// # Errors
    /// 413 for too many bytes, 408 if they do not arrive in time, 400 if they are not UTF-8.
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

    /// The content of a part that is a file. It must be read before the next part is asked for.
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

/// How many bytes of a form may still be read. Shared by [`Metered`], which takes, and [`Parts::file`], which
/// gives the bytes of a file back. `None` once there were too many.
#[derive(Clone)]
struct Room(Rc<Cell<Option<usize>>>);

impl Room {
    fn of(bytes: usize) -> Self {
        Self(Rc::new(Cell::new(Some(bytes))))
    }

    /// Takes these bytes, or returns false for them and for everything after them.
    fn take(&self, bytes: usize) -> bool {
        let left = self.0.get().and_then(|room| room.checked_sub(bytes));
        self.0.set(left);
        left.is_some()
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().map(|room| room.saturating_add(bytes)));
    }

    /// The problem for an error of the parser. It may report the overflow of [`Metered`] as any other error,
    /// so whether there is room decides.
    fn refusal(&self, error: &MultipartError) -> Problem {
        let overflown = matches!(error, MultipartError::Payload(PayloadError::Overflow));
        if overflown || self.0.get().is_none() { too_large() } else { broken() }
    }
}

/// A body whose bytes are counted before the parser gets them.
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
