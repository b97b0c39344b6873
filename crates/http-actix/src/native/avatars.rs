//! Avatars.

use super::Operations;
use super::references::{read, seen_user, viewer};
use super::serving::{Served, avatar};
use super::wire::{AvatarQuery, AvatarSize, Binary, GivenId};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use domain::failure::Failure;
use domain::host::{ExternalIds, Reference};
use domain::media::{Media, Part};
use domain::service_key::Scope;
use http_core::auth::SignedIn;
use http_core::body::Query;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::upload;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Upload, Scope::PeopleWrite, set)
        .service(Scope::PeopleWrite, remove)
        .service(Scope::PeopleRead, show);
}

/// Choose your picture: a JPEG, PNG, GIF or WebP as the body, or as the field `file` of a form.
#[utoipa::path(
    tag = "users",
    request_body(content = Binary, content_type = "image/*"),
    responses((status = 204, description = "It is yours now."), Refusals)
)]
#[put("/users/me/avatar")]
async fn set(
    media: Data<Media>,
    caller: SignedIn,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    upload::form_or_file(&request, payload, |mut file| async move {
        media.set_avatar(&caller.0, file.upload().body).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take your picture away.
#[utoipa::path(
    tag = "users",
    responses((status = 204, description = "You have none now."), Refusals)
)]
#[delete("/users/me/avatar")]
async fn remove(media: Data<Media>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    media.remove_avatar(&caller.0).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Somebody's picture, or one that stands for them. It needs no token, unless an external id says whose. On a
/// server that hides people, whoever says who they are sees the pictures of those whom they find, and anybody else
/// one that says nothing.
#[utoipa::path(
    tag = "users",
    security(()),
    params(("user_id" = GivenId, Path), AvatarQuery),
    responses(
        (status = 200, content_type = "image/*", body = Binary),
        (status = 304, description = "You have it already."),
        Refusals,
    )
)]
#[get("/users/{user_id}/avatar")]
async fn show(
    (media, external_ids): (Data<Media>, Data<ExternalIds>),
    request: HttpRequest,
    id: Path<String>,
    query: Query<AvatarQuery>,
) -> Served {
    let part = match query.0.size {
        Some(AvatarSize::Small) => Part::Thumbnail,
        Some(AvatarSize::Large) | None => Part::File,
    };
    let named = read("user_id", id.parse())?;
    let depends = media.avatars_need_viewer() || matches!(named, Reference::External(_));
    let viewer = if depends { viewer(&request).await? } else { None };
    let user = seen_user(viewer.as_ref(), &external_ids, named).await?;
    let shown = media.avatar(viewer.as_ref(), user).await.map_err(Failure::from)?;
    avatar(&media, &request, (&shown, part), depends).await
}
