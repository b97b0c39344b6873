//! Messages.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{
    EarlierText, EditMessage, Found, GivenId, HistoryQuery, List, Message, MessagePage, NewMessage,
    SearchQuery,
};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId};
use domain::limits::SEARCH_PAGE_DEFAULT;
use domain::message::{Messages, Page, Search};
use domain::service_key::Scope;
use http_core::auth::SignedIn;
use http_core::body::{self, Body, Query};
use http_core::metrics;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::MessagesRead.everywhere(), history)
        .counted(Class::Send, Scope::MessagesWrite, send)
        .counted(Class::Search, Scope::MessagesRead.everywhere(), search)
        .service(Scope::MessagesRead.everywhere(), get_message)
        .counted(Class::Send, Scope::MessagesWrite.everywhere(), edit)
        .counted(Class::Send, Scope::MessagesWrite.everywhere(), delete_message)
        .service(Scope::MessagesRead.everywhere(), edits);
}

/// A part of a chat's history.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), HistoryQuery),
    responses((status = 200, body = MessagePage), Refusals)
)]
#[get("/chats/{chat_id}/messages")]
async fn history(
    messages: Data<Messages>,
    caller: Calling,
    id: Path<String>,
    query: Query<HistoryQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let page = which_page(&query.0)?;
    let limit = paging::limit(query.0.limit)?;
    let id = caller.chat(&id).await?;
    let found = messages.page(&caller.0, id, page, limit).await;
    Ok(Json(MessagePage::from(&found.map_err(Failure::from)?)))
}

/// The page that the parameters ask for: the latest if they name no place.
fn which_page(query: &HistoryQuery) -> Result<Page, Problem> {
    match (query.before, query.after, query.around) {
        (None, None, None) => Ok(Page::Latest),
        (Some(seq), None, None) => Ok(Page::Before(body::number("before", seq)?)),
        (None, Some(seq), None) => Ok(Page::After(body::number("after", seq)?)),
        (None, None, Some(seq)) => Ok(Page::Around(body::number("around", seq)?)),
        _ => {
            let detail = "Of before, after and around only one may be given.";
            Err(Problem::field("query", "conflicting_parameters", detail.to_owned()))
        }
    }
}

/// Send a message; with `to`, whisper it. `Idempotency-Key` is another way to give `client_id`.
#[utoipa::path(
    tag = "messages",
    params(
        ("chat_id" = GivenId, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same as `client_id`."),
    ),
    request_body = NewMessage, responses(
        (status = 200, description = "It was stored before.", body = Message),
        (status = 201, description = "It is stored.", body = Message),
        Refusals,
    )
)]
#[post("/chats/{chat_id}/messages")]
async fn send(
    messages: Data<Messages>,
    caller: Calling,
    request: HttpRequest,
    id: Path<String>,
    body: Body<NewMessage>,
) -> Result<HttpResponse, Problem> {
    let chat = caller.chat(&id).await?;
    let mut new = body.0;
    new.check()?;
    let to = caller.names().maybe_user("to", new.to.take()).await?;
    let mut new = new.prepare()?;
    new.client_id = one_client_id(&request, new.client_id.take())?;
    let sent =
        to_the_end(async move { metrics::send(&messages, &caller.0, new.command(chat, to)).await });
    let sent = sent.await?;
    let mut response = if sent.replayed { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.json(Message::from(&sent.message)))
}

/// The client id from the header or the body. Both may be given if they are equal.
fn one_client_id(request: &HttpRequest, body: Option<String>) -> Result<Option<String>, Problem> {
    let header = request.headers().get("Idempotency-Key");
    // A header that is not text becomes an empty id, which the domain refuses with a clear error.
    let header = header.map(|value| value.to_str().unwrap_or_default().to_owned());
    match (header, body) {
        (Some(header), Some(body)) if header != body => {
            let detail = "Idempotency-Key and client_id are the same thing, and differ.";
            Err(Problem::field("client_id", "conflicting_parameters", detail.to_owned()))
        }
        (header, body) => Ok(body.or(header)),
    }
}

/// One message.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = Message), Refusals)
)]
#[get("/chats/{chat_id}/messages/{message_id}")]
async fn get_message(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    let (chat, id) = ids(&caller, &path).await?;
    let message = messages.get(&caller.0, chat, id).await.map_err(Failure::from)?;
    Ok(Json(Message::from(&message)))
}

/// Change the text of your message, or its data. A service key changes the data of any message of its chats.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), ("message_id" = i64, Path)),
    request_body = EditMessage, responses((status = 200, body = Message), Refusals)
)]
#[patch("/chats/{chat_id}/messages/{message_id}")]
async fn edit(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
    body: Body<EditMessage>,
) -> Result<Json<Message>, Problem> {
    let (chat, id) = ids(&caller, &path).await?;
    let edit = body.0.prepare();
    let edited =
        to_the_end(async move { messages.update(&caller.0, chat, id, edit.wanted()).await });
    let edited = edited.await?;
    Ok(Json(Message::from(&edited)))
}

/// Delete a message; what is left is its tombstone. Its author; in a group its admins too.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = Message), Refusals)
)]
#[delete("/chats/{chat_id}/messages/{message_id}")]
async fn delete_message(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<Json<Message>, Problem> {
    let (chat, id) = ids(&caller, &path).await?;
    let deleted = to_the_end(async move { messages.delete(&caller.0, chat, id).await }).await?;
    Ok(Json(Message::from(&deleted)))
}

async fn ids(caller: &Calling, path: &(String, String)) -> Result<(ChatId, MessageId), Problem> {
    let message = body::id("message_id", &path.1)?;
    Ok((caller.chat(&path.0).await?, message))
}

/// What a message said before it was edited, the first first. Its author, the admins of its group, and
/// the admins of the server.
#[utoipa::path(
    tag = "messages",
    params(("chat_id" = GivenId, Path), ("message_id" = i64, Path)),
    responses((status = 200, body = List<EarlierText>), Refusals)
)]
#[get("/chats/{chat_id}/messages/{message_id}/edits")]
async fn edits(
    messages: Data<Messages>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<Json<List<EarlierText>>, Problem> {
    let (chat, id) = ids(&caller, &path).await?;
    let edits = messages.edits(&caller.0, chat, id).await.map_err(Failure::from)?;
    Ok(Json(List { items: edits.iter().map(EarlierText::from).collect(), next: None }))
}

/// Search the messages of your chats, the newest first.
#[utoipa::path(
    tag = "messages",
    params(SearchQuery),
    responses((status = 200, body = Found), Refusals)
)]
#[get("/messages/search")]
async fn search(
    messages: Data<Messages>,
    caller: SignedIn,
    query: Query<SearchQuery>,
) -> Result<Json<Found>, Problem> {
    let SearchQuery { q, from, chat, before, data, cursor, limit } = &query.0;
    let after = paging::after(cursor.as_deref())?;
    let limit = paging::limit(limit.or(Some(SEARCH_PAGE_DEFAULT)))?;
    let (from, chat, before) = (from.as_deref(), chat.as_deref(), before.as_deref());
    let search = Search { q, from, chat, before, data: data.as_deref() };
    let page = messages.search(&caller.0, &search, after, limit).await.map_err(Failure::from)?;
    Ok(Json(Found::from(&page)))
}
