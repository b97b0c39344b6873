//! Chats that have an address: rooms, projects' chats, whispers.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{Chat, GivenId, List, ListQuery, ProjectChat, ProjectChatState, Room};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use domain::chat::{ChatCursor, ChatView, Chats, PutProject};
use domain::failure::Failure;
use domain::ids::ProjectId;
use domain::service_key::Scope;
use http_core::auth::SignedIn;
use http_core::body::{self, Body, Query};
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::ChatsRead, rooms)
        .service(Scope::ChatsWrite, enter_room)
        .service(Scope::WhispersRead, open_whispers)
        .service(Scope::ProjectsWrite, put_project)
        .service(Scope::ChatsRead, get_project)
        .service(Scope::ProjectsWrite, delete_project);
}

fn opened((chat, made): &(ChatView, bool)) -> HttpResponse {
    let mut response = if *made { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.json(Chat::from(chat))
}

/// All rooms, the one active last first. Anybody with an account may enter each. On a server that hides people, the
/// rooms that you are in.
#[utoipa::path(tag = "rooms", params(ListQuery), responses((status = 200, body = List<Room>), Refusals))]
#[get("/rooms")]
async fn rooms(
    chats: Data<Chats>,
    caller: SignedIn,
    query: Query<ListQuery>,
) -> Result<Json<List<Room>>, Problem> {
    let after = paging::chat_cursor(query.0.cursor.as_deref())?;
    let limit = paging::limit(query.0.limit)?;
    let page = chats.rooms(&caller.0, after, limit).await.map_err(Failure::from)?;
    let next = page.rooms.last().filter(|_| page.more).map(|last| {
        paging::write_chat_cursor(ChatCursor { active_at: last.active_at, chat: last.id })
    });
    Ok(Json(List { items: page.rooms.iter().map(Room::from).collect(), next }))
}

/// Enter a room; the first one makes it and owns it. On a server that hides people, a room that you are in; any other
/// is unknown.
#[utoipa::path(
    tag = "rooms",
    params(("name" = String, Path, description = "1 to 100 letters, digits, `-`, `_`, `.`.")),
    responses(
        (status = 200, description = "It was there.", body = Chat),
        (status = 201, description = "It was made just now.", body = Chat),
        Refusals,
    )
)]
#[put("/rooms/{name}")]
async fn enter_room(
    chats: Data<Chats>,
    caller: SignedIn,
    name: Path<String>,
) -> Result<HttpResponse, Problem> {
    let entered = to_the_end(async move { chats.enter_room(&caller.0, &name).await });
    Ok(opened(&entered.await?))
}

/// What you and another member whisper in a chat. It is a chat of its own, which nobody else sees.
#[utoipa::path(
    tag = "whispers",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    responses(
        (status = 200, description = "It was there.", body = Chat),
        (status = 201, description = "It was opened just now.", body = Chat),
        Refusals,
    )
)]
#[put("/chats/{chat_id}/whispers/{user_id}")]
async fn open_whispers(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (chat, to) = (caller.chat(&path.0).await?, caller.user(&path.1).await?);
    let whispers = to_the_end(async move { chats.open_whispers(&caller.0, chat, to).await });
    Ok(opened(&whispers.await?))
}

/// Make the chat of a project, or make it what is said here. Admins.
#[utoipa::path(
    tag = "projects",
    params(("project_id" = i64, Path)),
    request_body = ProjectChat, responses(
        (status = 200, description = "It was there.", body = ProjectChatState),
        (status = 201, description = "It was made just now.", body = ProjectChatState),
        Refusals,
    )
)]
#[put("/projects/{project_id}/chat")]
async fn put_project(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    body: Body<ProjectChat>,
) -> Result<HttpResponse, Problem> {
    let project = project_id(&id)?;
    let ProjectChat { title, members, owner, data, permissions } = body.0;
    let ids = caller.names().users("members", &members).await?;
    let owner = caller.names().maybe_user("owner", owner).await?;
    let members = ids.iter().map(|id| id.get()).collect();
    let (chat, made) = to_the_end(async move {
        let data = data.map(|data| data.to_string());
        let (title, data, permissions) = (&title, data.as_deref(), permissions.into());
        let wanted = PutProject { project, title, members: &ids, owner, data, permissions };
        chats.put_project(&caller.0, wanted).await
    })
    .await?;
    let mut response = if made { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(ProjectChatState::new(&chat, members)))
}

/// The chat of a project that you are in.
#[utoipa::path(
    tag = "projects",
    params(("project_id" = i64, Path)),
    responses((status = 200, body = Chat), Refusals)
)]
#[get("/projects/{project_id}/chat")]
async fn get_project(
    chats: Data<Chats>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<Json<Chat>, Problem> {
    let view = chats.project(&caller.0, project_id(&id)?).await.map_err(Failure::from)?;
    Ok(Json(Chat::from(&view)))
}

/// Delete the chat of a project with everything in it. Admins.
#[utoipa::path(
    tag = "projects",
    params(("project_id" = i64, Path)),
    responses((status = 204, description = "It is gone."), Refusals)
)]
#[delete("/projects/{project_id}/chat")]
async fn delete_project(
    chats: Data<Chats>,
    caller: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let project = project_id(&id)?;
    to_the_end(async move { chats.delete_project(&caller.0, project).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn project_id(text: &str) -> Result<ProjectId, Problem> {
    body::id("project_id", text)
}
