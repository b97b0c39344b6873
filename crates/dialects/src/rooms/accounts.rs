//! Signing in, tokens, and the caller's role.

use super::render;
use super::who::{Person, is_refresh_token, token_type, unauthorized};
use super::wrong::Wrong;
use crate::shared::body::Sent;
use crate::shared::log_in;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use crate::shared::who;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use domain::failure::Failure;
use domain::session::{Login, RefreshError, Renewal, Sessions, SignedIn};
use domain::user::AccountRole;
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::{Value, json};

/// Signs in. A token in the request is ignored, because the client sends its old one.
pub(super) async fn log_in(
    services: Data<Services>,
    attempts: Attempts,
    device: CallingDevice,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let mut wrong = Wrong::default();
    let typed = (wrong.text(&sent.0, "email"), wrong.text(&sent.0, "password"));
    let (Some(email), Some(password)) = typed else { return Err(wrong.into()) };
    // The client never replaces its first refresh token.
    let client = who::client(device, render::NAME, Renewal::Repeatedly);
    let refuse =
        || unauthorized(json!({"detail": "No active account found with the given credentials"}));
    let typed = (Login::Email(&email), password.as_str());
    log_in::log_in(&services.sessions, &attempts, typed, client, refuse).await.map(tokens)
}

fn tokens(SignedIn { access_token, refresh_token, .. }: SignedIn) -> Json<Value> {
    Json(json!({"refresh": refresh_token, "access": access_token}))
}

pub(super) async fn refresh(sessions: Data<Sessions>, sent: Sent) -> Result<Json<Value>, Refused> {
    let mut wrong = Wrong::default();
    let Some(token) = wrong.text(&sent.0, "refresh") else { return Err(wrong.into()) };
    match sessions.refresh(&token).await {
        Ok(signed) => Ok(tokens(signed)),
        Err(RefreshError::Invalid | RefreshError::Reused) => Err(not_renewed(&sessions, &token)),
        Err(error) => Err(Failure::from(error).into()),
    }
}

/// The refusal of a refresh token. After a 401 the client would ask again, at once and for ever. So a token
/// that was valid once is refused with 400, on which the client drops its tokens.
fn not_renewed(sessions: &Sessions, token: &str) -> Refused {
    let body = |detail| json!({"detail": detail, "code": "token_not_valid"});
    if is_refresh_token(sessions, token) {
        return Refused::of(StatusCode::BAD_REQUEST, body("Token is blacklisted"));
    }
    let is_other = matches!(token_type(token).as_deref(), Some("access" | "socket"));
    unauthorized(body(if is_other { "Token has wrong type" } else { "Token is invalid" }))
}

/// A ticket, with which one socket can be opened within seconds.
pub(super) async fn socket_token(
    services: Data<Services>,
    caller: Person,
) -> Result<Json<Value>, Refused> {
    let ticket = services.sessions.issue_ticket(&caller.0).await.map_err(Failure::from)?;
    Ok(Json(json!({"token": ticket.0})))
}

/// The roles by which the client chooses its landing page.
pub(super) async fn site_role(caller: Person) -> Json<Value> {
    let role = caller.0.role;
    Json(json!({
        "is_staff": role == AccountRole::Admin,
        "is_user": true,
        "is_seller": role.as_str() == "seller",
        "is_auto_salon_member": role.as_str() == "salon_member",
    }))
}

/// The answer to activation links. Accounts are active from the start, so every link counts as used.
pub(super) async fn activate() -> Result<Json<Value>, Refused> {
    Err(unauthorized(json!({"details": "JWT expired or invalid"})))
}
