//! Forms in parts, which may bring a file beside their texts.

use super::body;
use super::fields::Fields;
use super::refusal::Refused;
use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use domain::failure::Failure;
use futures_util::StreamExt;
use http_core::BODY_BYTES;
use http_core::upload::{self, Incoming, PIECE_PATIENCE};
use serde_json::{Map, Value};
use tokio::time::timeout;

/// What was sent, and what `store` made of the file in that field, if there was one. A body that is no
/// such form has no file.
pub(crate) async fn read<T, E, Fut>(
    request: &HttpRequest,
    payload: Payload,
    field: &str,
    store: impl FnOnce(Incoming) -> Fut + 'static,
) -> Result<(Fields, Option<T>), Refused>
where
    T: 'static,
    E: Into<Failure> + 'static,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    if !upload::is_form(request) {
        return Ok((body::read(request, payload).await?, None));
    }
    let (mut parts, mut stored) = (Parts::of(request, payload)?, None);
    let mut store = Some(store);
    while let Some((name, part)) = parts.next().await? {
        if name == field
            && let Some(store) = store.take()
        {
            let (file, mime) = upload::described(&part);
            let received = upload::receive(file, mime, part, store).await;
            stored = Some(received.map_err(|problem| Refused::of_file(field, &problem))?);
        } else {
            parts.keep(name, part).await?;
        }
    }
    Ok((Fields::of(parts.texts), stored))
}

/// The texts of a form.
pub(crate) async fn texts(request: &HttpRequest, payload: Payload) -> Result<Fields, Refused> {
    let mut parts = Parts::of(request, payload)?;
    while let Some((name, part)) = parts.next().await? {
        parts.keep(name, part).await?;
    }
    Ok(Fields::of(parts.texts))
}

/// The parts of a form as they come.
struct Parts {
    form: Multipart,
    texts: Map<String, Value>,
    /// Bytes that the texts may still have.
    room: usize,
}

impl Parts {
    fn of(request: &HttpRequest, payload: Payload) -> Result<Self, Refused> {
        upload::fitting(request)?;
        let form = Multipart::new(request.headers(), payload);
        Ok(Self { form, texts: Map::new(), room: BODY_BYTES })
    }

    /// The next one, with its name.
    async fn next(&mut self) -> Result<Option<(String, Field)>, Refused> {
        let part = timeout(PIECE_PATIENCE, self.form.next()).await.map_err(|_| broken())?;
        let part = part.transpose().map_err(|_| broken())?;
        Ok(part.map(|part| (part.name().unwrap_or_default().to_owned(), part)))
    }

    /// Reads one as a text.
    async fn keep(&mut self, name: String, mut part: Field) -> Result<(), Refused> {
        let mut bytes = Vec::new();
        while let Some(piece) = timeout(PIECE_PATIENCE, part.next()).await.map_err(|_| broken())? {
            bytes.extend_from_slice(&piece.map_err(|_| broken())?);
            if bytes.len() + name.len() > self.room {
                let detail = "The form is too large.";
                return Err(Refused::detail(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
        }
        self.room -= (bytes.len() + name.len()).max(1).min(self.room);
        let text = String::from_utf8(bytes).map_err(|_| broken())?;
        self.texts.insert(name, Value::String(text));
        Ok(())
    }
}

fn broken() -> Refused {
    Refused::detail(StatusCode::BAD_REQUEST, "The form is broken.")
}
