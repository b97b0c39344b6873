//! Uploading and downloading files.

use super::Operations;
use super::serving::{Served, attached, thumbnail};
use super::wire::{Attachment, Binary, FileForm, MediaKey, MediaKeyQuery, MediaLinkQuery};
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use domain::failure::Failure;
use domain::ids::AttachmentId;
use domain::media::Media;
use domain::service_key::{KeyAccess, Scope};
use domain::session::Sessions;
use http_core::auth::{Holder, SignedIn, Viewer};
use http_core::body;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::upload;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Upload, Scope::MediaWrite, add)
        .service(Scope::MediaWrite, discard)
        .service(KeyAccess::Closed, media_key)
        .service(Scope::MediaRead.everywhere(), show)
        .service(Scope::MediaRead.everywhere(), show_thumbnail);
}

/// Upload a file for a message that you are going to send.
#[utoipa::path(
    tag = "media",
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Attachment), Refusals)
)]
#[post("/attachments")]
async fn add(
    media: Data<Media>,
    caller: SignedIn,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let stored = upload::form(&request, payload, |mut file| async move {
        media.upload(&caller.0, file.upload()).await
    });
    Ok(HttpResponse::Created().json(Attachment::from(&stored.await?)))
}

/// Delete an upload that is in no message.
#[utoipa::path(
    tag = "media",
    params(("attachment_id" = i64, Path)),
    responses((status = 204, description = "It is gone."), Refusals)
)]
#[delete("/attachments/{attachment_id}")]
async fn discard(
    media: Data<Media>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = attachment_id(&id)?;
    media.discard_upload(&caller.0, id).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// What to append to the addresses of media, for pictures in a page. It is yours alone, and ends
/// with your session.
#[utoipa::path(tag = "media", responses((status = 200, body = MediaKey), Refusals))]
#[get("/media-key")]
async fn media_key(sessions: Data<Sessions>, caller: SignedIn) -> Result<Json<MediaKey>, Problem> {
    let (key, expires_at) = sessions.media_key(&caller.0).await.map_err(Failure::from)?;
    Ok(Json(MediaKey::new(&key, expires_at)))
}

/// An attachment's file: a picture to be shown, anything else to be downloaded.
#[utoipa::path(
    tag = "media",
    params(("attachment_id" = i64, Path), MediaKeyQuery, MediaLinkQuery),
    responses(
        (status = 200, content((Binary = "application/octet-stream"), (Binary = "image/*"))),
        (status = 206, content((Binary = "application/octet-stream"), (Binary = "image/*"))),
        (status = 304, description = "You have it already."),
        Refusals,
    )
)]
#[get("/media/{attachment_id}")]
async fn show(
    media: Data<Media>,
    holder: Holder,
    request: HttpRequest,
    id: Path<String>,
) -> Served {
    let id = attachment_id(&id)?;
    let stored = match &holder {
        Holder::Viewer(caller) => media.find(caller, id).await,
        Holder::Link(key) => media.linked(id, key).await,
    };
    let stored = stored.map_err(Failure::from)?;
    attached(&media, &request, &stored).await
}

/// A smaller picture of an attachment that is a picture.
#[utoipa::path(
    tag = "media",
    params(("attachment_id" = i64, Path), MediaKeyQuery),
    responses(
        (status = 200, content_type = "image/*", body = Binary),
        (status = 304, description = "You have it already."),
        Refusals,
    )
)]
#[get("/media/{attachment_id}/thumbnail")]
async fn show_thumbnail(
    media: Data<Media>,
    viewer: Viewer,
    request: HttpRequest,
    id: Path<String>,
) -> Served {
    let stored = media.find(&viewer.0, attachment_id(&id)?).await.map_err(Failure::from)?;
    thumbnail(&media, &request, &stored).await
}

fn attachment_id(text: &str) -> Result<AttachmentId, Problem> {
    body::id("attachment_id", text)
}
