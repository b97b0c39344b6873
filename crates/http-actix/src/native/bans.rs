//! Who may not come into a chat, who may not speak there, and what one wants of a chat oneself.

use super::Operations;
use super::paging;
use super::references::Calling;
use super::wire::{
    Ban, GivenId, List, ListQuery, NewBan, NewSilence, Preferences, PreferencesUpdate,
};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, put};
use domain::chat::{self, Chats};
use domain::failure::Failure;
use domain::service_key::Scope;
use http_core::body::{self, Body, MaybeBody, Query};
use http_core::problem::{Problem, Refusals};
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.service(Scope::ChatsRead.everywhere(), bans)
        .service(Scope::ChatsWrite.everywhere(), ban)
        .service(Scope::ChatsWrite.everywhere(), lift_ban)
        .service(Scope::ChatsWrite.everywhere(), silence)
        .service(Scope::ChatsWrite.everywhere(), lift_silence)
        .service(Scope::ChatsWrite, set_preferences);
}

/// Who is banned from a group or a room. Its admins only.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ListQuery),
    responses((status = 200, body = List<Ban>), Refusals)
)]
#[get("/chats/{chat_id}/bans")]
async fn bans(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    query: Query<ListQuery>,
) -> Result<Json<List<Ban>>, Problem> {
    let after = paging::after(query.0.cursor.as_deref())?;
    let limit = paging::limit(query.0.limit)?;
    let id = caller.chat(&id).await?;
    let page = chats.bans(&caller.0, id, after, limit).await.map_err(Failure::from)?;
    let next = page.bans.last().filter(|_| page.more).map(|last| last.user.id.to_string());
    Ok(Json(List { items: page.bans.iter().map(Ban::from).collect(), next }))
}

/// Take somebody out of a group or a room, if they are in it, and keep them out. Its admins only.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    request_body = Option<NewBan>,
    responses((status = 204, description = "They are banned."), Refusals)
)]
#[put("/chats/{chat_id}/bans/{user_id}")]
async fn ban(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
    body: MaybeBody<NewBan>,
) -> Result<HttpResponse, Problem> {
    let who = (caller.chat(&path.0).await?, caller.user(&path.1).await?);
    let NewBan { until, reason } = body.0.unwrap_or_default();
    let until = until.map(|until| body::moment("until", &until)).transpose()?;
    let banned =
        to_the_end(async move { chats.ban(&caller.0, who, until, reason.as_deref()).await });
    banned.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Let somebody come in again. Admins of the chat only.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    responses((status = 204, description = "They may come in."), Refusals)
)]
#[delete("/chats/{chat_id}/bans/{user_id}")]
async fn lift_ban(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (chat, user) = (caller.chat(&path.0).await?, caller.user(&path.1).await?);
    to_the_end(async move { chats.lift_ban(&caller.0, chat, user).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a member's voice in a group, a room or a project's chat: they read, and do not send, edit, react or whisper.
/// Its admins only.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    request_body = Option<NewSilence>,
    responses((status = 204, description = "They are silenced."), Refusals)
)]
#[put("/chats/{chat_id}/silences/{user_id}")]
async fn silence(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
    body: MaybeBody<NewSilence>,
) -> Result<HttpResponse, Problem> {
    let who = (caller.chat(&path.0).await?, caller.user(&path.1).await?);
    let NewSilence { until, reason } = body.0.unwrap_or_default();
    let until = until.map(|until| body::moment("until", &until)).transpose()?;
    let silenced =
        to_the_end(async move { chats.silence(&caller.0, who, until, reason.as_deref()).await });
    silenced.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give somebody their voice back. Admins of the chat only.
#[utoipa::path(
    tag = "members",
    params(("chat_id" = GivenId, Path), ("user_id" = GivenId, Path)),
    responses((status = 204, description = "They may speak."), Refusals)
)]
#[delete("/chats/{chat_id}/silences/{user_id}")]
async fn lift_silence(
    chats: Data<Chats>,
    caller: Calling,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (chat, user) = (caller.chat(&path.0).await?, caller.user(&path.1).await?);
    to_the_end(async move { chats.lift_silence(&caller.0, chat, user).await }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Mute, pin or archive a chat for yourself.
#[utoipa::path(
    tag = "chats",
    params(("chat_id" = GivenId, Path)),
    request_body = PreferencesUpdate, responses((status = 200, body = Preferences), Refusals)
)]
#[patch("/chats/{chat_id}/preferences")]
async fn set_preferences(
    chats: Data<Chats>,
    caller: Calling,
    id: Path<String>,
    body: Body<PreferencesUpdate>,
) -> Result<Json<Preferences>, Problem> {
    let chat = caller.chat(&id).await?;
    let PreferencesUpdate { muted_until, mentions_only, pinned, archived } = body.0;
    let muted_until =
        muted_until.map(|until| until.map(|until| body::moment("muted_until", &until)).transpose());
    let muted_until = muted_until.transpose()?;
    let wanted = chat::PreferencesUpdate { muted_until, mentions_only, pinned, archived };
    let set = to_the_end(async move { chats.set_preferences(&caller.0, chat, wanted).await });
    Ok(Json(Preferences::from(set.await?)))
}
