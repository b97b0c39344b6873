//! Chats and their messages.

use super::who::SignedIn;
use super::words::say;
use super::{refusals, render, shown};
use crate::shared::body::Sent;
use crate::shared::chats;
use crate::shared::fields::id_of;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::texts::Text;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::{ChatView, OpenDirectError};
use domain::failure::Failure;
use domain::ids::{ChatId, UserId};
use domain::session::Caller;
use serde_json::Value;

/// A page of the caller's chats: the most recently active ones, sorted by id. The original's page shows them
/// in the order in which they come, and never moves one.
pub(super) async fn list(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(&request)?;
    let (mut views, next) = chats::mine(&services, &caller.0, &part).await?;
    views.sort_unstable_by_key(|view| view.chat.id);
    let shown = shown::chats(&services, &caller.0, &views).await?;
    Ok(part.answer(&request, shown, next))
}

/// One chat. By a POST, too, as the original's README has it.
pub(super) async fn one(
    services: Data<Services>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = find(&services, &caller.0, &id).await?;
    Ok(Json(shown::chat(&services, &caller.0, view).await?))
}

/// The chat whose id is in the path.
pub(super) async fn find(
    services: &Services,
    caller: &Caller,
    id: &str,
) -> Result<ChatView, Refused> {
    let id: ChatId = id_of(id).ok_or_else(refusals::no_page)?;
    chats::one(services, caller, id).await.map_err(refusals::no_chat)
}

/// The direct chat with somebody, which is created if there is none. What Python takes for false counts as a
/// missing `user_id`, as in the original.
pub(super) async fn get_or_create(
    services: Data<Services>,
    caller: SignedIn,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let is_nothing = match sent.0.value("user_id") {
        Ok(Value::String(text)) => text.is_empty(),
        Ok(value) => *value == 0 || *value == false,
        Err(_) => true,
    };
    if is_nothing {
        return Err(Refused::detail(StatusCode::BAD_REQUEST, say(&Text::WithWhom)));
    }
    let nobody = || Refused::detail(StatusCode::NOT_FOUND, say(&Text::NoSuchUser));
    let other: UserId = sent.0.id("user_id").map_err(|_| nobody())?;
    let view = open_direct(&services, &caller.0, other).await.map_err(|failure| {
        if failure.code == "user_not_found" { nobody() } else { failure.into() }
    })?;
    Ok(Json(shown::chat(&services, &caller.0, view).await?))
}

/// The direct chat of the caller and somebody, which is created if there is none.
pub(super) async fn open_direct(
    services: &Services,
    caller: &Caller,
    other: UserId,
) -> Result<ChatView, Failure> {
    let (chats, who) = (services.chats.clone(), caller.clone());
    let opened = http_core::to_the_end(async move {
        Ok::<_, OpenDirectError>(chats.open_direct(&who, other).await?.0)
    });
    opened.await
}

/// A page of a chat's messages, oldest first. If there are none, the original sends no body, which its page
/// takes for an empty list.
pub(super) async fn history(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let chat = find(&services, &caller.0, &id).await?.chat.id;
    let part = Part::of(&request)?;
    let (messages, next) = chats::history(&services, &caller.0, chat, &part).await?;
    if messages.is_empty() && next.is_none() {
        return Ok(HttpResponse::Ok().finish());
    }
    let shown = shown::messages(&services, &caller.0, &messages).await?;
    Ok(part.answer(&request, shown, next))
}

/// The picture of all groups.
pub(super) async fn group_picture() -> HttpResponse {
    let cached = (CACHE_CONTROL, "public, max-age=86400");
    HttpResponse::Ok().content_type("image/svg+xml").insert_header(cached).body(render::GROUP_SVG)
}
