//! Uploads, and links that open a file for anybody who has the link.

use super::caller::Known;
use super::said::{error, forbidden, no_such_thing, ru};
use crate::shared::fields::id_of;
use crate::shared::http::query_value;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use crate::texts::Events;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::ids::AttachmentId;
use domain::media::{Media, OpenError};
use http_core::{NATIVE_ROOT, upload as uploads};
use serde_json::json;
use std::sync::Arc;

/// The link of a file. Browsers open it without a header, so it has a key.
pub(super) fn link(origin: &str, media: &Media, id: AttachmentId) -> String {
    format!("{origin}{NATIVE_ROOT}/media/{id}?link={}", media.link_key(id))
}

/// The file and the key of a link as [`link`] makes it. The host is ignored, since the server may have
/// several names.
pub(super) fn parse(link: &str) -> Option<(AttachmentId, &str)> {
    let (_, rest) = link.rsplit_once("/media/").filter(|(host, _)| host.ends_with(NATIVE_ROOT))?;
    let (id, key) = rest.split_once("?link=")?;
    Some((id_of(id)?, key.split('&').next().unwrap_or_default()))
}

pub(super) async fn upload(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let media = Arc::clone(&services.media);
    let stored = uploads::form(&request, payload, move |mut file| async move {
        media.upload(&caller.0, file.upload()).await
    });
    let url = link(&absolute(&request, ""), &services.media, stored.await?.id);
    Ok(HttpResponse::Created().json(json!({"url": url})))
}

/// Deletes a file that was not sent yet. A file that was sent is deleted with its message.
pub(super) async fn remove(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let named = query_value(request.head(), "link");
    let named = named.ok_or_else(|| error("you have to pass link to the file in query"))?;
    let (id, key) = parse(&named).ok_or_else(no_such_thing)?;
    let stored = services.media.linked(id, key).await.map_err(|error| match error {
        OpenError::NotFound => no_such_thing(),
        error => Failure::from(error).into(),
    })?;
    if stored.owner != caller.0.user {
        return Err(forbidden());
    }
    if stored.sent.is_some() {
        return Err(error(ru(Events::FileSent)));
    }
    services.media.discard_upload(&caller.0, id).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_file_at_whatever_host() {
        let seven = AttachmentId::stored(7);
        for good in [
            "https://chat.example.org/api/v1/media/7?link=abc",
            "/api/v1/media/7?link=abc",
            "http://127.0.0.1:8080/api/v1/media/7?link=abc&x=1",
        ] {
            assert_eq!(parse(good), Some((seven, "abc")), "{good}");
        }
        for bad in ["", "/api/v1/media/7", "/media/7?link=abc", "/api/v1/media/x?link=abc"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
