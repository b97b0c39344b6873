//! Chats.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{Changes, Chat, ChatListQuery, ChatUpdate, GivenId, List, NewGroup, SinceQuery};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use domain::chat::{ChatCursor, ChatQuery, Chats, CreateGroup, SettingsUpdate};
use domain::failure::Failure;
use domain::limits::CHAT_PAGE_MAX;
use domain::service_key::Scope;
use domain::session::Caller;
use http_core::auth::SignedIn;
use http_core::body::{self, Body, Query};
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;
use std::time::Duration;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::ChatsRead.everywhere(), list)
        .service(Scope::ChatsWrite, create_group)
        .service(Scope::ChatsWrite, open_direct)
        .service(Scope::ChatsRead.everywhere(), get_chat)
        .service(Scope::ChatsWrite.everywhere(), update)
        .service(Scope::ChatsWrite.everywhere(), delete_chat)
        .service(Scope::MessagesRead.everywhere(), changes);
}

/// Your chats, the one active last first.
#[utoipa::path(tag = "chats", params(ChatListQuery), responses((status = 200, body = List<Chat>), Refusals))]
#[get("/chats")]
async fn list(
    chats: Data<Chats>,
    caller: SignedIn,
    query: Query<ChatListQuery>,
) -> Result<Json<List<Chat>>, Problem> {
    let limit = paging::limit_up_to(CHAT_PAGE_MAX, query.0.limit)?;
    if query.0.all == Some(true) {
        return list_all(&chats, &caller.0, &query.0, limit).await;
    }
    let after = paging::chat_cursor(query.0.cursor.as_deref())?;
    let wanted = ChatQuery { archived: query.0.archived, whispers: true, after, limit };
    let page = chats.list(&caller.0, wanted).await.map_err(Failure::from)?;
    let next = page.chats.last().filter(|_| page.more).map(|last| {
        paging::write_chat_cursor(ChatCursor { active_at: last.active_at, chat: last.chat.id })
    });
    Ok(Json(List { items: page.chats.iter().map(Chat::from).collect(), next }))
}

async fn list_all(
    chats: &Chats,
    caller: &Caller,
    query: &ChatListQuery,
    limit: usize,
) -> Result<Json<List<Chat>>, Problem> {
    if query.archived.is_some() {
        let detail = "Of all and archived only one may be given.";
        return Err(Problem::field("query", "conflicting_parameters", detail.to_owned()));
    }
    let after = paging::after(query.cursor.as_deref())?;
    let page = chats.list_all(caller, after, limit).await.map_err(Failure::from)?;
    let next = page.chats.last().filter(|_| page.more).map(|last| last.chat.id.to_string());
    Ok(Json(List { items: page.chats.iter().map(Chat::from).collect(), next }))
}

/// Make a group, which you own.
#[utoipa::path(tag = "chats", request_body = NewGroup, responses((status = 201, body = Chat), Refusals))]
#[post("/chats")]
async fn create_group(
    chats: Data<Chats>,
    caller: Calling,
    body: Body<NewGroup>,
) -> Result<HttpResponse, Problem> {
    let NewGroup { title, members, external_id, data, permissions } = body.0;
    let members = caller.names().users("members", &members).await?;
    let made = to_the_end(async move {
        let data = data.map(|data| data.to_string());
        let (title, members) = (title.as_str(), members.as_slice());
        let (external_id, data) = (external_id.as_deref(), data.as_deref());
        let permissions = permissions.into();
        let wanted = CreateGroup { title, members, external_id, data, permissions };
        chats.create_group_as(&caller.0, wanted).await
    });
    Ok(HttpResponse::Created().json(Chat::from(&made.await?)))
}

/// The direct chat with somebody whom you find, which is made if it is not there; with yourself it is for notes.
#[utoipa::path(
    tag = "chats",
    params(("user_id" = GivenId, Path)),
    responses(
        (status = 200, description = "It was there.", body = Chat),
        (status = 201, description = "It was made just now.", body = Chat),
        Refusals,
    )
)]
#[put("/chats/direct/{user_id}")]
async fn open_direct(
    chats: Data<Chats>,
    caller: Calling,
    other: Path<String>,
) -> Result<HttpResponse, Problem> {
    let other = caller.user(&other).await?;
    let (chat, made) = to_the_end(async move { chats.open_direct(&caller.0, other).await }).await?;
    let mut response = if made { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(Chat::from(&chat)))
}

/// One of your chats.
#[utoipa::path(
    tag = "chats",
    params(("chat_id" = GivenId, Path)),
    responses((status = 200, body = Chat), Refusals)
)]
#[get("/chats/{chat_id}")]
async fn get_chat(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
) -> Result<Json<Chat>, Problem> {
    let id = caller.chat(&id).await?;
    let view = chats.get(&caller.0, id).await.map_err(Failure::from)?;
    Ok(Json(Chat::from(&view)))
}

/// Change a chat's title, what it is about, or its slow mode: its admins only. Its owner sets what it lets its people
/// do; a service key that is in it changes its data.
#[utoipa::path(
    tag = "chats",
    params(("chat_id" = GivenId, Path)),
    request_body = ChatUpdate, responses((status = 200, body = Chat), Refusals)
)]
#[patch("/chats/{chat_id}")]
async fn update(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    body: Body<ChatUpdate>,
) -> Result<Json<Chat>, Problem> {
    let id = caller.chat(&id).await?;
    let ChatUpdate { title, description, slow_mode, permissions, data } = body.0;
    let slow_mode = slow_mode.map(|seconds| Duration::from_secs(seconds.into()));
    let view = to_the_end(async move {
        let data = data.map(|data| data.to_string());
        let (title, description) = (title.as_deref(), description.as_deref());
        let (permissions, data) = (permissions.into(), data.as_deref());
        let wanted = SettingsUpdate { title, description, slow_mode, permissions, data };
        chats.update(&caller.0, id, wanted).await
    });
    Ok(Json(Chat::from(&view.await?)))
}

/// Delete a chat for everybody. Its owner; in a direct chat either one.
#[utoipa::path(
    tag = "chats",
    params(("chat_id" = GivenId, Path)),
    responses((status = 204, description = "It is gone."), Refusals)
)]
#[delete("/chats/{chat_id}")]
async fn delete_chat(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = caller.chat(&id).await?;
    to_the_end(async move { chats.delete(&caller.0, id).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What changed in a chat since a version.
#[utoipa::path(
    tag = "chats",
    params(("chat_id" = GivenId, Path), SinceQuery),
    responses((status = 200, body = Changes), Refusals)
)]
#[get("/chats/{chat_id}/changes")]
async fn changes(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    query: Query<SinceQuery>,
) -> Result<Json<Changes>, Problem> {
    let since = body::number("since", query.0.since)?;
    let limit = paging::limit(query.0.limit)?;
    let id = caller.chat(&id).await?;
    let found = chats.changes(&caller.0, id, since, limit).await;
    Ok(Json(Changes::from(&found.map_err(Failure::from)?)))
}
