//! Signing in, refreshing and verifying tokens, and the caller's own account.

use super::form::Form;
use super::sign_up::shown;
use super::socket::NAME;
use super::who::{Jwt, unless_store, wrong_credentials, wrong_token};
use crate::shared::body::Sent;
use crate::shared::fields::id_of;
use crate::shared::log_in::log_in;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who::client;
use crate::texts::Dialogs;
use actix_web::web::{Data, Json, Path};
use domain::failure::Failure;
use domain::session::{Login, RefreshError, Renewal, Sessions};
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::{Value, json};

/// Signs in, and returns a pair of tokens. The client keeps the refresh token for a week and uses it
/// repeatedly, even from two tabs at once.
pub(super) async fn sign_in(
    services: Data<Services>,
    attempts: Attempts,
    device: CallingDevice,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let mut form = Form::of(&sent.0);
    let (name, password) = (form.text("username"), form.text("password"));
    form.check()?;
    let client = client(device, NAME, Renewal::Repeatedly);
    let typed = (Login::Name(&name), password.as_str());
    let signed = log_in(&services.sessions, &attempts, typed, client, wrong_credentials).await?;
    Ok(Json(json!({"refresh": signed.refresh_token, "access": signed.access_token})))
}

/// Returns a new access token; the refresh token stays the same.
pub(super) async fn refresh(sessions: Data<Sessions>, sent: Sent) -> Result<Json<Value>, Refused> {
    let mut form = Form::of(&sent.0);
    let token = form.text("refresh");
    form.check()?;
    match sessions.refresh(&token).await {
        Ok(signed) => Ok(Json(json!({"access": signed.access_token}))),
        Err(RefreshError::Store(error)) => Err(error.into()),
        Err(_) if is_access_token(&sessions, &token).await? => {
            Err(wrong_token(&Dialogs::TokenType))
        }
        Err(_) => Err(wrong_token(&Dialogs::TokenNotValid)),
    }
}

/// Whether a token of either kind is valid.
pub(super) async fn verify(sessions: Data<Sessions>, sent: Sent) -> Result<Json<Value>, Refused> {
    let mut form = Form::of(&sent.0);
    let token = form.text("token");
    form.check()?;
    if is_access_token(&sessions, &token).await? {
        return Ok(Json(json!({})));
    }
    match sessions.check_refresh_token(&token).await {
        Ok(_) => Ok(Json(json!({}))),
        Err(RefreshError::Store(error)) => Err(error.into()),
        Err(_) => Err(wrong_token(&Dialogs::TokenNotValid)),
    }
}

async fn is_access_token(sessions: &Sessions, token: &str) -> Result<bool, Refused> {
    match sessions.authenticate(token).await {
        Ok(_) => Ok(true),
        Err(error) => unless_store(error).map(|()| false),
    }
}

/// The caller's own account.
pub(super) async fn me(services: Data<Services>, caller: Jwt) -> Result<Json<Value>, Refused> {
    let account = services.users.me(&caller.0).await.map_err(Failure::from)?;
    let user = account.user;
    Ok(Json(shown(user.id.get(), user.name.as_str(), account.email.as_str())))
}

/// The list of users, which contains only the caller.
pub(super) async fn list(services: Data<Services>, caller: Jwt) -> Result<Json<Value>, Refused> {
    let Json(me) = me(services, caller).await?;
    Ok(Json(json!([me])))
}

/// A user by id. Only the caller's own id is found.
pub(super) async fn one(
    services: Data<Services>,
    caller: Jwt,
    id: Path<String>,
) -> Result<Json<Value>, Refused> {
    if id_of(&id) != Some(caller.0.user) {
        return Err(Refused::not_found());
    }
    me(services, caller).await
}
