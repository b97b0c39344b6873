//! Forms that bring a file beside their texts.

use super::body;
use super::fields::Fields;
use super::refusal::Refused;
use crate::BODY_BYTES;
use crate::upload::{self, Incoming, PIECE_PATIENCE};
use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use domain::failure::Failure;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use tokio::time::timeout;

/// What was sent, and what `store` made of the file in that field, if there was one. A body that is no
/// such form has no file.
pub(super) async fn read<T, E, Fut>(
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
    upload::fitting(request)?;
    let mut form = Multipart::new(request.headers(), payload);
    let (mut texts, mut room) = (Map::new(), BODY_BYTES);
    let (mut store, mut stored) = (Some(store), None);
    while let Some(part) = timeout(PIECE_PATIENCE, form.next()).await.map_err(|_| broken())? {
        let mut part = part.map_err(|_| broken())?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == field
            && let Some(store) = store.take()
        {
            let (file, mime) = upload::described(&part);
            stored = Some(upload::receive(file, mime, part, store).await?);
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(piece) = timeout(PIECE_PATIENCE, part.next()).await.map_err(|_| broken())? {
            bytes.extend_from_slice(&piece.map_err(|_| broken())?);
            if bytes.len() + name.len() > room {
                let detail = "The form is too large.";
                return Err(Refused::detail(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
        }
        room -= (bytes.len() + name.len()).max(1).min(room);
        let text = String::from_utf8(bytes).map_err(|_| broken())?;
        texts.insert(name, Value::String(text));
    }
    Ok((Fields::of(texts), stored))
}

fn broken() -> Refused {
    Refused::detail(StatusCode::BAD_REQUEST, "The form is broken.")
}
