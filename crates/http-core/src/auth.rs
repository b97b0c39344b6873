//! Who may call.

use crate::problem::Problem;
use crate::rate_limit::{Arrival, RateLimits};
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HOST, ORIGIN};
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpRequest};
use domain::admin::Actor;
use domain::failure::Failure;
use domain::session::{AuthError, Caller, Device, Sessions};
use futures_util::future::LocalBoxFuture;
use std::future::{Ready, ready};

/// Somebody who proved who they are with an access token in the `Authorization` header, and has not
/// done this too often.
pub struct SignedIn(pub Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authenticator = Authenticator::of(request);
        let token = bearer(request).map(str::to_owned);
        Box::pin(async move {
            let token = token.ok_or_else(|| Failure::from(AuthError::Missing))?;
            let caller = authenticator.sessions.authenticate(&token).await;
            Ok(Self(authenticator.pass(caller)?))
        })
    }
}

/// What it takes to let somebody in.
struct Authenticator {
    sessions: Data<Sessions>,
    limits: Data<RateLimits>,
    arrival: Arrival,
}

impl Authenticator {
    fn of(request: &HttpRequest) -> Self {
        let sessions = request.app_data::<Data<Sessions>>().cloned();
        let limits = request.app_data::<Data<RateLimits>>().cloned();
        Self {
            sessions: sessions.expect("`Access::register` hands the sessions to the app"),
            limits: limits.expect("`Access::register` hands the limits to the app"),
            arrival: Arrival::of(request),
        }
    }

    /// Counts what a caller does, now that it is known who they are.
    fn pass(&self, caller: Result<Caller, AuthError>) -> Result<Caller, Problem> {
        let caller = caller.map_err(Failure::from)?;
        self.limits.admit(&self.arrival, caller.user)?;
        Ok(caller)
    }
}

/// Somebody who proved that they are an admin.
pub struct Admin(pub Actor);

impl FromRequest for Admin {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = SignedIn::from_request(request, payload);
        Box::pin(async move { Ok(Self(Actor::admin(&caller.await?.0).map_err(Failure::from)?)) })
    }
}

/// Somebody who proved who they are with a key for media in the address, or with a token of whatever sort:
/// dialects give these addresses out too.
pub struct Viewer(pub Caller);

impl FromRequest for Viewer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authenticator = Authenticator::of(request);
        let (token, key) = (any_token(request).map(str::to_owned), query_value(request, "key"));
        Box::pin(async move {
            let caller = match (token, key) {
                (Some(token), _) => authenticator.sessions.recognise(&token).await,
                (None, Some(key)) => authenticator.sessions.authenticate_media_key(&key).await,
                (None, None) => Err(AuthError::Missing),
            };
            Ok(Self(authenticator.pass(caller)?))
        })
    }
}

/// A value in the address, for what cannot set a header.
pub fn query_value(request: &HttpRequest, name: &str) -> Option<String> {
    let query = Query::<Vec<(String, String)>>::from_query(request.query_string());
    let query = query.map(Query::into_inner).unwrap_or_default();
    query.into_iter().find(|(named, _)| named == name).map(|(_, value)| value)
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What stands before a token in the protocols of other servers.
const SCHEMES: [&str; 3] = ["bearer", "jwt", "token"];

/// The token of the `Authorization` header, whatever kind it says that it is. One of the documents
/// puts another header into the same line, so it ends at a comma.
pub fn any_token(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?.trim_start();
    let (scheme, rest) = value.split_once(' ')?;
    let token = rest.trim_start().split([',', ' ']).next().filter(|token| !token.is_empty());
    token.filter(|_| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

/// What the caller's device says it is.
pub struct CallingDevice(pub Device);

impl FromRequest for CallingDevice {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let said = request.headers().get(actix_web::http::header::USER_AGENT);
        let said = said.and_then(|value| value.to_str().ok()).unwrap_or_default();
        ready(Ok(Self(Device::new(said))))
    }
}

/// The web pages that may call from a browser, besides this server's own.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// These, each as a browser writes it: `https://chat.example.org`.
    pub fn new(allowed: Vec<String>) -> Self {
        Self(allowed)
    }

    /// Those that were named.
    pub fn allowed(&self) -> &[String] {
        &self.0
    }

    /// Whether a socket may be opened. A browser always says which page opens it, and nothing else
    /// keeps other pages out; a program that is no browser says nothing.
    pub fn permit(&self, request: &HttpRequest) -> bool {
        let Some(origin) = request.headers().get(ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let own = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let is_own = own.is_some_and(|host| {
            origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
        });
        is_own || self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_token_is_read_whatever_stands_before_it() {
        let token = |value: &str| {
            let request = TestRequest::default().insert_header((AUTHORIZATION, value));
            any_token(&request.to_http_request()).map(str::to_owned)
        };
        for good in
            ["Token abc", "Bearer abc", "JWT abc", "token  abc", "Token abc, Content-Type: x"]
        {
            assert_eq!(token(good).as_deref(), Some("abc"), "{good}");
        }
        for bad in ["abc", "Basic abc", "Token", "Token ", ""] {
            assert_eq!(token(bad), None, "{bad}");
        }
    }
}
