//! Who calls a dialect.

use super::refusal::Refused;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain::session::{Client, Protocol, Renewal};
use http_core::auth::{CallingDevice, any_token, query_value};

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
