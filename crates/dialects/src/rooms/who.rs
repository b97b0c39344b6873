//! Who calls, by the one header that this protocol knows, and what is said to whoever may not.

use crate::shared::refusal::Refused;
use crate::shared::services::data;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE;
use domain::failure::Failure;
use domain::session::{AuthError, Caller, Sessions};
use futures_util::future::LocalBoxFuture;
use http_core::rate_limit::RateLimits;
use serde_json::{Value, json};

/// Somebody who proved who they are, and has not done this too often.
pub(super) struct Person(pub(super) Caller);

impl FromRequest for Person {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (sessions, limits) = (data::<Sessions>(request), data::<RateLimits>(request));
        let (request, token) = (request.clone(), bearer(request));
        Box::pin(async move {
            let token = token?;
            let caller = match recognise(&sessions, &token).await {
                Ok(caller) => caller,
                Err(error) => return Err(unknown(&sessions, &token, error)),
            };
            limits.admit(&request, caller.user).await?;
            Ok(Self(caller))
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

/// An access token has dots; what has none is a key of another protocol.
async fn recognise(sessions: &Sessions, token: &str) -> Result<Caller, AuthError> {
    if token.contains('.') { sessions.recognise(token).await } else { Err(AuthError::Invalid) }
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
    unauthorized(json!({
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{"token_class": "AccessToken", "token_type": "access", "message": message}],
    }))
}

/// Whether a text is a refresh token, or was one, here or on the server that this one replaces.
pub(super) fn is_refresh_token(sessions: &Sessions, text: &str) -> bool {
    sessions.is_like_refresh_token(text) || token_type(text).as_deref() == Some("refresh")
}

/// What sort of token a JWT says that it is; anybody can write that.
pub(super) fn token_type(token: &str) -> Option<String> {
    let claims = URL_SAFE.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims.get("token_type")?.as_str()?.to_owned())
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
