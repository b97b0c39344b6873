//! Rooms and messages over HTTP.

use super::shown;
use super::who::{Person, forbidden};
use crate::shared::deleting;
use crate::shared::http::query_value;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::admin::Actor;
use domain::failure::{Failure, WriteError};
use domain::ids::{ChatId, MessageId};
use domain::message::ChangeRefusal;
use domain::session::Caller;
use serde_json::{Value, json};

/// Rows on a page by default.
const PAGE_ROWS: usize = 6;
/// Rows of a page, at most.
const PAGE_ROWS_MAX: usize = 10;

pub(super) async fn list(
    services: Data<Services>,
    caller: Person,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let rooms = shown::rooms(&services, &caller.0).await?;
    let size = query_value(request.head(), "size")
        .and_then(|size| size.parse().ok())
        .filter(|size| *size > 0);
    let size = size.unwrap_or(PAGE_ROWS).min(PAGE_ROWS_MAX);
    let pages = rooms.len().div_ceil(size).max(1);
    let page = match query_value(request.head(), "page").as_deref() {
        None | Some("") => Some(1),
        Some("last") => Some(pages),
        Some(number) => number.parse().ok(),
    };
    let invalid = || Refused::detail(StatusCode::NOT_FOUND, "Invalid page.");
    let page = page.filter(|page| (1..=pages).contains(page)).ok_or_else(invalid)?;
    let here = rooms.chunks(size).nth(page - 1).unwrap_or_default();
    Ok(Json(json!({
        "total_items": rooms.len(),
        "total_pages": pages,
        "prev": page > 1,
        "next": page < pages,
        "data": shown::listed(&services, &caller.0, here).await?,
    })))
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Person,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let room = shown::room(&services, &caller.0, id_in(&id)?).await?;
    let missing = || Refused::detail(StatusCode::NOT_FOUND, "Chat room not found");
    let room = room.ok_or_else(missing)?;
    if !services.chats.may_read(&caller.0, &room).await? {
        return Err(forbidden());
    }
    Ok(Json(json!({
        "room_id": room.chat.id.get(),
        "room_name": super::render::room_name(&room),
        "messages": shown::messages(&services, &caller.0, &room).await?,
    })))
}

pub(super) async fn delete_room(
    services: Data<Services>,
    caller: Person,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id: ChatId = id_in(&id)?;
    if shown::room(&services, &caller.0, id).await?.is_none() {
        let detail = "No ChatRoomModel matches the given query.";
        return Err(Refused::detail(StatusCode::NOT_FOUND, detail));
    }
    let deleted = async move { delete_one(&services, &caller.0, id).await };
    match http_core::to_the_end(deleted).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(failure) if matches!(failure.code, "not_allowed" | "chat_not_found") => {
            Err(forbidden())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Deletes a room: as a member who has written there, or as an admin of the server.
async fn delete_one(services: &Services, caller: &Caller, id: ChatId) -> Result<(), Failure> {
    let deleted = services.chats.delete_as_writer(caller, id).await;
    match (deleted, Actor::admin(caller)) {
        (Err(WriteError::Refused(_)), Ok(admin)) => {
            Ok(services.admin.delete_chat(admin, id).await?)
        }
        (deleted, _) => Ok(deleted?),
    }
}

pub(super) async fn delete_message(
    services: Data<Services>,
    caller: Person,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id: MessageId = id_in(&id)?;
    let missing =
        || Refused::detail(StatusCode::NOT_FOUND, "No MessageModel matches the given query.");
    let message = match services.messages.find_overheard(&caller.0, id).await {
        Ok(message) if message.deleted_at.is_none() => message,
        Ok(_) | Err(WriteError::Refused(ChangeRefusal::NotFound)) => return Err(missing()),
        Err(error) => return Err(Failure::from(error).into()),
    };
    let deleted = http_core::to_the_end(async move {
        deleting::delete_message(&services, &caller.0, &message).await
    });
    match deleted.await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        // Somebody who is not in the room gets the same answer as its members.
        Err(failure) if matches!(failure.code, "not_allowed" | "message_not_found") => {
            Err(forbidden())
        }
        Err(failure) => Err(failure.into()),
    }
}
