//! Authentication by the `Authorization` header, the only way that this protocol knows, and its refusals, in the
//! original's words.

use crate::shared::http::claim;
use crate::shared::refusal::Refused;
use crate::shared::services::data;
use crate::shared::who::{admit, bad_access_token};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::{AuthError, Caller, Sessions};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

/// An authenticated caller who is within the rate limits.
pub(super) struct Person(pub(super) Caller);

impl FromRequest for Person {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (sessions, token) = (data::<Sessions>(&request), bearer(&request)?);
            let refuse = |error| unknown(&sessions, &token, error);
            // An access token has dots. A token without is a key of another dialect, which must not work here.
            if !token.contains('.') {
                return Err(refuse(AuthError::Invalid));
            }
            admit(&request, &token, refuse).await.map(Self)
        })
    }
}

/// The token of the `Authorization` header. Every scheme but `Bearer` counts as none.
fn bearer(request: &HttpRequest) -> Result<String, Refused> {
    let value = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let words: Vec<_> = value.unwrap_or_default().split_whitespace().collect();
    match words.as_slice() {
        ["Bearer", token] => Ok((*token).to_owned()),
        ["Bearer", ..] => Err(unauthorized(json!({
            "detail": "Authorization header must contain two space-delimited values",
            "code": "bad_authorization_header",
        }))),
        _ => Err(unauthorized(json!({"detail": "Authentication credentials were not provided."}))),
    }
}

/// The refusal of a token. It tells apart what the original tells apart, because clients refresh only for some.
fn unknown(sessions: &Sessions, token: &str, error: AuthError) -> Refused {
    let message = match error {
        AuthError::Store(error) => return Failure::from(error).into(),
        AuthError::Disabled => {
            let body = json!({"detail": "User is inactive", "code": "user_inactive"});
            return unauthorized(body);
        }
        AuthError::Expired => "Token is expired",
        _ if is_refresh_token(sessions, token) || is_ticket(token) => "Token has wrong type",
        _ => "Token is invalid",
    };
    unauthorized(bad_access_token("Given token not valid for any token type", message))
}

/// Whether a text looks like a refresh token of this server, or like one of the server that this one replaces.
pub(super) fn is_refresh_token(sessions: &Sessions, text: &str) -> bool {
    sessions.is_like_refresh_token(text) || token_type(text).as_deref() == Some("refresh")
}

/// The type of token that a JWT claims to be. The signature is not checked.
pub(super) fn token_type(token: &str) -> Option<String> {
    claim(token, "token_type")
}

/// Whether a text looks like a ticket for a socket.
fn is_ticket(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The refusal of a request that is not authenticated.
pub(super) fn unauthorized(body: Value) -> Refused {
    Refused::of(StatusCode::UNAUTHORIZED, body).challenging("Bearer realm=\"api\"")
}

/// The refusal of something that the caller may not do.
pub(super) fn forbidden() -> Refused {
    let detail = "You do not have permission to perform this action.";
    Refused::detail(StatusCode::FORBIDDEN, detail)
}
