//! Receiving uploads: never in memory as a whole, and no faster than they are stored.

use crate::BODY_BYTES;
use crate::file_name;
use crate::parts::Parts;
use crate::problem::Problem;
use actix_multipart::Field;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, rt};
use async_trait::async_trait;
use domain::failure::{Failure, Kind};
use domain::limits::FILE_BYTES;
use domain::media::{Chunks, FileError, Upload, UploadError};
use futures_util::future::join;
use futures_util::{Stream, StreamExt, stream};
use std::future::Future;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// The longest pause between two pieces of a file.
const PIECE_PATIENCE: Duration = Duration::from_secs(30);
/// How long a whole file may take to arrive.
const FILE_PATIENCE: Duration = Duration::from_secs(600);
/// Bytes of a form with a file, at most.
const FORM_WITH_FILE_BYTES: u64 = FILE_BYTES + BODY_BYTES as u64;
/// How many pieces may wait to be stored.
const PIECES: usize = 2;

/// A file that is being received, as the whole body or as the field `file` of a form.
pub struct Incoming {
    name: String,
    mime: String,
    body: Pipe,
}

impl Incoming {
    /// The file in the form that use cases take.
    pub fn upload(&mut self) -> Upload<'_> {
        Upload { name: &self.name, mime: &self.mime, body: &mut self.body }
    }
}

/// Reads a form, and passes its file to `store`, which runs to its end even if the client disconnects.
pub async fn form<T, E, Fut>(
    request: &HttpRequest,
    payload: Payload,
    store: impl FnOnce(Incoming) -> Fut + 'static,
) -> Result<T, Problem>
where
    T: 'static,
    E: Into<Failure> + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    if !is_form(request) {
        let detail = "The body must be a form: Content-Type: multipart/form-data.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_multipart", detail));
    }
    let mut form = Parts::with_file(request, payload)?;
    let first = form.next().await?.filter(|(name, _)| name == "file");
    let (_, field) = first.ok_or_else(|| {
        Problem::field("file", "missing", "The form's first field must be `file`.".to_owned())
    })?;
    let (name, mime) = described(&field);
    let file = form.file(field);
    // The form is read to its end after the file, so that the connection can be reused; further fields are
    // ignored.
    let pieces =
        stream::unfold((form, file), async |(mut form, mut file)| match file.next().await {
            Some(piece) => Some((piece, (form, file))),
            None => {
                // The form can continue only after its field is dropped.
                drop(file);
                let _ = form.next().await;
                None
            }
        });
    receive(name, mime, pieces.boxed_local(), store).await
}

/// As [`form`], for a file that may also be the whole body.
pub async fn form_or_file<T, E, Fut>(
    request: &HttpRequest,
    payload: Payload,
    store: impl FnOnce(Incoming) -> Fut + 'static,
) -> Result<T, Problem>
where
    T: 'static,
    E: Into<Failure> + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    if is_form(request) {
        return form(request, payload, store).await;
    }
    fitting(request)?;
    receive(String::new(), said(request), payload, store).await
}

pub fn is_form(request: &HttpRequest) -> bool {
    said(request).to_ascii_lowercase().starts_with("multipart/form-data")
}

fn said(request: &HttpRequest) -> String {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// The file name and the MIME type that a part declares.
pub fn described(part: &Field) -> (String, String) {
    let mime = part.content_type().map(ToString::to_string);
    (file_name::of(part), mime.unwrap_or_default())
}

/// Refuses a file whose declared length is too large, before receiving it.
pub(crate) fn fitting(request: &HttpRequest) -> Result<(), Problem> {
    let fits = fits(request, FORM_WITH_FILE_BYTES);
    if fits { Ok(()) } else { Err(Failure::from(UploadError::TooLarge).into()) }
}

/// Whether a body's declared length is at most `most`; also if it declares none.
pub(crate) fn fits(request: &HttpRequest, most: u64) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).is_none_or(|length: u64| length <= most)
}

pub(crate) fn too_slow() -> Problem {
    let detail = "The body did not arrive in time.";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
}

pub async fn receive<T, E, Fut, Broken>(
    name: String,
    mime: String,
    body: impl Stream<Item = Result<Bytes, Broken>> + Unpin + 'static,
    store: impl FnOnce(Incoming) -> Fut + 'static,
) -> Result<T, Problem>
where
    T: 'static,
    E: Into<Failure> + 'static,
    Broken: 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    let (pieces, body_of_file) = mpsc::channel(PIECES);
    let incoming = Incoming { name, mime, body: Pipe(body_of_file) };
    let both = rt::spawn(join(pump(body, pieces), store(incoming))).await;
    let (pumped, stored) =
        both.map_err(|_| Failure::new(Kind::Internal, "internal", "The server made a mistake."))?;
    match stored {
        Ok(stored) => Ok(stored),
        // An error of receiving says more than the store's error that it caused.
        Err(error) => Err(pumped.err().unwrap_or_else(|| error.into().into())),
    }
}

/// Passes a body on. If nobody wants the rest, it is read nevertheless, because a client that is still
/// sending would not see the answer.
async fn pump<Broken>(
    mut body: impl Stream<Item = Result<Bytes, Broken>> + Unpin,
    pieces: mpsc::Sender<Result<Vec<u8>, FileError>>,
) -> Result<(), Problem> {
    let end = Instant::now() + FILE_PATIENCE;
    let mut room = FORM_WITH_FILE_BYTES;
    loop {
        let next = timeout_at(end.min(Instant::now() + PIECE_PATIENCE), body.next()).await;
        let piece = match next {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(piece))) => piece,
            failed => {
                let _ = pieces.send(Err(FileError::Broken)).await;
                return if failed.is_err() { Err(too_slow()) } else { Ok(()) };
            }
        };
        let Some(left) = room.checked_sub(piece.len() as u64) else {
            let _ = pieces.send(Err(FileError::TooLarge)).await;
            return Ok(());
        };
        room = left;
        let _ = pieces.send(Ok(piece.into())).await;
    }
}

/// The receiving end, which a use case reads.
struct Pipe(mpsc::Receiver<Result<Vec<u8>, FileError>>);

#[async_trait]
impl Chunks for Pipe {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        self.0.recv().await.transpose()
    }
}
