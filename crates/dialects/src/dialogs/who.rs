//! Authenticating HTTP requests: only by `Authorization: JWT …`, as in the original.

use crate::shared::http::authorization;
use crate::shared::refusal::Refused;
use crate::shared::who::{admit, bad_access_token, nobody};
use crate::texts::{Dialogs, Language};
use actix_web::dev::{Payload, RequestHead};
use actix_web::guard::GuardContext;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::{AuthError, Caller};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

/// The scheme before a token.
const SCHEME: &str = "JWT";
/// The `WWW-Authenticate` header, which says how to sign in.
const CHALLENGE: &str = "JWT realm=\"api\"";

/// An authenticated caller whose request is within the rate limits.
pub(super) struct Jwt(pub(super) Caller);

impl FromRequest for Jwt {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = token(request.head()).ok_or_else(|| nobody().challenging(CHALLENGE))?;
            admit(&request, token, not_known).await.map(Self)
        })
    }
}

/// A guard: the request belongs to this dialect, if another one has the same path.
pub(super) fn is_jwt(context: &GuardContext<'_>) -> bool {
    token(context.head()).is_some()
}

fn token(head: &RequestHead) -> Option<&str> {
    authorization(head).filter(|(scheme, _)| *scheme == SCHEME).map(|(_, token)| token)
}

/// The refusal of a token. Its status is always 401, on which the client refreshes its token.
fn not_known(error: AuthError) -> Refused {
    let body = match error {
        AuthError::Store(error) => return error.into(),
        AuthError::Disabled => coded(&Dialogs::UserInactive, "user_inactive"),
        AuthError::Missing | AuthError::Invalid | AuthError::Expired | AuthError::ServiceKey => {
            let said = |text: Dialogs| text.say(Language::English);
            bad_access_token(&said(Dialogs::TokenNotAccepted), &said(Dialogs::TokenNotValid))
        }
    };
    unauthorized(body)
}

/// The code of invalid tokens.
pub(super) const NOT_VALID: &str = "token_not_valid";

/// A text with its code.
pub(super) fn coded(text: &Dialogs, code: &str) -> Value {
    json!({"detail": text.say(Language::English), "code": code})
}

/// The refusal of a caller who is not authenticated.
pub(super) fn unauthorized(body: Value) -> Refused {
    Refused::of(StatusCode::UNAUTHORIZED, body).challenging(CHALLENGE)
}

/// The refusal of wrong credentials: a 401 in the original's words.
pub(super) fn wrong_credentials() -> Refused {
    unauthorized(json!({"detail": Dialogs::NoActiveAccount.say(Language::English)}))
}

/// A refusal of a token that was sent in a body.
pub(super) fn wrong_token(text: &Dialogs) -> Refused {
    unauthorized(coded(text, NOT_VALID))
}

/// Fails only if the database does: an invalid token is handled by the caller.
pub(super) fn unless_store(error: AuthError) -> Result<(), Refused> {
    match error {
        AuthError::Store(error) => Err(Failure::from(error).into()),
        _ => Ok(()),
    }
}
