//! Making an account at an address that two dialects have: what is in the body tells them apart.

use super::body::Sent;
use super::fields::Fields;
use super::refusal::Refused;
use super::services::data;
use crate::Dialects;
use actix_web::web::post;
use actix_web::{HttpRequest, HttpResponse, Route};
use futures_util::future::LocalBoxFuture;

/// Where accounts are made.
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

/// The route of all dialects that make accounts here.
pub(crate) fn route() -> Route {
    post().to(sign_up)
}

async fn sign_up(request: HttpRequest, sent: Sent) -> Answer {
    let served = data::<Dialects>(&request).sign_ups(&request);
    // A body that is nobody's is refused in the words of the last one.
    let taken = served.iter().find(|one| (one.takes)(&sent.0)).or(served.last());
    let make = taken.ok_or_else(Refused::not_found)?.make;
    make(request, sent.0).await
}
