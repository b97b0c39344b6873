//! Chats.

use super::shown;
use crate::shared::body::Sent;
use crate::shared::chats;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use crate::shared::who::Known;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::UserId;
use serde_json::Value;

pub(super) async fn list(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(&request)?;
    let (views, next) = chats::mine(&services, &caller.0, &part).await?;
    let mut shown = shown::chats(&services, &caller.0, &views).await?;
    // In the order that the document shows.
    shown.reverse();
    Ok(part.answer(&request, shown, next))
}

/// The document shows the list being asked for by a POST without a body; one with a body makes a
/// group.
pub(super) async fn list_or_create(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    if sent.0.is_empty() {
        return list(services, caller, request).await;
    }
    let (title, members) = (sent.0.text("title")?.to_owned(), sent.0.ids::<UserId>("members")?);
    let (of, who) = (services.clone(), caller.0.clone());
    let made =
        http_core::to_the_end(async move { of.chats.create_group(&who, &title, &members).await });
    let chat = shown::chat(&services, &caller.0, made.await?).await?;
    Ok(HttpResponse::Created().json(chat))
}

/// Asked for by a POST in the document's example too.
pub(super) async fn one(
    services: Data<Services>,
    caller: Known,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = chats::one(&services, &caller.0, id_in(&id)?).await?;
    Ok(Json(shown::chat(&services, &caller.0, view).await?))
}

pub(super) async fn get_or_create(
    services: Data<Services>,
    caller: Known,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let other = sent.0.id("user_id")?;
    let (of, who) = (services.clone(), caller.0.clone());
    let opened = http_core::to_the_end(async move { of.chats.open_direct(&who, other).await });
    let (view, _) = opened.await?;
    Ok(Json(shown::chat(&services, &caller.0, view).await?))
}
