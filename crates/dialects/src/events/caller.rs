//! Authentication, and its refusals in the original's words.

use super::said::{no_such_thing, ru};
use crate::shared::fields::id_of;
use crate::shared::http::query_value;
use crate::shared::refusal::Refused;
use crate::shared::services::data;
use crate::shared::who::{admit, bad_access_token};
use crate::texts::{Events, Text};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::ids::NotAnId;
use domain::session::{AuthError, Caller, Sessions};
use futures_util::future::LocalBoxFuture;
use http_core::credential::any_token;
use serde_json::json;

/// An authenticated caller who is within the rate limits.
pub(super) struct Known(pub(super) Caller);

impl FromRequest for Known {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = any_token(&request).ok_or_else(|| refusal(AuthError::Missing))?;
            admit(&request, token, refusal).await.map(Self)
        })
    }
}

/// The refusal for a failed authentication. It is always 401, because clients refresh their token after that
/// only.
pub(super) fn refusal(error: AuthError) -> Refused {
    let body = match error {
        AuthError::Missing => json!({"detail": ru(Text::NotSignedIn)}),
        AuthError::Disabled => json!({"detail": ru(Events::Inactive), "code": "user_inactive"}),
        AuthError::Invalid | AuthError::Expired | AuthError::ServiceKey => {
            bad_access_token(&ru(Events::BadToken), &ru(Events::TokenOver))
        }
        AuthError::Store(error) => return Failure::from(error).into(),
    };
    Refused::of(StatusCode::UNAUTHORIZED, body)
}

/// The caller who opens a socket. The token may be in the URL, as browsers send it; the whole `Authorization`
/// header, as the first clients sent it; or behind `Bearer`, as the original's document has it.
pub(super) async fn of_socket(request: &HttpRequest) -> Result<Caller, Refused> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bare = header.map(str::trim).filter(|value| !value.is_empty() && !value.contains(' '));
    let in_address = query_value(request.head(), "token");
    let token = in_address.as_deref().or_else(|| any_token(request)).or(bare);
    let forbidden = |text: Text| Refused::detail(StatusCode::FORBIDDEN, ru(text));
    let token = token.ok_or_else(|| forbidden(Text::NotSignedIn))?;
    match data::<Sessions>(request).recognise(token).await {
        Ok(caller) => Ok(caller),
        Err(AuthError::Store(error)) => Err(Failure::from(error).into()),
        Err(AuthError::Disabled) => Err(forbidden(Events::Inactive.into())),
        Err(_) => Err(forbidden(Events::BadToken.into())),
    }
}

/// An id in a path. A malformed one is 404, as in the original.
pub(super) fn id_in<T: TryFrom<i64, Error = NotAnId>>(segment: &str) -> Result<T, Refused> {
    id_of(segment).ok_or_else(no_such_thing)
}
