//! Oneself and others.

use super::render;
use crate::shared::lists::Part;
use crate::shared::profile;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use crate::shared::who::Known;
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use domain::admin::{AccountUpdate, Actor};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::session::Caller;
use domain::user::{Account, UpdateProfile, UpdateProfileError, User};
use serde_json::Value;

pub(super) async fn me(services: Data<Services>, caller: Known) -> Result<Json<Value>, Refused> {
    let user = services.users.get(caller.0.user).await.map_err(Failure::from)?;
    shown(&services, &caller, &user).await
}

pub(super) async fn one(
    services: Data<Services>,
    caller: Known,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let id: UserId = id_in(&id)?;
    let user = services.users.get(id).await.map_err(Failure::from)?;
    shown(&services, &caller, &user).await
}

pub(super) async fn update(
    services: Data<Services>,
    caller: Known,
    request: HttpRequest,
    payload: Payload,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let id: UserId = id_in(&id)?;
    let fields = profile::read(&services, &caller.0, id, &request, payload).await?;
    // No bio is null here.
    let no_bio = fields.is_null("bio").then_some("");
    let profile = UpdateProfile {
        name: None,
        first_name: fields.maybe_text("first_name")?,
        last_name: fields.maybe_text("last_name")?,
        bio: fields.maybe_text("bio")?.or(no_bio),
        email: fields.maybe_text("email")?,
    };
    let changed = update_profile(&services, &caller.0, id, profile).await?;
    shown(&services, &caller, &changed.user).await
}

/// As the owner, or else as an admin of the server.
async fn update_profile(
    services: &Services,
    caller: &Caller,
    owner: UserId,
    profile: UpdateProfile<'_>,
) -> Result<Account, Failure> {
    let updated = services.users.update_profile_of(caller, owner, profile).await;
    match (updated, Actor::admin(caller)) {
        (Err(UpdateProfileError::NotAllowed), Ok(admin)) => {
            let update = AccountUpdate { profile, ..AccountUpdate::default() };
            Ok(services.admin.update_user(admin, owner, update).await?)
        }
        (updated, _) => Ok(updated?),
    }
}

async fn shown(services: &Services, caller: &Known, user: &User) -> Result<Json<Value>, Refused> {
    let visible = services.presence.online(&caller.0, &[user.id]).await?;
    Ok(Json(render::profile(user, &visible)))
}

/// People in the order of their ids; what the list goes on with are those after one.
pub(super) async fn all(
    services: Data<Services>,
    _caller: Known,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let part: Part<UserId> = Part::of(&request)?;
    let page = services.users.find("", part.before, part.limit).await.map_err(Failure::from)?;
    let next = page.next.map(UserId::get);
    let rows = page.users.iter().map(|user| render::person(user.id, Some(user))).collect();
    Ok(part.answer(&request, rows, next))
}
