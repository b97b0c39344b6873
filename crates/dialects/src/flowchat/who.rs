//! Authenticating requests: only by `Authorization: Token …`.

use super::refusals::{nobody, wrong_token};
use crate::shared::refusal::Refused;
use crate::shared::who::admit;
use crate::texts::Text;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use domain::failure::{Failure, Kind};
use domain::session::Caller;
use futures_util::future::LocalBoxFuture;

/// An authenticated caller whose request is within the rate limits.
pub(super) struct SignedIn(pub(super) Caller);

/// Such a caller, or nobody. An invalid token is refused here, too.
pub(super) struct Anybody(pub(super) Option<Caller>);

impl FromRequest for SignedIn {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await?.map(Self).ok_or_else(nobody) })
    }
}

impl FromRequest for Anybody {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await.map(Self) })
    }
}

async fn caller(request: &HttpRequest) -> Result<Option<Caller>, Refused> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = token(header.unwrap_or_default()).map_err(|why| wrong_token(&why))? else {
        return Ok(None);
    };
    let caller = admit(request, token, |error| {
        let failure = Failure::from(error);
        if failure.kind == Kind::Unauthenticated {
            wrong_token(&Text::TokenWrong)
        } else {
            failure.into()
        }
    });
    caller.await.map(Some)
}

/// The token of a header; `None` if it has another scheme.
fn token(header: &str) -> Result<Option<&str>, Text> {
    let mut words = header.split_whitespace();
    if !words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("token")) {
        return Ok(None);
    }
    let token = words.next().ok_or(Text::TokenMissing)?;
    // The example requests in the original's README have another header in the same line.
    if let Some(token) = token.strip_suffix(',') {
        return Ok(Some(token));
    }
    if words.next().is_some() { Err(Text::TokenSpaces) } else { Ok(Some(token)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_alone_behind_its_scheme() {
        for none in ["", "Bearer abc", "JWT abc", "abc", "Tokenabc"] {
            assert_eq!(token(none), Ok(None), "{none:?}");
        }
        for good in ["Token abc", "token  abc ", "Token abc, Content-Type: application/json"] {
            assert_eq!(token(good), Ok(Some("abc")), "{good:?}");
        }
        assert_eq!(token("Token "), Err(Text::TokenMissing));
        assert_eq!(token("Token a b"), Err(Text::TokenSpaces));
    }
}
