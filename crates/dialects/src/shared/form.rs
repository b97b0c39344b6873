//! Multipart forms, which may contain a file beside their texts.

use super::body;
use super::fields::Fields;
use super::refusal::Refused;
use actix_web::HttpRequest;
use actix_web::web::Payload;
use domain::failure::Failure;
use http_core::parts::Parts;
use http_core::upload::{self, Incoming};
use serde_json::{Map, Value};

/// Reads the fields of a body, and passes the file in the given field to `store`, if there is one. Returns
/// the fields, and the result of `store`. A body of another type has no file.
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
    let (mut parts, mut texts) = (Parts::with_file(request, payload)?, Map::new());
    let (mut store, mut stored) = (Some(store), None);
    while let Some((name, part)) = parts.next().await? {
        if name == field
            && let Some(store) = store.take()
        {
            let (file, mime) = upload::described(&part);
            let received = upload::receive(file, mime, parts.file(part), store).await;
            stored = Some(received.map_err(|problem| Refused::of_file(field, &problem))?);
        } else {
            let text = parts.text(&name, part).await?;
            texts.insert(name, Value::String(text));
        }
    }
    Ok((Fields::of(texts), stored))
}

/// The texts of a form.
pub(crate) async fn texts(request: &HttpRequest, payload: Payload) -> Result<Fields, Refused> {
    let (mut parts, mut texts) = (Parts::of(request, payload)?, Map::new());
    while let Some((name, part)) = parts.next().await? {
        let text = parts.text(&name, part).await?;
        texts.insert(name, Value::String(text));
    }
    Ok(Fields::of(texts))
}
