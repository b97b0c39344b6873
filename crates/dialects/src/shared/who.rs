//! Who calls a dialect.

use super::refusal::Refused;
use super::services::data;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::{Caller, Client, Protocol, Renewal, Sessions};
use futures_util::future::LocalBoxFuture;
use http_core::auth::{CallingDevice, any_token, query_value};
use http_core::rate_limit::RateLimits;

/// Somebody who proved who they are, and has not done this too often.
pub(crate) struct Known(pub(crate) Caller);

impl FromRequest for Known {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (sessions, limits) = (data::<Sessions>(request), data::<RateLimits>(request));
        let request = request.clone();
        let token = any_token(&request).map(str::to_owned);
        Box::pin(async move {
            let caller = sessions.recognise(&token.ok_or_else(nobody)?).await;
            let caller = caller.map_err(Failure::from)?;
            limits.admit(&request, caller.user).await?;
            Ok(Self(caller))
        })
    }
}

/// What is answered to a request without a token.
pub(crate) fn nobody() -> Refused {
    let detail = "Authentication credentials were not provided.";
    Refused::detail(StatusCode::UNAUTHORIZED, detail)
}

/// What signs in by a dialect: the words that a device has for itself, and how often it uses a refresh token.
pub(crate) fn client(device: CallingDevice, dialect: &str, renewal: Renewal) -> Client {
    Client { device: device.0, protocol: Protocol::new(dialect), renewal }
}

/// Where the server is for whoever sent a request, and then this path: for clients that want whole addresses.
pub(crate) fn absolute(request: &HttpRequest, path: &str) -> String {
    let connection = request.connection_info();
    format!("{}://{}{path}", connection.scheme(), connection.host())
}

/// The token that a socket is opened with: from the header, or from the address.
pub(crate) fn of_socket(request: &HttpRequest) -> Option<String> {
    any_token(request).map(str::to_owned).or_else(|| query_value(request, "token"))
}
