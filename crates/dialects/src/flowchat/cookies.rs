//! The cookies of a log-in. `sessionid` is a key for sockets: browsers cannot send a header with them.
//! Nothing but a socket accepts it, so no forged request can use it.

use super::refusals::log_in_again;
use super::words::NAME;
use crate::shared::http::query_value;
use crate::shared::refusal::Refused;
use crate::shared::services::Services;
use actix_web::guard::GuardContext;
use actix_web::http::header::{AUTHORIZATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponseBuilder};
use domain::clock::{Clock, SystemClock};
use domain::failure::{Failure, Kind};
use domain::limits::SOCKET_KEY_LIFE;
use domain::session::{Caller, Protocol};
use http_core::credential::cookie;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

const SESSION: &str = "sessionid";
/// The original sets it, so this does. Nothing here checks it: no request but a socket is authenticated by a
/// cookie.
const CSRF: &str = "csrftoken";
/// 52 weeks, as in the original.
const CSRF_SECONDS: u64 = 31_449_600;
/// A cookie that is older than this is renewed.
const RENEWED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A guard: the request has the cookie and no token. A socket with a token is for another dialect.
pub(super) fn is_the_only_key(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    cookie(head, SESSION).is_some()
        && query_value(head, "token").is_none()
        && !head.headers().contains_key(AUTHORIZATION)
}

/// The caller by the cookie of a request. If it is missing or invalid, the refusal asks to log in again.
pub(super) async fn owner(services: &Services, request: &HttpRequest) -> Result<Caller, Refused> {
    let key = cookie(request.head(), SESSION).ok_or_else(log_in_again)?;
    let known = services.sessions.authenticate_socket_key(key, &Protocol::new(NAME)).await;
    known.map(|(caller, _)| caller).map_err(|error| {
        let failure = Failure::from(error);
        if failure.kind == Kind::Unauthenticated { log_in_again() } else { failure.into() }
    })
}

/// Sets both cookies for somebody who has just signed in.
pub(super) async fn set(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
) -> Result<(), Failure> {
    let key = services.sessions.socket_key(caller).await?;
    let seconds = SOCKET_KEY_LIFE.as_secs();
    add(request, response, &format!("{SESSION}={key}; HttpOnly; Max-Age={seconds}"));
    // It needs to look right and not to be unpredictable, see `CSRF`.
    let random = || RandomState::new().build_hasher().finish();
    let value = format!("{:016x}{:016x}", random(), random());
    add(request, response, &format!("{CSRF}={value}; Max-Age={CSRF_SECONDS}"));
    Ok(())
}

/// Sets the cookies again for somebody who loads the page with the token of a log-in, if the cookies are
/// missing, for another session, or getting old. The page keeps its token for ever, so it never logs in
/// again, and needs the cookie for its sockets.
pub(super) async fn renew(
    services: &Services,
    caller: &Caller,
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
) -> Result<(), Failure> {
    let protocol = Protocol::new(NAME);
    if caller.protocol != protocol {
        return Ok(());
    }
    let renews = match cookie(request.head(), SESSION) {
        Some(key) => match services.sessions.authenticate_socket_key(key, &protocol).await {
            Ok((owner, end)) => {
                let left = end.since(SystemClock.now());
                owner.session != caller.session || left + RENEWED_AFTER < SOCKET_KEY_LIFE
            }
            Err(_) => true,
        },
        // `Sec-Fetch-Site` comes from browsers only; other clients would not keep the cookie, and each
        // request would make a new one.
        None => request.headers().get("sec-fetch-site").is_some_and(|site| site == "same-origin"),
    };
    if renews { set(services, caller, request, response).await } else { Ok(()) }
}

/// Removes both cookies.
pub(super) fn clear(request: &HttpRequest, response: &mut HttpResponseBuilder) {
    add(request, response, &format!("{SESSION}=; HttpOnly; Max-Age=0"));
    add(request, response, &format!("{CSRF}=; Max-Age=0"));
}

fn add(request: &HttpRequest, response: &mut HttpResponseBuilder, cookie: &str) {
    let secure = if request.connection_info().scheme() == "https" { "; Secure" } else { "" };
    response.append_header((SET_COOKIE, format!("{cookie}; Path=/; SameSite=Lax{secure}")));
}
