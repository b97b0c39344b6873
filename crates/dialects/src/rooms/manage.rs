//! Administering other people's accounts.

use super::register::account;
use super::render;
use super::who::{Person, forbidden};
use crate::shared::body::Sent;
use crate::shared::refusal::Refused;
use crate::shared::route::id_in;
use crate::shared::services::Services;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use domain::admin::{AccountUpdate, Actor};
use domain::failure::Failure;
use domain::ids::UserId;
use domain::user::{Account, AccountRole};
use serde_json::{Value, json};

pub(super) async fn make_admin(
    services: Data<Services>,
    caller: Person,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    let actor = Actor::admin(&caller.0).map_err(|_| forbidden())?;
    let id: UserId = id_in(&id)?;
    let found = services.admin.user(actor, id).await.map_err(refused)?;
    if found.user.role == AccountRole::Admin {
        return Err(Refused::detail(StatusCode::BAD_REQUEST, "User is already an admin."));
    }
    let update = AccountUpdate { role: Some("admin"), ..AccountUpdate::default() };
    let Account { user, email } = updated(services, actor, id, update).await?;
    let names = (user.profile.first_name.as_str(), user.profile.last_name.as_str());
    let profile = json!({"name": names.0, "surname": names.1});
    let name = render::name(Some(&user));
    Ok(Json(json!({
        "message": format!("User {name} has been promoted to admin."),
        "user": account(&user, email.as_str(), &profile),
    })))
}

pub(super) async fn block_or_unblock(
    services: Data<Services>,
    caller: Person,
    id: Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let actor = Actor::admin(&caller.0).map_err(|_| forbidden())?;
    let id: UserId = id_in(&id)?;
    services.admin.user(actor, id).await.map_err(refused)?;
    let active = match sent.0.maybe_text("action") {
        Ok(Some("block")) => false,
        Ok(Some("unblock")) => true,
        _ => {
            let body = json!({"error": "Invalid action. Use \"block\" or \"unblock\"."});
            return Err(Refused::of(StatusCode::BAD_REQUEST, body));
        }
    };
    let update = AccountUpdate { active: Some(active), ..AccountUpdate::default() };
    let name = render::name(Some(&updated(services, actor, id, update).await?.user));
    let (done, status) = if active { ("unblocked", "active") } else { ("blocked", "blocked") };
    Ok(Json(json!({"message": format!("User {name} - {done} successfully"), "status": status})))
}

async fn updated(
    services: Data<Services>,
    actor: Actor,
    id: UserId,
    update: AccountUpdate<'static>,
) -> Result<Account, Refused> {
    let update = async move { services.admin.update_user(actor, id, update).await };
    http_core::to_the_end(update).await.map_err(refused)
}

fn refused(error: impl Into<Failure>) -> Refused {
    let failure = error.into();
    match failure.code {
        "user_not_found" => {
            Refused::detail(StatusCode::NOT_FOUND, "No UserModel matches the given query.")
        }
        "own_account" => Refused::of(
            StatusCode::FORBIDDEN,
            json!({"error": "Admin or superuser cannot block themselves."}),
        ),
        _ => failure.into(),
    }
}
