//! Who calls over HTTP: `Authorization: JWT …` and nothing else, as the original has it.

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

/// What stands before a token.
const SCHEME: &str = "JWT";
/// How to sign in.
const CHALLENGE: &str = "JWT realm=\"api\"";

/// Somebody who proved who they are, and has not done this too often.
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

/// A guard: the request is of this dialect where another has the same address.
pub(super) fn is_jwt(context: &GuardContext<'_>) -> bool {
    token(context.head()).is_some()
}

fn token(head: &RequestHead) -> Option<&str> {
    authorization(head).filter(|(scheme, _)| *scheme == SCHEME).map(|(_, token)| token)
}

/// The client refreshes its token on a 401, so whatever is wrong with one has that status.
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

/// The code of tokens that are not good.
pub(super) const NOT_VALID: &str = "token_not_valid";

/// A text with its code.
pub(super) fn coded(text: &Dialogs, code: &str) -> Value {
    json!({"detail": text.say(Language::English), "code": code})
}

/// A refusal of whoever did not prove who they are.
pub(super) fn unauthorized(body: Value) -> Refused {
    Refused::of(StatusCode::UNAUTHORIZED, body).challenging(CHALLENGE)
}

/// A refusal of what somebody signed in with: a 401 in the words of the original.
pub(super) fn wrong_credentials() -> Refused {
    unauthorized(json!({"detail": Dialogs::NoActiveAccount.say(Language::English)}))
}

/// A refusal of a token that was sent in a body.
pub(super) fn wrong_token(text: &Dialogs) -> Refused {
    unauthorized(coded(text, NOT_VALID))
}

/// What came of looking at a token, unless it is just not good.
pub(super) fn unless_store(error: AuthError) -> Result<(), Refused> {
    match error {
        AuthError::Store(error) => Err(Failure::from(error).into()),
        _ => Ok(()),
    }
}
