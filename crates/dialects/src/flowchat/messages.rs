//! Messages.

use super::shown;
use crate::shared::body::Sent;
use crate::shared::chats;
use crate::shared::form;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use crate::shared::who::Known;
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::ids::MessageId;
use domain::message::Send;
use http_core::metrics;
use serde_json::{Value, json};

pub(super) async fn list(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let chat = chats::one(&services, &caller.0, id_in(&id)?).await?.chat.id;
    let part = Part::of(&request)?;
    let (messages, next) = chats::history(&services, &caller.0, chat, &part).await?;
    let shown = shown::messages(&services, &caller.0, &messages).await?;
    Ok(part.answer(&request, shown, next))
}

pub(super) async fn send(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    payload: Payload,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let chat = chats::one(&services, &caller.0, id_in(&id)?).await?.chat.id;
    let (media, who) = (services.media.clone(), caller.0.clone());
    let taken = form::read(&request, payload, "image", |mut file| async move {
        media.upload(&who, file.upload()).await
    });
    let (fields, image) = taken.await?;
    if let Some(file) = image.as_ref().filter(|file| file.picture.is_none()) {
        services.media.discard_upload(&caller.0, file.id).await.map_err(Failure::from)?;
        return Err(Refused::field("image", "Upload a valid image."));
    }
    let text = match &image {
        Some(_) => fields.maybe_text("text")?.unwrap_or_default(),
        None => fields.text("text")?,
    };
    let text = text.to_owned();
    let attachments: Vec<_> = image.iter().map(|image| image.id).collect();
    let (of, who) = (services.clone(), caller.0.clone());
    let sent = http_core::to_the_end(async move {
        let command = Send { attachments: &attachments, ..Send::new(chat, &text) };
        metrics::send(&of.messages, &who, command).await
    });
    let message = shown::message(&services, &caller.0, sent.await?.message).await?;
    Ok(HttpResponse::Created().json(message))
}

pub(super) async fn mark_read(
    services: Data<Services>,
    caller: Known,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = chats::one(&services, &caller.0, id_in(&id)?).await?;
    let read = services.chats.mark_read(&caller.0, view.chat.id, view.last_seq).await;
    read.map_err(Failure::from)?;
    Ok(Json(json!({"detail": "Messages marked as read"})))
}

pub(super) async fn edit(
    services: Data<Services>,
    caller: Known,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let id: MessageId = id_in(&id)?;
    let text = sent.0.text("text")?.to_owned();
    let chat = services.messages.find(&caller.0, id).await.map_err(Failure::from)?.chat;
    let (of, who) = (services.clone(), caller.0.clone());
    let edited =
        http_core::to_the_end(async move { of.messages.edit(&who, chat, id, &text).await });
    Ok(Json(shown::message(&services, &caller.0, edited.await?).await?))
}
