//! Who calls a dialect.

use super::refusal::Refused;
use crate::auth::{any_token, query_value};
use crate::rate_limit::{Arrival, RateLimits};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::{Caller, Sessions};
use futures_util::future::LocalBoxFuture;

/// Somebody who proved who they are, and has not done this too often.
pub(super) struct Known(pub(super) Caller);

impl FromRequest for Known {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sessions = request.app_data::<Data<Sessions>>().cloned();
        let limits = request.app_data::<Data<RateLimits>>().cloned();
        let Arrival { class, address } = Arrival::of(request);
        let token = any_token(request).map(str::to_owned);
        Box::pin(async move {
            let sessions = sessions.expect("`Services::register` hands the sessions to the app");
            let limits = limits.expect("`Services::register` hands the limits to the app");
            let caller = sessions.recognise(&token.ok_or_else(nobody)?).await;
            let caller = caller.map_err(Failure::from)?;
            class.map_or(Ok(()), |class| limits.check(class, caller.user, address))?;
            Ok(Self(caller))
        })
    }
}

/// What is answered to a request without a token.
pub(super) fn nobody() -> Refused {
    let detail = "Authentication credentials were not provided.";
    Refused::detail(StatusCode::UNAUTHORIZED, detail)
}

/// The token that a socket is opened with: from the header, or from the address.
pub(super) fn of_socket(request: &HttpRequest) -> Option<String> {
    any_token(request).map(str::to_owned).or_else(|| query_value(request, "token"))
}
