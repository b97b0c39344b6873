//! Authenticating callers of dialects.

use super::refusal::Refused;
use super::services::data;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain::session::{AuthError, Caller, Client, Protocol, Renewal, Sessions};
use http_core::auth::{CallingDevice, query_value};
use http_core::credential::any_token;
use http_core::rate_limit::RateLimits;
use serde_json::{Value, json};

/// The refusal of a request without a token.
pub(crate) fn nobody() -> Refused {
    let detail = "Authentication credentials were not provided.";
    Refused::detail(StatusCode::UNAUTHORIZED, detail)
}

/// Authenticates a caller by a token, and counts the request for them. `refuse` makes the dialect's refusal
/// of an invalid token.
pub(crate) async fn admit(
    request: &HttpRequest,
    token: &str,
    refuse: impl FnOnce(AuthError) -> Refused,
) -> Result<Caller, Refused> {
    let caller = data::<Sessions>(request).recognise(token).await.map_err(refuse)?;
    data::<RateLimits>(request).admit(request, caller.user).await?;
    Ok(caller)
}

/// The body with which four of the five originals refuse an invalid access token.
pub(crate) fn bad_access_token(detail: &str, message: &str) -> Value {
    json!({
        "detail": detail,
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
    })
}

/// The client that signs in with a dialect. `renewal` says whether it uses a refresh token repeatedly.
pub(crate) fn client(device: CallingDevice, dialect: &str, renewal: Renewal) -> Client {
    Client { device: device.0, protocol: Protocol::new(dialect), renewal }
}

/// The absolute URL of a path, with the server's origin as the client sees it.
pub(crate) fn absolute(request: &HttpRequest, path: &str) -> String {
    let connection = request.connection_info();
    format!("{}://{}{path}", connection.scheme(), connection.host())
}

/// The token that a socket is opened with: from the header, or from the query.
pub(crate) fn of_socket(request: &HttpRequest) -> Option<String> {
    any_token(request).map(str::to_owned).or_else(|| query_value(request.head(), "token"))
}
