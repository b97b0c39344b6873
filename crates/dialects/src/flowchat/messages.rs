//! Messages over HTTP. The original's page sends on its socket; other clients use this.

use super::parse::{self, Wrong};
use super::who::SignedIn;
use super::{refusals, shown};
use crate::shared::body::Sent;
use crate::shared::chats;
use crate::shared::deleting::delete_any;
use crate::shared::fields::{Fields, id_of};
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use crate::texts::Text;
use actix_web::http::Method;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::message::{ChangeRefusal, Message, Send};
use domain::session::Caller;
use http_core::metrics;
use serde_json::Value;

pub(super) async fn send(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let mut wrong = Wrong::default();
    let chat = wrong.sort("chat", parse::reference::<ChatId>(&sent.0, "chat"));
    let text = wrong.sort("text", parse::message(&sent.0)).unwrap_or_default().into_owned();
    wrong.nothing()?;
    let chat = chat.ok_or_else(refusals::no_page)?;
    // Somebody who is not in the chat must not learn whether it exists.
    let chat = chats::one(&services, &caller.0, chat).await.map_err(|failure| {
        if failure.code == "chat_not_found" {
            refusals::forbidden(&Text::NotAMember)
        } else {
            failure.into()
        }
    })?;
    let (of, who, chat) = (services.clone(), caller.0.clone(), chat.chat.id);
    let sent = http_core::to_the_end(async move {
        metrics::send(&of.messages, &who, Send::new(chat, &text)).await
    });
    let message = shown(&services, &caller.0, sent.await?.message, &request).await?;
    Ok(HttpResponse::Created().json(message))
}

pub(super) async fn one(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let message = find(&services, &caller.0, &id, &Text::NotFound).await?;
    Ok(Json(shown(&services, &caller.0, message, &request).await?))
}

/// Sends a message. The original also stores unknown fields, which are ignored here.
pub(super) async fn edit(
    services: Data<Services>,
    caller: SignedIn,
    request: HttpRequest,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let message = find(&services, &caller.0, &id, &Text::NotYoursToEdit).await?;
    if message.author != caller.0.user {
        return Err(refusals::forbidden(&Text::NotYoursToEdit));
    }
    let text = new_text(&sent.0, &message, request.method() == Method::PUT)?;
    let (of, who) = (services.clone(), caller.0.clone());
    let edited = http_core::to_the_end(async move {
        of.messages.edit(&who, message.chat, message.id, &text).await
    });
    let edited = edited.await.map_err(|f| refusals::no_message(f, &Text::NotYoursToEdit))?;
    Ok(Json(shown(&services, &caller.0, edited, &request).await?))
}

/// A message with an absolute URL of its author's picture; a history contains only the path.
async fn shown(
    services: &Services,
    caller: &Caller,
    message: Message,
    request: &HttpRequest,
) -> Result<Value, Failure> {
    let mut shown = shown::message(services, caller, message).await?;
    let avatar = shown["author"]["avatar"].as_str().map(|path| absolute(request, path));
    shown["author"]["avatar"] = avatar.into();
    Ok(shown)
}

/// The new text of a message; the old one if the field is missing. With `whole`, it is required.
fn new_text(fields: &Fields, message: &Message, whole: bool) -> Result<String, Refused> {
    let mut wrong = Wrong::default();
    if whole {
        wrong.sort("chat", parse::reference::<ChatId>(fields, "chat"));
    }
    let text = match whole || fields.has("text") || fields.is_null("text") {
        true => wrong.sort("text", parse::message(fields)).unwrap_or_default().into_owned(),
        false => message.text.as_str().to_owned(),
    };
    wrong.nothing()?;
    Ok(text)
}

pub(super) async fn delete(
    services: Data<Services>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let id: MessageId = id_of(&id).ok_or_else(refusals::no_page)?;
    let deleted =
        http_core::to_the_end(async move { delete_any(&services, &caller.0, id).await }).await;
    deleted.map_err(|f| refusals::no_message(f, &Text::NotYoursToDelete))?;
    Ok(HttpResponse::NoContent().finish())
}

/// The message that a path names, in a chat that the caller is in and that this dialect shows.
async fn find(
    services: &Services,
    caller: &Caller,
    id: &str,
    not_yours: &Text,
) -> Result<Message, Refused> {
    let id: MessageId = id_of(id).ok_or_else(refusals::no_page)?;
    let found = async {
        let message = services.messages.find(caller, id).await?;
        if message.deleted_at.is_some() {
            return Err(Failure::from(ChangeRefusal::NotFound));
        }
        chats::one(services, caller, message.chat).await?;
        Ok(message)
    };
    found.await.map_err(|failure: Failure| refusals::no_message(failure, not_yours))
}
