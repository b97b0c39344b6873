//! Messages over HTTP.

use super::form::{Form, Rule};
use super::here::Here;
use super::refuse::{self, own};
use super::{mine, shown};
use crate::shared::body::Sent;
use crate::shared::chats;
use crate::shared::fields::{id, id_of};
use crate::shared::http::query_value;
use crate::shared::lists::Part;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::texts::{Minichat, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::chat::ChatView;
use domain::failure::{Failure, Kind};
use domain::ids::ChatId;
use domain::message::Send;
use domain::session::Caller;
use http_core::metrics;
use serde_json::{Value, json};

/// The messages of a room. As in the original, this also marks them as read.
pub(super) async fn history(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    let mut view = shown::one(&services, &caller.0, &id, refuse::no_room).await?;
    read_all(&services, &caller.0, &view).await?;
    view.unread_count = 0;
    let part = Part::of(&request)?;
    let chat = view.chat.id;
    let (messages, next) = chats::history(&services, &caller.0, chat, &part).await?;
    let room = shown::room(&services, &caller.0, &view, None).await?;
    let messages = shown::messages(&services, &caller.0, &messages).await?;
    Ok(part.object(&request, &json!({"room": room, "messages": messages}), next))
}

/// Marks all messages of a room as read.
pub(super) async fn read_all(
    services: &Services,
    caller: &Caller,
    view: &ChatView,
) -> Result<(), Failure> {
    services.chats.mark_read(caller, view.chat.id, view.last_seq).await?;
    Ok(())
}

/// Marks a room as read. The original has no such route, but the React client calls it when it opens a room.
pub(super) async fn mark_read(
    services: Data<Services>,
    caller: Here,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = shown::one(&services, &caller.0, &id, refuse::no_room).await?;
    read_all(&services, &caller.0, &view).await?;
    Ok(Json(json!({"message": own(Minichat::MarkedRead)})))
}

/// The messages of one room, or of all of the caller's rooms. For a room that the caller is not in, an empty
/// list.
pub(super) async fn list(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part = Part::of(&request)?;
    let (messages, next) = match query_value(request.head(), "room").filter(|room| !room.is_empty())
    {
        None => (mine::messages(&services, &caller.0).await?, None),
        Some(room) => {
            let not_an_id = || refuse::field("room", Minichat::NotAnId("str"));
            let chat = match room.parse::<u64>() {
                Ok(_) => id_of::<ChatId>(&room),
                Err(_) => return Err(not_an_id()),
            };
            match chat {
                Some(chat) => of_room(&services, &caller.0, chat, &part).await?,
                None => (Vec::new(), None),
            }
        }
    };
    let shown = shown::messages(&services, &caller.0, &messages).await?;
    Ok(part.answer(&request, shown, next))
}

async fn of_room(
    services: &Services,
    caller: &Caller,
    chat: ChatId,
    part: &Part<domain::ids::MessageId>,
) -> Result<(Vec<domain::message::Message>, Option<i64>), Failure> {
    match shown::room_of(services, caller, chat).await {
        Ok(_) => chats::history(services, caller, chat, part).await,
        Err(failure) if failure.kind == Kind::NotFound => Ok((Vec::new(), None)),
        Err(failure) => Err(failure),
    }
}

/// Sends a message. The original answers only with `room` and `content`, but the React client treats the
/// answer as the message, so the whole message is returned.
pub(super) async fn send(
    services: Data<Services>,
    caller: Here,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let mut form = Form::new(sent.0);
    let room = room_in(&services, &caller.0, &mut form).await?;
    let text = form.text("content", Rule::REQUIRED);
    form.check()?;
    let (Some(chat), Some(text)) = (room, text) else { return Err(refuse::no_room()) };
    let (of, who) = (services.clone(), caller.0.clone());
    let sent = http_core::to_the_end(async move {
        metrics::send(&of.messages, &who, Send::new(chat, &text)).await.map_err(content)
    });
    let shown = shown::messages(&services, &caller.0, &[sent.await?.message]).await?;
    Ok(HttpResponse::Created().json(&shown[0]))
}

/// The room of a message to send, which the caller must be in.
async fn room_in(
    services: &Services,
    caller: &Caller,
    form: &mut Form,
) -> Result<Option<ChatId>, Failure> {
    let Some(named) = form.value("room") else { return Ok(None) };
    let digits = match &named {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.parse::<i64>().is_ok() => text.clone(),
        Value::String(text) if text.is_empty() => {
            form.refuse("room", Text::Null);
            return Ok(None);
        }
        other => {
            form.refuse("room", Minichat::NotAnId(kind_of(other)));
            return Ok(None);
        }
    };
    let found = match id(&named) {
        Some(chat) => shown::room_of(services, caller, chat).await.map(Some),
        None => Ok(None),
    };
    match found {
        Ok(Some(view)) => return Ok(Some(view.chat.id)),
        Err(failure) if failure.kind != Kind::NotFound => return Err(failure),
        Ok(None) | Err(_) => form.refuse("room", Minichat::NoSuchId(digits)),
    }
    Ok(None)
}

/// Python's name for the type of a value that is not a number, for the framework's message.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
        _ => "str",
    }
}

/// Renames the field of a text's error: here it is called `content`.
fn content(error: impl Into<Failure>) -> Failure {
    let mut failure = error.into();
    for field in failure.fields.iter_mut().filter(|field| field.field == "text") {
        field.field = "content";
    }
    failure
}
