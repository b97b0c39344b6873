//! Rooms and messages over HTTP.

use super::shown::{self, History};
use crate::shared::deleting::delete_chat;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use crate::shared::who::Known;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::ChatId;

pub(super) async fn list(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(&request)?;
    let (rooms, next) = shown::rooms(&services, &caller.0, &part).await?;
    Ok(part.answer(&request, rooms, next))
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id: ChatId = id_in(&id)?;
    let part = Part::of(&request)?;
    let mut room = shown::room(&services, &caller.0, id).await?;
    let history = History::of(&services, &caller.0, id, &part).await?;
    room["messages"] = history.messages.into();
    Ok(part.object(&request, &room, history.next))
}

pub(super) async fn delete_room(
    services: Data<Services>,
    caller: Known,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id: ChatId = id_in(&id)?;
    shown::outline(&services, id).await?;
    http_core::to_the_end(async move { delete_chat(&services, &caller.0, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
