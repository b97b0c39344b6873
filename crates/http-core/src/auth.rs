//! Who may call.

use crate::credential::{any_token, bearer};
use crate::keys;
use crate::problem::Problem;
use crate::rate_limit::RateLimits;
use crate::sampled;
use actix_web::dev::{Payload, RequestHead};
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpRequest};
use domain::admin::Actor;
use domain::failure::Failure;
use domain::service_key::KeyToken;
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
            if KeyToken::is_meant(&token) {
                return Ok(Self(keys::caller(&authenticator.request).await?));
            }
            let caller = authenticator.sessions.authenticate(&token).await;
            Ok(Self(authenticator.pass(caller).await?))
        })
    }
}

/// What it takes to let somebody in.
struct Authenticator {
    sessions: Data<Sessions>,
    limits: Data<RateLimits>,
    request: HttpRequest,
}

impl Authenticator {
    fn of(request: &HttpRequest) -> Self {
        let sessions = request.app_data::<Data<Sessions>>().cloned();
        let limits = request.app_data::<Data<RateLimits>>().cloned();
        Self {
            sessions: sessions.expect("`Access::register` hands the sessions to the app"),
            limits: limits.expect("`Access::register` hands the limits to the app"),
            request: request.clone(),
        }
    }

    /// Counts what a caller does, now that it is known who they are.
    async fn pass(&self, caller: Result<Caller, AuthError>) -> Result<Caller, Problem> {
        let caller = caller.map_err(Failure::from)?;
        keys::refuse_acting(&self.request)?;
        self.limits.admit(&self.request, caller.user).await?;
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
        let (token, key) =
            (any_token(request).map(str::to_owned), query_value(request.head(), "key"));
        Box::pin(async move {
            let caller = match (token, key) {
                (Some(token), _) if KeyToken::is_meant(&token) => {
                    return Ok(Self(keys::caller(&authenticator.request).await?));
                }
                (Some(token), _) => authenticator.sessions.recognise(&token).await,
                (None, Some(key)) => authenticator.sessions.authenticate_media_key(&key).await,
                (None, None) => Err(AuthError::Missing),
            };
            Ok(Self(authenticator.pass(caller).await?))
        })
    }
}

/// Somebody who may have a file: a [`Viewer`], or whoever has a link to it.
pub enum Holder {
    /// Somebody who proved who they are.
    Viewer(Caller),
    /// Whoever has a link with this key.
    Link(String),
}

impl FromRequest for Holder {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if let Some(key) = query_value(request.head(), "link") {
            return Box::pin(async move { Ok(Self::Link(key)) });
        }
        let viewer = Viewer::from_request(request, payload);
        Box::pin(async move { Ok(Self::Viewer(viewer.await?.0)) })
    }
}

/// A value in the address, for what cannot set a header.
pub fn query_value(head: &RequestHead, name: &str) -> Option<String> {
    let query = head.uri.query().unwrap_or_default();
    let query = Query::<Vec<(String, String)>>::from_query(query);
    let query = query.map(Query::into_inner).unwrap_or_default();
    query.into_iter().find(|(named, _)| named == name).map(|(_, value)| value)
}

/// What the caller's device says it is.
pub struct CallingDevice(pub Device);

impl FromRequest for CallingDevice {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(calling_device(request))))
    }
}

/// What a request says that it was sent by.
pub(crate) fn calling_device(request: &HttpRequest) -> Device {
    let said = request.headers().get(actix_web::http::header::USER_AGENT);
    Device::new(said.and_then(|value| value.to_str().ok()).unwrap_or_default())
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

    /// Whether the page that asks may, if it is one: to open a socket, or what only this server's own
    /// pages do. A browser says which page it is, and nothing else keeps other pages out; a program
    /// that is no browser says nothing.
    pub fn permit(&self, request: &HttpRequest) -> bool {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let host = header(HOST.as_str()).unwrap_or_default();
        let (permitted, origin) = match request.headers().get(ORIGIN) {
            None => (header(FETCH_SITE) != Some("cross-site"), ""),
            Some(origin) => {
                let origin = origin.to_str().unwrap_or_default();
                (is_at(origin, host) || self.allow(origin), origin)
            }
        };
        if !permitted && sampled::FOREIGN_PAGES.is_written() {
            let (origin, host) = (sampled::cut(origin), sampled::cut(host));
            tracing::warn!(
                origin,
                host,
                "refused a page of another origin; a proxy in front must pass on `Host`"
            );
        }
        permitted
    }

    fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

/// Where a request comes from in the words of the browser, in the place of an `Origin`.
const FETCH_SITE: &str = "sec-fetch-site";

/// Whether an origin is this host, which a proxy may write with the port that is its scheme's anyway.
fn is_at(origin: &str, host: &str) -> bool {
    let Some((scheme, from)) = origin.split_once("://") else { return false };
    let default = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let bare = |host| str::strip_suffix(host, default).unwrap_or(host);
    !bare(from).is_empty() && bare(from).eq_ignore_ascii_case(bare(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_page_is_of_this_server_whether_or_not_its_port_is_said() {
        for (origin, host) in [
            ("https://chat.example.org", "chat.example.org"),
            ("https://chat.example.org", "chat.example.org:443"),
            ("https://Chat.Example.org:443", "chat.example.org"),
            ("http://chat.example.org", "chat.example.org:80"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("https://[2001:db8::1]", "[2001:db8::1]:443"),
        ] {
            assert!(is_at(origin, host), "{origin} at {host}");
        }
        for (origin, host) in [
            ("https://chat.example.org", "chat.example.org:80"),
            ("http://chat.example.org", "chat.example.org:443"),
            ("https://chat.example.org", "chat.example.org:8443"),
            ("https://chat.example.org:8443", "chat.example.org"),
            ("https://evil.example", "chat.example.org:443"),
            ("https://chat.example.org.evil.example", "chat.example.org"),
            ("https://evil.example:443", "chat.example.org:443"),
            ("null", "chat.example.org"),
            ("https://", ""),
            ("https://:443", ":443"),
            ("", ""),
        ] {
            assert!(!is_at(origin, host), "{origin} at {host}");
        }
    }

    #[test]
    fn a_page_that_says_no_origin_says_at_least_that_it_is_another() {
        let permitted = |headers: &[(&'static str, &str)]| {
            let request = headers.iter().fold(TestRequest::default(), |r, h| r.insert_header(*h));
            let request = request.insert_header((HOST, "chat.example.org")).to_http_request();
            Origins::new(vec!["https://front.example".to_owned()]).permit(&request)
        };
        for good in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://front.example"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(permitted(good), "{good:?}");
        }
        for bad in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(!permitted(bad), "{bad:?}");
        }
    }
}
