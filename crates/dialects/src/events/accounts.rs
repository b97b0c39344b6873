//! Signing in and out, and staying signed in.

use super::caller::{self, Known};
use super::form::Form;
use super::said::{error, ru};
use super::socket::NAME;
use crate::shared::body::Sent;
use crate::shared::log_in;
use crate::shared::refusal::Refused;
use crate::shared::who;
use crate::texts::Events;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use domain::failure::Failure;
use domain::session::{AuthError, Login, RefreshError, Renewal, Sessions};
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use serde_json::{Value, json};

pub(super) async fn log_in(
    sessions: Data<Sessions>,
    attempts: Attempts,
    device: CallingDevice,
    sent: Sent,
) -> Result<Json<Value>, Refused> {
    let mut form = Form::of(&sent.0);
    let (email, password) = (form.text("email"), form.text("password"));
    form.done()?;
    let client = who::client(device, NAME, Renewal::Once);
    // Clients have their own text for a 401, and none for other statuses.
    let refuse = || Refused::detail(StatusCode::UNAUTHORIZED, ru(Events::NoSuchLogin));
    let typed = (Login::Email(email), password);
    let signed = log_in::log_in(&sessions, &attempts, typed, client, refuse).await?;
    Ok(Json(json!({"refresh": signed.refresh_token, "access": signed.access_token})))
}

/// Returns two new tokens, which the client stores; the old refresh token no longer works.
pub(super) async fn refresh(sessions: Data<Sessions>, sent: Sent) -> Result<Json<Value>, Refused> {
    let mut form = Form::of(&sent.0);
    let token = form.text("refresh");
    form.done()?;
    let signed = sessions.refresh_once(token).await.map_err(|error| match error {
        RefreshError::Store(error) => Failure::from(error).into(),
        RefreshError::Invalid | RefreshError::Reused => over(),
    })?;
    Ok(Json(json!({"access": signed.access_token, "refresh": signed.refresh_token})))
}

pub(super) async fn verify(sessions: Data<Sessions>, sent: Sent) -> Result<Json<Value>, Refused> {
    let mut form = Form::of(&sent.0);
    let token = form.text("token");
    form.done()?;
    match sessions.recognise(token).await {
        Ok(_) => return Ok(Json(json!({}))),
        Err(error @ AuthError::Store(_)) => return Err(caller::refusal(error)),
        Err(_) => {}
    }
    match sessions.check_refresh_token(token).await {
        Ok(_) => Ok(Json(json!({}))),
        Err(RefreshError::Store(error)) => Err(Failure::from(error).into()),
        Err(_) => Err(over()),
    }
}

/// The refusal of an invalid or expired token.
fn over() -> Refused {
    let body = json!({"detail": ru(Events::TokenOver), "code": "token_not_valid"});
    Refused::of(StatusCode::UNAUTHORIZED, body)
}

pub(super) async fn log_out(
    sessions: Data<Sessions>,
    _caller: Known,
    sent: Sent,
) -> Result<HttpResponse, Refused> {
    let Ok(Some(token)) = sent.0.maybe_text("refresh_token") else {
        return Err(error("Provide refresh_token in data"));
    };
    match sessions.log_out_with(token).await {
        Ok(_) => Ok(HttpResponse::build(StatusCode::RESET_CONTENT).finish()),
        Err(RefreshError::Store(error)) => Err(Failure::from(error).into()),
        Err(_) => Ok(HttpResponse::BadRequest().finish()),
    }
}
