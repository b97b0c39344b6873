//! Reactions, pins and stars.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{GivenId, List, ListQuery, Message};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use domain::failure::Failure;
use domain::message::Messages;
use domain::service_key::Scope;
use http_core::auth::SignedIn;
use http_core::body::{self, Query};
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::Send, Scope::MessagesWrite, react)
        .counted(Class::Send, Scope::MessagesWrite, take_back)
        .service(Scope::MessagesRead.everywhere(), list_pins)
        .counted(Class::Send, Scope::MessagesWrite.everywhere(), pin)
        .counted(Class::Send, Scope::MessagesWrite.everywhere(), take_down)
        .service(Scope::MessagesRead, list_starred)
        .service(Scope::MessagesWrite, star)
        .service(Scope::MessagesWrite, take_star);
}

/// React to a message with one emoji.
#[utoipa::path(
    tag = "messages",
    params(("message_id" = i64, Path), ("emoji" = String, Path, example = "👍")),
    responses((status = 200, body = Message), Refusals)
)]
#[put("/messages/{message_id}/reactions/{emoji}")]
async fn react(
    messages: Data<Messages>,
    caller: SignedIn,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    set_reaction(messages, caller, path, true).await
}

/// Take your reaction back.
#[utoipa::path(
    tag = "messages",
    params(("message_id" = i64, Path), ("emoji" = String, Path, example = "👍")),
    responses((status = 200, body = Message), Refusals)
)]
#[delete("/messages/{message_id}/reactions/{emoji}")]
async fn take_back(
    messages: Data<Messages>,
    caller: SignedIn,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    set_reaction(messages, caller, path, false).await
}

async fn set_reaction(
    messages: Data<Messages>,
    caller: SignedIn,
    path: Path<(String, String)>,
    on: bool,
) -> Result<Json<Message>, Problem> {
    let (id, emoji) = path.into_inner();
    let id = body::id("message_id", &id)?;
    let changed =
        to_the_end(async move { messages.react(&caller.0, (None, id), &emoji, on).await }).await?;
    Ok(Json(Message::from(&changed)))
}

/// The pinned messages of a chat, the one pinned last first.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path)),
    responses((status = 200, body = List<Message>), Refusals)
)]
#[get("/chats/{chat_id}/pins")]
async fn list_pins(
    messages: Data<Messages>,
    caller: Calling,
    id: Path<String>,
) -> Result<Json<List<Message>>, Problem> {
    let id = caller.chat(&id).await?;
    let pinned = messages.pinned(&caller.0, id).await.map_err(Failure::from)?;
    Ok(Json(List { items: pinned.iter().map(Message::from).collect(), next: None }))
}

/// Pin a message. In a group its admins only.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = Message), Refusals)
)]
#[put("/chats/{chat_id}/pins/{message_id}")]
async fn pin(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    set_pin(messages, caller, path, true).await
}

/// Take a pinned message down. In a group its admins only.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = Message), Refusals)
)]
#[delete("/chats/{chat_id}/pins/{message_id}")]
async fn take_down(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    set_pin(messages, caller, path, false).await
}

async fn set_pin(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
    on: bool,
) -> Result<Json<Message>, Problem> {
    let (id, chat) = (body::id("message_id", &path.1)?, caller.chat(&path.0).await?);
    let changed = to_the_end(async move { messages.pin(&caller.0, chat, id, on).await }).await?;
    Ok(Json(Message::from(&changed)))
}

/// The messages that you starred, the newest message first.
#[utoipa::path(
    tag = "messages",
    params(ListQuery),
    responses((status = 200, body = List<Message>), Refusals)
)]
#[get("/messages/starred")]
async fn list_starred(
    messages: Data<Messages>,
    caller: SignedIn,
    query: Query<ListQuery>,
) -> Result<Json<List<Message>>, Problem> {
    let before = paging::after(query.0.cursor.as_deref())?;
    let limit = paging::limit(query.0.limit)?;
    let page = messages.starred(&caller.0, before, limit).await.map_err(Failure::from)?;
    let items: Vec<_> = page.messages.iter().map(Message::from).collect();
    let last = page.messages.last().filter(|_| page.more);
    Ok(Json(List { items, next: last.map(|message| message.id.to_string()) }))
}

/// Star a message, for yourself alone.
#[utoipa::path(
    tag = "messages",
    params(("message_id" = i64, Path)),
    responses((status = 204, description = "It has your star."), Refusals)
)]
#[put("/messages/{message_id}/star")]
async fn star(
    messages: Data<Messages>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    set_star(messages, caller, id, true).await
}

/// Take your star back.
#[utoipa::path(
    tag = "messages",
    params(("message_id" = i64, Path)),
    responses((status = 204, description = "It has not your star."), Refusals)
)]
#[delete("/messages/{message_id}/star")]
async fn take_star(
    messages: Data<Messages>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    set_star(messages, caller, id, false).await
}

async fn set_star(
    messages: Data<Messages>,
    caller: SignedIn,
    id: Path<String>,
    on: bool,
) -> Result<HttpResponse, Problem> {
    let id = body::id("message_id", &id)?;
    to_the_end(async move { messages.star(&caller.0, id, on).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}
