//! Who calls a dialect.

use super::refusal::Refused;
use super::services::data;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain::session::{AuthError, Caller, Client, Protocol, Renewal, Sessions};
use http_core::auth::{CallingDevice, query_value};
use http_core::credential::any_token;
use http_core::rate_limit::RateLimits;
use serde_json::{Value, json};

/// What is answered to a request without a token.
pub(crate) fn nobody() -> Refused {
    let detail = "Authentication credentials were not provided.";
    Refused::detail(StatusCode::UNAUTHORIZED, detail)
}

/// Whoever a token speaks for, which counts as a request of theirs. `refuse` says in the dialect's words why a
/// token is not good.
pub(crate) async fn admit(
    request: &HttpRequest,
    token: &str,
    refuse: impl FnOnce(AuthError) -> Refused,
) -> Result<Caller, Refused> {
    let caller = data::<Sessions>(request).recognise(token).await.map_err(refuse)?;
    data::<RateLimits>(request).admit(request, caller.user).await?;
    Ok(caller)
}

/// What the framework of four of the five says of an access token that is not good.
pub(crate) fn bad_access_token(detail: &str, message: &str) -> Value {
    json!({
        "detail": detail,
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
    })
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
    any_token(request).map(str::to_owned).or_else(|| query_value(request.head(), "token"))
}
