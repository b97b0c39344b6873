//! Registration at a path that two dialects share: the body tells which one is meant.

use super::body::Sent;
use super::fields::Fields;
use super::http::host_of;
use super::place::Place;
use super::refusal::Refused;
use super::services::data;
use actix_web::web::post;
use actix_web::{HttpRequest, HttpResponse, Route};
use futures_util::future::LocalBoxFuture;

/// The path.
pub(crate) const PATH: &str = "/auth/users";

/// What a dialect does at [`PATH`].
#[derive(Clone, Copy)]
pub(crate) struct SignUp {
    /// Whether a body is for this dialect, where it might be for another.
    pub(crate) takes: fn(&Fields) -> bool,
    /// Makes the account.
    pub(crate) make: fn(HttpRequest, Fields) -> LocalBoxFuture<'static, Answer>,
}

type Answer = Result<HttpResponse, Refused>;

/// The dialects that register at [`PATH`], each with the place that it is served at.
pub(crate) struct SignUps(Vec<(Place, SignUp)>);

impl SignUps {
    /// From these dialects.
    pub(crate) fn new(all: Vec<(Place, SignUp)>) -> Self {
        Self(all)
    }

    /// The dialects that may be meant by a request. A dialect with a host or a prefix of its own is alone there.
    fn asked(&self, request: &HttpRequest) -> Vec<SignUp> {
        let is_asked = |place: &Place| match place {
            Place::Shared => false,
            Place::Host(host) => host_of(request.head()).as_ref() == Some(host),
            Place::Prefix(prefix) => request.path().starts_with(prefix.as_str()),
        };
        let all = self.0.iter();
        let own: Vec<_> = all.clone().filter(|(place, _)| is_asked(place)).collect();
        let shared = all.filter(|(place, _)| *place == Place::Shared);
        let asked = if own.is_empty() { shared.collect() } else { own };
        asked.into_iter().map(|(_, sign_up)| *sign_up).collect()
    }
}

/// The route of all dialects that register here.
pub(crate) fn route() -> Route {
    post().to(sign_up)
}

async fn sign_up(request: HttpRequest, sent: Sent) -> Answer {
    let served = data::<SignUps>(&request).asked(&request);
    if let Some(taken) = served.iter().find(|one| (one.takes)(&sent.0)) {
        return (taken.make)(request, sent.0).await;
    }
    // No dialect recognises the body. Each refuses it in its own words, and the client finds its own among them.
    let mut refused: Option<Refused> = None;
    for one in served {
        let refusal = match (one.make)(request.clone(), sent.0.clone()).await {
            Ok(made) => return Ok(made),
            Err(refusal) => refusal,
        };
        refused = Some(match refused {
            Some(first) => first.and(refusal),
            None => refusal,
        });
    }
    Err(refused.unwrap_or_else(Refused::not_found))
}
