//! Authenticating requests, as the original's framework does.

use super::refuse;
use crate::shared::refusal::Refused;
use crate::shared::services::{Services, data};
use crate::texts::Minichat;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use domain::session::{Caller, Sessions};
use futures_util::future::LocalBoxFuture;
use http_core::rate_limit::RateLimits;

/// An authenticated caller. The request also keeps a caller without a socket online.
pub(super) struct Here(pub(super) Caller);

/// For routes that need no token; an invalid token is refused, too.
pub(super) struct Anybody;

impl FromRequest for Here {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (services, limits) = (data::<Services>(request), data::<RateLimits>(request));
        let request = request.clone();
        Box::pin(async move {
            let caller = caller(&request).await?.ok_or_else(refuse::nobody)?;
            limits.admit(&request, caller.user).await?;
            services.presence.stay(caller.user);
            Ok(Self(caller))
        })
    }
}

impl FromRequest for Anybody {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await.map(|_| Self) })
    }
}

/// The caller of the header's token; `None` if there is no header, or one with another scheme.
async fn caller(request: &HttpRequest) -> Result<Option<Caller>, Refused> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let mut words = header.unwrap_or_default().split_whitespace();
    if !words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")) {
        return Ok(None);
    }
    let (Some(token), None) = (words.next(), words.next()) else {
        return Err(refuse::unauthorized(Minichat::TokenAlone, "bad_authorization_header"));
    };
    let caller = data::<Sessions>(request).recognise(token).await;
    caller.map(Some).map_err(|error| refuse::of_token(token, error))
}
