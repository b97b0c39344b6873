//! Who calls a dialect.

use super::refusal::Refused;
use crate::rate_limit::{Arrival, RateLimits};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpRequest};
use domain::failure::Failure;
use domain::session::{Caller, Sessions};
use futures_util::future::LocalBoxFuture;

/// What stands before a token.
const SCHEMES: [&str; 3] = ["bearer", "jwt", "token"];

/// Somebody who proved who they are, and has not done this too often.
pub(super) struct Known(pub(super) Caller);

impl FromRequest for Known {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sessions = request.app_data::<Data<Sessions>>().cloned();
        let limits = request.app_data::<Data<RateLimits>>().cloned();
        let Arrival { class, address } = Arrival::of(request);
        let token = header(request).map(str::to_owned);
        Box::pin(async move {
            let sessions = sessions.expect("`Services::register` hands the sessions to the app");
            let limits = limits.expect("`Services::register` hands the limits to the app");
            let caller = sessions.recognise(&token.ok_or_else(nobody)?).await;
            let caller = caller.map_err(Failure::from)?;
            class.map_or(Ok(()), |class| limits.check(class, caller.user, address))?;
            Ok(Self(caller))
        })
    }
}

/// What is answered to a request without a token.
pub(super) fn nobody() -> Refused {
    let detail = "Authentication credentials were not provided.";
    Refused::detail(StatusCode::UNAUTHORIZED, detail)
}

/// The token of the `Authorization` header, whatever kind it says that it is. One of the documents
/// puts another header into the same line, so it ends at a comma.
pub(super) fn header(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?.trim_start();
    let (scheme, rest) = value.split_once(' ')?;
    let token = rest.trim_start().split([',', ' ']).next().filter(|token| !token.is_empty());
    token.filter(|_| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

/// The token that a socket is opened with: from the header, or from the address.
pub(super) fn of_socket(request: &HttpRequest) -> Option<String> {
    let in_address = || {
        let query = Query::<Vec<(String, String)>>::from_query(request.query_string());
        let query = query.map(Query::into_inner).unwrap_or_default();
        query.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token)
    };
    header(request).map(str::to_owned).or_else(in_address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_token_is_read_whatever_stands_before_it() {
        let token = |value: &str| {
            let request = TestRequest::default().insert_header((AUTHORIZATION, value));
            header(&request.to_http_request()).map(str::to_owned)
        };
        for good in
            ["Token abc", "Bearer abc", "JWT abc", "token  abc", "Token abc, Content-Type: x"]
        {
            assert_eq!(token(good).as_deref(), Some("abc"), "{good}");
        }
        for bad in ["abc", "Basic abc", "Token", "Token ", ""] {
            assert_eq!(token(bad), None, "{bad}");
        }
    }
}
