//! Members and their read markers.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{GivenId, List, ListQuery, Marker, Member, MemberRole, MemberUpdate, Read};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use domain::chat::{Chats, SetMemberOutcome};
use domain::failure::Failure;
use domain::service_key::Scope;
use http_core::body::{self, Body, MaybeBody, Query};
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::ChatsRead.everywhere(), list)
        .service(Scope::ChatsWrite.everywhere(), set_member)
        .service(Scope::ChatsWrite.everywhere(), remove_member)
        .service(Scope::MessagesWrite, mark_read);
}

/// Who is in a chat.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ListQuery),
    responses((status = 200, body = List<Member>), Refusals)
)]
#[get("/chats/{chat_id}/members")]
async fn list(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    query: Query<ListQuery>,
) -> Result<Json<List<Member>>, Problem> {
    let after = paging::after(query.0.cursor.as_deref())?;
    let limit = paging::limit(query.0.limit)?;
    let id = caller.chat(&id).await?;
    let page = chats.members(&caller.0, id, after, limit).await;
    let page = page.map_err(Failure::from)?;
    let next = page.members.last().filter(|_| page.more).map(|last| last.user.id.to_string());
    Ok(Json(List { items: page.members.iter().map(Member::from).collect(), next }))
}

/// Let somebody into a group, or change their role. Without a body they become a member.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    request_body = Option<MemberUpdate>,
    responses(
        (status = 200, description = "They were in.", body = MemberUpdate),
        (status = 201, description = "They came in just now.", body = MemberUpdate),
        Refusals,
    )
)]
#[put("/chats/{chat_id}/members/{user_id}")]
async fn set_member(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
    body: MaybeBody<MemberUpdate>,
) -> Result<HttpResponse, Problem> {
    let chat = caller.chat(&path.0).await?;
    let user = caller.user(&path.1).await?;
    let update = body.0.unwrap_or(MemberUpdate { role: MemberRole::Member });
    let role = update.role.into();
    let set = to_the_end(async move { chats.set_member(&caller.0, chat, user, role).await });
    Ok(match set.await? {
        SetMemberOutcome::Added => HttpResponse::Created().json(update),
        SetMemberOutcome::Kept => HttpResponse::Ok().json(update),
    })
}

/// Take somebody out of a group, or leave it.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    responses((status = 204, description = "They are out."), Refusals)
)]
#[delete("/chats/{chat_id}/members/{user_id}")]
async fn remove_member(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let chat = caller.chat(&path.0).await?;
    let user = caller.user(&path.1).await?;
    to_the_end(async move { chats.remove_member(&caller.0, chat, user).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Move your read marker forward.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path)),
    request_body = Read, responses((status = 200, body = Marker), Refusals)
)]
#[put("/chats/{chat_id}/read")]
async fn mark_read(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    body: Body<Read>,
) -> Result<Json<Marker>, Problem> {
    let chat = caller.chat(&id).await?;
    let seq = body::number("seq", body.0.seq)?;
    let marker = to_the_end(async move { chats.mark_read(&caller.0, chat, seq).await }).await?;
    Ok(Json(marker.into()))
}
