//! Signing in with OpenID providers.
//!
//! A provider sends the browser back to the page, which hands over what it was given and gets tokens as from any other
//! sign-in. So no token is in an address, and a refusal is told by the page.

use super::Operations;
use super::accounts::signed_in;
use super::wire::{self, BeginQuery, ProviderReturn, SignInWays};
use actix_web::http::Uri;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, LOCATION, SET_COOKIE};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, post};
use domain::failure::{Failure, Kind};
use domain::host::ProviderError;
use domain::limits::PROVIDER_ATTEMPT_LIFE;
use domain::service_key::KeyAccess;
use domain::session::{ReturnFromProvider, Sessions};
use http_core::NATIVE_ROOT;
use http_core::attempts::Attempts;
use http_core::auth::CallingDevice;
use http_core::body::Body;
use http_core::credential;
use http_core::metrics::exchanged;
use http_core::problem::{Problem, Refusals};
use http_core::rate_limit::Class;
use http_core::to_the_end;

/// What a browser keeps until it comes back from a provider.
const COOKIE_NAME: &str = "confab-sign-in";

pub(super) fn configure(api: &mut impl Operations) {
    api.service(KeyAccess::Closed, ways)
        .service(KeyAccess::Closed, begin)
        .counted(Class::LogIn, KeyAccess::Closed, finish)
        .service(KeyAccess::Closed, log_out);
}

/// How people sign in: whether by passwords, and with which identity providers. It needs no token.
#[utoipa::path(tag = "auth", security(()), responses((status = 200, body = SignInWays), Refusals))]
#[get("/auth/ways")]
async fn ways(sessions: Data<Sessions>) -> Json<SignInWays> {
    Json(SignInWays::new(sessions.passwords(), sessions.providers()))
}

/// Send a browser to an identity provider to sign in. The provider sends it back to the page.
#[utoipa::path(
    tag = "auth",
    security(()),
    params(("provider" = String, Path), BeginQuery),
    responses((status = 303, description = "The provider, or the page with what went wrong."), Refusals)
)]
#[get("/auth/oidc/{provider}")]
async fn begin(
    sessions: Data<Sessions>,
    provider: Path<String>,
    query: Query<BeginQuery>,
) -> Result<HttpResponse, Problem> {
    let page = page(&sessions)?;
    match sessions.begin_at_provider(&provider, query.again).await {
        Ok(begun) => {
            let cookie = cookie(page, &begun.kept, PROVIDER_ATTEMPT_LIFE.as_secs());
            Ok(sent_to(&begun.address).insert_header(cookie).finish())
        }
        Err(why @ ProviderError::Unknown) => Err(Failure::from(why).into()),
        Err(why) => Ok(sent_to(&format!("{page}/#/sign-in/{}", why.code())).finish()),
    }
}

/// Sign in with what an identity provider gave the browser, in which the sign-in was begun. At first sight it makes an
/// account.
#[utoipa::path(
    tag = "auth",
    security(()),
    params(("provider" = String, Path)),
    request_body = ProviderReturn,
    responses((status = 200, body = wire::SignedIn), Refusals)
)]
#[post("/auth/oidc/{provider}")]
async fn finish(
    sessions: Data<Sessions>,
    attempts: Attempts,
    (provider, request): (Path<String>, HttpRequest),
    device: CallingDevice,
    body: Body<ProviderReturn>,
) -> Result<HttpResponse, Problem> {
    let page = page(&sessions)?.to_owned();
    let kept = credential::cookie(request.head(), COOKIE_NAME).map(str::to_owned);
    let (client, address) = (device.0.into(), attempts.ip());
    let signed = to_the_end(async move {
        let ProviderReturn { state, code, error, iss } = body.0;
        let answer = match (code.as_deref(), error.as_deref()) {
            (Some(code), None) => Ok(code),
            (None, Some(error)) => Err(error),
            _ => return Err(either_is_needed()),
        };
        let (state, kept, issuer, provider) = (&state, kept.as_deref(), iss.as_deref(), &provider);
        let back = ReturnFromProvider { provider, kept, state, answer, issuer, client, address };
        exchanged(sessions.finish_at_provider(back).await).map_err(Failure::from)
    });
    let signed = signed_in(signed.await?);
    Ok(HttpResponse::Ok().insert_header(cookie(&page, "", 0)).json(signed))
}

/// Send a browser to an identity provider to end its session there. The provider sends it back to the page.
#[utoipa::path(
    tag = "auth",
    security(()),
    params(("provider" = String, Path)),
    responses((status = 303, description = "The provider, or the page if it has no log-out."), Refusals)
)]
#[get("/auth/oidc/{provider}/log-out")]
async fn log_out(
    sessions: Data<Sessions>,
    provider: Path<String>,
) -> Result<HttpResponse, Problem> {
    let page = page(&sessions)?;
    match sessions.log_out_at_provider(&provider).await {
        Ok(address) => Ok(sent_to(&address).finish()),
        Err(why @ ProviderError::Unknown) => Err(Failure::from(why).into()),
        Err(why) => Ok(sent_to(&format!("{page}/#/sign-in/{}", why.code())).finish()),
    }
}

fn page(sessions: &Sessions) -> Result<&str, Failure> {
    sessions.page_address().ok_or_else(|| ProviderError::Unknown.into())
}

fn either_is_needed() -> Failure {
    Failure::new(Kind::Invalid, "invalid", "Either code or error is needed.")
}

fn sent_to(address: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, address)).insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// For the browser alone, and only for what this file serves. A provider's way back is a navigation from elsewhere, and
/// what is sent after it comes from the page itself.
fn cookie(page: &str, value: &str, seconds: u64) -> (HeaderName, String) {
    let path = page.parse::<Uri>().map(|uri| uri.path().trim_end_matches('/').to_owned());
    let path = format!("{}{NATIVE_ROOT}/auth/oidc", path.unwrap_or_default());
    let secure = if page.starts_with("https:") { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    );
    (SET_COOKIE, cookie)
}
