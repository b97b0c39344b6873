//! Groups of a host, which its backend fills.

use super::Operations;
use super::references::{Calling, external};
use super::wire::{ChatBase, HostChat, HostMember, HostMembersChange};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, patch, put};
use domain::chat::{ChangeHostMembers, Chats, Named, PutHostChat};
use domain::ids::ChatId;
use domain::service_key::Scope;
use http_core::body::Body;
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::ChatsWrite, put_chat).service(Scope::ChatsWrite, change_members);
}

/// Make a group of your host, or make it what is said here: its title, who is in it, and as what. For service keys
/// only.
#[utoipa::path(
    tag = "chats",
    params(("chat_id" = String, Path, description = "`ext:` and what your host calls it.")),
    request_body = HostChat,
    responses(
        (status = 200, description = "It was there.", body = ChatBase),
        (status = 201, description = "It was made just now.", body = ChatBase),
        Refusals,
    )
)]
#[put("/chats/{chat_id}")]
async fn put_chat(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    body: Body<HostChat>,
) -> Result<HttpResponse, Problem> {
    let id = external::<ChatId>("chat_id", &id)?;
    let HostChat { title, members, data, permissions } = body.0;
    let members = named(&caller, &members).await?;
    let (chat, made) = to_the_end(async move {
        let data = data.map(|data| data.to_string());
        let (data, permissions) = (data.as_deref(), permissions.into());
        let wanted = PutHostChat { id, title: &title, data, permissions, members: &members };
        chats.put_host_chat(&caller.0, wanted).await
    })
    .await?;
    let mut response = if made { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(ChatBase::from(&chat)))
}

/// Let people into a group of your host, take others out and change roles, all at once. For service keys only.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = String, Path, description = "`ext:` and what your host calls it.")),
    request_body = HostMembersChange,
    responses((status = 200, body = ChatBase), Refusals)
)]
#[patch("/chats/{chat_id}/members")]
async fn change_members(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    body: Body<HostMembersChange>,
) -> Result<Json<ChatBase>, Problem> {
    let id = external::<ChatId>("chat_id", &id)?;
    let put = named(&caller, &body.0.members).await?;
    let remove = caller.names().users("remove", &body.0.remove).await?;
    let chat = to_the_end(async move {
        let wanted = ChangeHostMembers { id, put: &put, remove: &remove };
        chats.change_host_members(&caller.0, wanted).await
    });
    Ok(Json(ChatBase::from(&chat.await?)))
}

/// Who is meant by `members`, and as what.
async fn named(caller: &Calling, members: &[HostMember]) -> Result<Vec<Named>, Problem> {
    let ids = members.iter().map(|member| &member.user_id);
    let users = caller.names().users("members", ids).await?;
    let roles = members.iter().map(|member| member.role.map(Into::into));
    Ok(users.into_iter().zip(roles).collect())
}
