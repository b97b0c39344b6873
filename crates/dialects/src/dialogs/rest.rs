//! Dialogs and their messages over HTTP, which no page of the client uses any more.

use super::age::Age;
use super::parse::Filter;
use super::shown::{self, Viewer};
use super::who::Jwt;
use crate::shared::chats::history;
use crate::shared::fields::id_of;
use crate::shared::http::query_value;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::{ChatKind, GetError};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use serde_json::Value;

/// The caller's own dialogs.
pub(super) async fn dialogs(
    services: Data<Services>,
    caller: Jwt,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let asked = query_value(request.head(), "user_id");
    if asked.is_some_and(|id| id_of::<UserId>(&id) != Some(caller.0.user)) {
        return Ok(Json(Value::Array(Vec::new())));
    }
    let viewer = Viewer { services: &services, caller: &caller.0, age: Age::October };
    Ok(Json(shown::whole(&viewer, Filter::All).await?.into()))
}

/// The messages of a dialog that the caller is in, the oldest first; for any other dialog, an empty list.
pub(super) async fn messages(
    services: Data<Services>,
    caller: Jwt,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part: Part<MessageId> = Part::of(&request)?;
    let asked = query_value(request.head(), "dialog").and_then(|id| id_of::<ChatId>(&id));
    let view = match asked {
        Some(dialog) => match services.chats.get(&caller.0, dialog).await {
            Ok(view) => Some(view).filter(|view| view.chat.kind == ChatKind::Direct),
            Err(GetError::NotFound) => None,
            Err(error) => return Err(Failure::from(error).into()),
        },
        None => None,
    };
    let Some(view) = view else { return Ok(part.answer(&request, Vec::new(), None)) };
    let (messages, next) = history(&services, &caller.0, view.chat.id, &part).await?;
    let viewer = Viewer { services: &services, caller: &caller.0, age: Age::October };
    let rows = shown::show(&viewer, &view, &messages).await?;
    Ok(part.answer(&request, rows, next))
}
