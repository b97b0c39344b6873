//! Chats of projects. The product that has the projects sets their members, by the native API.

use super::caller::Known;
use super::chats;
use super::people;
use super::said::forbidden;
use crate::shared::fields::id_of;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::absolute;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path};
use domain::chat::{ChatKind, ChatView, ProjectError, Title};
use domain::failure::Failure;
use domain::ids::ProjectId;
use domain::session::Caller;
use serde_json::{Value, json};

/// The caller's projects, by ascending id. Each row has the id twice, as `id` and as `project`.
pub(super) async fn list(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
) -> Result<Json<Value>, Refused> {
    let caller = caller.0;
    let mut views =
        chats::mine(&services, &caller, |kind| matches!(kind, ChatKind::Project(_))).await?;
    views.sort_by_key(|view| view.chat.kind.project());
    let listed = |view: &ChatView| {
        let mut row = row(view)?;
        row["project"] = row["id"].clone();
        Some(row)
    };
    chats::rows(&services, &caller, &absolute(&request, ""), &views, listed).await
}

/// A project as every list shows it. This server has no pictures of projects; the product has.
fn row(view: &ChatView) -> Option<Value> {
    let project = view.chat.kind.project()?;
    let name = view.chat.title.as_ref().map_or("", Title::as_str);
    Some(json!({"id": project.get(), "name": name, "image_address": null}))
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = found(&services, &caller.0, &id).await?;
    let gathering = services.chats.gathering(&caller.0, &[view.chat.id]).await?;
    let ids: Vec<_> = gathering.of(view.chat.id).iter().map(|member| member.user.id).collect();
    let members = services.users.get_many(&ids).await?;
    let mut shown = row(&view).unwrap_or_default();
    shown["users"] = people::shown(&services, &caller.0, &request, &members).await?.into();
    Ok(Json(shown))
}

pub(super) async fn messages(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = found(&services, &caller.0, &id).await?;
    chats::messages(&services, &caller.0, &request, view.chat.id).await
}

pub(super) async fn files(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let view = found(&services, &caller.0, &id).await?;
    chats::files(&services, &caller.0, &request, view.chat.id).await
}

/// The chat of a project that the caller is in. For others it is forbidden, whether or not there is such a
/// project.
async fn found(services: &Services, caller: &Caller, named: &str) -> Result<ChatView, Refused> {
    let project: ProjectId = id_of(named).ok_or_else(forbidden)?;
    services.chats.project(caller, project).await.map_err(|error| match error {
        ProjectError::NotFound => forbidden(),
        error => Failure::from(error).into(),
    })
}
