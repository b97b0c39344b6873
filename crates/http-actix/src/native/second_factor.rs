//! The caller's second factor, and stepping up.

use super::Operations;
use super::wire::{BegunSecondFactor, Code, Proof, ProofOfPassword, RecoveryCodes};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, post};
use domain::failure::Failure;
use domain::service_key::KeyAccess;
use domain::session::Sessions;
use http_core::auth::SignedIn;
use http_core::body::Body;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::LogIn, KeyAccess::Closed, begin)
        .counted(Class::LogIn, KeyAccess::Closed, confirm)
        .counted(Class::LogIn, KeyAccess::Closed, turn_off)
        .counted(Class::LogIn, KeyAccess::Closed, renew_recovery_codes)
        .counted(Class::LogIn, KeyAccess::Closed, step_up);
}

/// Begin a second factor: a secret for an authenticator app. Nothing is asked for until a code confirms it.
#[utoipa::path(
    tag = "users",
    request_body = ProofOfPassword,
    responses((status = 201, body = BegunSecondFactor), Refusals)
)]
#[post("/users/me/second-factor")]
async fn begin(
    sessions: Data<Sessions>,
    caller: SignedIn,
    body: Body<ProofOfPassword>,
) -> Result<HttpResponse, Problem> {
    let begun = sessions.begin_second_factor(&caller.0, &body.0.password).await;
    let begun = BegunSecondFactor::from(begun.map_err(Failure::from)?);
    Ok(HttpResponse::Created().json(begun))
}

/// Turn your second factor on, with a code of the app. The recovery codes are shown this once.
#[utoipa::path(
    tag = "users",
    request_body = Code,
    responses((status = 200, body = RecoveryCodes), Refusals)
)]
#[post("/users/me/second-factor/confirm")]
async fn confirm(
    sessions: Data<Sessions>,
    caller: SignedIn,
    body: Body<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let codes = sessions.confirm_second_factor(&caller.0, &body.0.code).await;
    Ok(Json(RecoveryCodes::from(codes.map_err(Failure::from)?)))
}

/// Turn your second factor off, with the password and a code or a recovery code.
#[utoipa::path(
    tag = "users",
    request_body = Proof,
    responses((status = 204, description = "It is off."), Refusals)
)]
#[delete("/users/me/second-factor")]
async fn turn_off(
    sessions: Data<Sessions>,
    caller: SignedIn,
    body: Body<Proof>,
) -> Result<HttpResponse, Problem> {
    let off = sessions.turn_off_second_factor(&caller.0, body.0.typed()).await;
    off.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Other recovery codes in the place of those that you have, shown this once.
#[utoipa::path(
    tag = "users",
    request_body = Proof,
    responses((status = 200, body = RecoveryCodes), Refusals)
)]
#[post("/users/me/second-factor/recovery-codes")]
async fn renew_recovery_codes(
    sessions: Data<Sessions>,
    caller: SignedIn,
    body: Body<Proof>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let codes = sessions.new_recovery_codes(&caller.0, body.0.typed()).await;
    Ok(Json(RecoveryCodes::from(codes.map_err(Failure::from)?)))
}

/// Prove once more who you are. For five minutes this session may do what is refused with `step_up_required`.
#[utoipa::path(
    tag = "auth",
    request_body = Proof,
    responses((status = 204, description = "It is proved."), Refusals)
)]
#[post("/auth/step-up")]
async fn step_up(
    sessions: Data<Sessions>,
    caller: SignedIn,
    body: Body<Proof>,
) -> Result<HttpResponse, Problem> {
    sessions.step_up(&caller.0, body.0.typed()).await.map_err(Failure::from)?;
    Ok(HttpResponse::NoContent().finish())
}
