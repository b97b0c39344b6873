//! Authentication, and which web pages may call.

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
use domain::failure::{Failure, Kind};
use domain::service_key::KeyToken;
use domain::session::{AuthError, Caller, Device, Sessions};
use futures_util::future::LocalBoxFuture;
use std::future::{Ready, ready};

/// A caller who was authenticated by an access token or a service key in the `Authorization` header, and is
/// within the rate limits. For a request that only reads, what another node did to the session or its account in the
/// last half second may be unknown; see [`Sessions::authenticate_to_read`].
pub struct SignedIn(pub Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let only_reads = request.method().is_safe();
        let authenticator = Authenticator::of(request);
        Box::pin(async move { Ok(Self(authenticator.signed_in(only_reads).await?)) })
    }
}

/// As [`SignedIn`], for what depends on the caller's role or proofs, or shows them: nothing is unknown.
pub struct SignedInNow(pub Caller);

impl FromRequest for SignedInNow {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authenticator = Authenticator::of(request);
        Box::pin(async move { Ok(Self(authenticator.signed_in(false).await?)) })
    }
}

/// The person who signed a request, if one did. It is counted where their request is handled.
pub(crate) async fn known(request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    let Some(token) = bearer(request).filter(|token| !KeyToken::is_meant(token)) else {
        return Ok(None);
    };
    match Authenticator::of(request).sessions.authenticate(token).await {
        Ok(caller) => Ok(Some(caller)),
        Err(error) => match Failure::from(error) {
            refused if refused.kind == Kind::Unauthenticated => Ok(None),
            failure => Err(failure.into()),
        },
    }
}

/// What authentication needs of a request.
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

    /// The caller by an access token or a service key.
    async fn signed_in(&self, only_reads: bool) -> Result<Caller, Problem> {
        let token = bearer(&self.request).ok_or_else(|| Failure::from(AuthError::Missing))?;
        if KeyToken::is_meant(token) {
            return keys::caller(&self.request).await;
        }
        let caller = match only_reads {
            true => self.sessions.authenticate_to_read(token).await,
            false => self.sessions.authenticate(token).await,
        };
        self.pass(caller).await
    }

    /// Counts the request against the limits of its account. Refuses `Confab-Act-As`, which only service keys
    /// may use.
    async fn pass(&self, caller: Result<Caller, AuthError>) -> Result<Caller, Problem> {
        let caller = caller.map_err(Failure::from)?;
        keys::refuse_acting(&self.request)?;
        self.limits.admit(&self.request, caller.user).await?;
        Ok(caller)
    }
}

/// A caller who is an admin, with the second factor if the settings ask admins for one.
pub struct Admin(pub Actor);

impl FromRequest for Admin {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = SignedInNow::from_request(request, payload);
        Box::pin(async move { Ok(Self(Actor::admin(&caller.await?.0).map_err(Failure::from)?)) })
    }
}

/// A caller who was authenticated by a key for media in the URL, which browsers need for pictures, or by any
/// kind of token: dialects give out these URLs, too.
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

/// Who asks for a file: a [`Viewer`], or anybody who has a link to it.
pub enum Holder {
    /// An authenticated caller.
    Viewer(Caller),
    /// Somebody with a link that has this key. It is not checked yet.
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

/// The first value of that name in the query, for clients that cannot set a header.
pub fn query_value(head: &RequestHead, name: &str) -> Option<String> {
    let query = head.uri.query().unwrap_or_default();
    let query = Query::<Vec<(String, String)>>::from_query(query);
    let query = query.map(Query::into_inner).unwrap_or_default();
    query.into_iter().find(|(named, _)| named == name).map(|(_, value)| value)
}

/// The caller's device, by its `User-Agent`.
pub struct CallingDevice(pub Device);

impl FromRequest for CallingDevice {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(calling_device(request))))
    }
}

/// The device that a request says it was sent by; empty if it says nothing, or nothing that is text.
pub(crate) fn calling_device(request: &HttpRequest) -> Device {
    let said = request.headers().get(actix_web::http::header::USER_AGENT);
    Device::new(said.and_then(|value| value.to_str().ok()).unwrap_or_default())
}

/// The web pages that may call from a browser, besides this server's own.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// These origins, each as a browser writes it: `https://chat.example.org`.
    pub fn new(allowed: Vec<String>) -> Self {
        Self(allowed)
    }

    /// The origins that were named.
    pub fn allowed(&self) -> &[String] {
        &self.0
    }

    /// Whether the web page that sent a request may do so, if a page sent it. This protects what browsers let
    /// any page do, such as opening a socket or sending a form. A browser always names the page's origin; a
    /// request without one is from another program, and permitted.
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

/// The header by which a browser says whether another site sent the request, also where it sends no `Origin`.
const FETCH_SITE: &str = "sec-fetch-site";

/// Whether an origin is this host. A proxy may write the host with the default port of the scheme, and
/// browsers never do.
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
