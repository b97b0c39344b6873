//! Who calls, by the one header that this protocol knows, and what is said to whoever may not.

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

/// Somebody who proved who they are, and has not done this too often.
pub(super) struct Person(pub(super) Caller);

impl FromRequest for Person {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (sessions, token) = (data::<Sessions>(&request), bearer(&request)?);
            let refuse = |error| unknown(&sessions, &token, error);
            // An access token has dots; what has none is a key of another protocol.
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

/// Whether a text is a refresh token, or was one, here or on the server that this one replaces.
pub(super) fn is_refresh_token(sessions: &Sessions, text: &str) -> bool {
    sessions.is_like_refresh_token(text) || token_type(text).as_deref() == Some("refresh")
}

/// What sort of token a JWT says that it is.
pub(super) fn token_type(token: &str) -> Option<String> {
    claim(token, "token_type")
}

/// Whether a text has the form of a token for a socket.
fn is_ticket(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What is said to whoever did not prove who they are.
pub(super) fn unauthorized(body: Value) -> Refused {
    Refused::of(StatusCode::UNAUTHORIZED, body).challenging("Bearer realm=\"api\"")
}

/// What is said to whoever may not do something.
pub(super) fn forbidden() -> Refused {
    let detail = "You do not have permission to perform this action.";
    Refused::detail(StatusCode::FORBIDDEN, detail)
}
