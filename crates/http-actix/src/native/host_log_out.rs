//! Hosts that tell of somebody who logged out there.

use super::Operations;
use super::wire::{LogOutToken, OAuthError};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse, post};
use domain::failure::{Failure, Kind};
use domain::service_key::KeyAccess;
use domain::session::Sessions;
use http_core::body;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

pub(super) fn configure(api: &mut impl Operations) {
    api.counted(Class::LogIn, KeyAccess::Closed, log_out);
}

/// End the sessions of somebody who logged out at the host (OpenID Connect Back-Channel Logout 1.0).
#[utoipa::path(
    tag = "auth",
    security(()),
    request_body(content = LogOutToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "They have ended."),
        (status = 400, body = OAuthError),
        Refusals
    )
)]
#[post("/auth/backchannel-logout")]
async fn log_out(
    sessions: Data<Sessions>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::gather(payload).await?;
    let Some(token) = token_of(&request, &form) else {
        let detail = "A form with logout_token is needed.".to_owned();
        return Ok(wrong(detail));
    };
    match to_the_end(async move { sessions.log_out_by_host(&token).await }).await {
        Ok(()) => Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish()),
        Err(failure) => refused(failure),
    }
}

fn token_of(request: &HttpRequest, form: &[u8]) -> Option<String> {
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next()?.trim();
    let is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    let form = std::str::from_utf8(form).ok().filter(|_| is_form)?;
    let form = Query::<LogOutToken>::from_query(form).ok()?;
    Some(form.into_inner().logout_token)
}

fn wrong(detail: String) -> HttpResponse {
    let no_store = (CACHE_CONTROL, "no-store");
    HttpResponse::BadRequest().insert_header(no_store).json(OAuthError::new(detail))
}

/// What is wrong with the token is said as OAuth does; everything else as anywhere.
fn refused(failure: Failure) -> Result<HttpResponse, Problem> {
    match failure.kind {
        Kind::Invalid | Kind::Unauthenticated => Ok(wrong(failure.detail)),
        _ => Err(failure.into()),
    }
}
