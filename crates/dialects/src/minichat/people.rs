//! Oneself and others.

use super::here::Here;
use super::{accounts, render};
use crate::shared::chats::Crowd;
use crate::shared::lists::{self, Part};
use crate::shared::profile;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::user::Account;
use serde_json::Value;

pub(super) async fn me(services: Data<Services>, caller: Here) -> Result<Json<Value>, Refused> {
    Ok(Json(accounts::own(&services, &caller).await?))
}

pub(super) async fn update(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<Value>, Refused> {
    let fields = profile::read(&services, &caller.0, caller.0.user, &request, payload).await?;
    let profile = accounts::profile(&fields)?;
    let changed = services.users.update_profile(&caller.0, profile).await;
    let account = changed.map_err(Failure::from)?;
    Ok(Json(shown_profile(&services, &caller, &account).await?))
}

pub(super) async fn shown_profile(
    services: &Services,
    caller: &Here,
    account: &Account,
) -> Result<Value, Failure> {
    let visible = services.presence.online(&caller.0, &[account.user.id]).await?;
    Ok(render::me(account, &visible))
}

pub(super) async fn search(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let typed = lists::value(&request, "q").unwrap_or_default();
    if typed.trim().is_empty() {
        return Err(Refused::field("q", "This field is required."));
    }
    found(&services, &caller, &request, &typed).await
}

pub(super) async fn all(
    services: Data<Services>,
    caller: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    found(&services, &caller, &request, "").await
}

/// People in the order of their ids; what a list goes on with are those after one.
async fn found(
    services: &Services,
    caller: &Here,
    request: &HttpRequest,
    typed: &str,
) -> Result<HttpResponse, Refused> {
    let part: Part<UserId> = Part::of(request)?;
    let page = services.users.find(typed, part.before, part.limit).await.map_err(Failure::from)?;
    let next = page.next.map(UserId::get);
    let own = services.users.me(&caller.0).await.map_err(Failure::from)?;
    let crowd = Crowd::of(services, &caller.0, page.users).await?;
    Ok(part.answer(request, render::people(&crowd, &own), next))
}

pub(super) async fn online(services: Data<Services>, caller: Here) -> Result<Json<Value>, Refused> {
    let ids = services.presence.contacts_online(&caller.0).await?;
    let people = services.users.get_many(&ids).await?;
    let own = services.users.me(&caller.0).await.map_err(Failure::from)?;
    let crowd = Crowd::of(&services, &caller.0, people).await?;
    Ok(Json(render::people(&crowd, &own).into()))
}
