//! Who calls a dialect.

use super::refusal::Refused;
use super::services::data;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::{Caller, Sessions};
use futures_util::future::LocalBoxFuture;
use http_core::auth::{any_token, query_value};
use http_core::rate_limit::{Arrival, RateLimits};

/// Somebody who proved who they are, and has not done this too often.
pub(crate) struct Known(pub(crate) Caller);

impl FromRequest for Known {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (sessions, limits) = (data::<Sessions>(request), data::<RateLimits>(request));
        let arrival = Arrival::of(request);
        let token = any_token(request).map(str::to_owned);
        Box::pin(async move {
            let caller = sessions.recognise(&token.ok_or_else(nobody)?).await;
            let caller = caller.map_err(Failure::from)?;
            limits.admit(&arrival, caller.user)?;
            Ok(Self(caller))
        })
    }
}

/// What is answered to a request without a token.
pub(crate) fn nobody() -> Refused {
    let detail = "Authentication credentials were not provided.";
    Refused::detail(StatusCode::UNAUTHORIZED, detail)
}

/// The token that a socket is opened with: from the header, or from the address.
pub(crate) fn of_socket(request: &HttpRequest) -> Option<String> {
    any_token(request).map(str::to_owned).or_else(|| query_value(request, "token"))
}
