//! Reading credentials from the headers of a request.

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::header::{AUTHORIZATION, COOKIE};

/// The token of an `Authorization: Bearer` header.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The schemes of the protocols of other servers.
const SCHEMES: [&str; 3] = ["bearer", "jwt", "token"];

/// The token of the `Authorization` header, with any of these schemes. It ends at a comma, because the
/// documentation of one of the originals shows another header in the same line.
pub fn any_token(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?.trim_start();
    let (scheme, rest) = value.split_once(' ')?;
    let token = rest.trim_start().split([',', ' ']).next().filter(|token| !token.is_empty());
    token.filter(|_| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

/// The value of the first cookie of that name. Browsers send the one with the longest path first.
pub fn cookie<'a>(head: &'a RequestHead, name: &str) -> Option<&'a str> {
    let lines = head.headers().get_all(COOKIE).filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(named, _)| named.trim() == name).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let request = TestRequest::default().insert_header((COOKIE, "a=1; sessionid=xyz"));
        let request = request.to_http_request();
        assert_eq!(cookie(request.head(), "sessionid"), Some("xyz"));
        assert_eq!(cookie(request.head(), "session"), None);
    }

    #[test]
    fn a_token_is_read_whatever_stands_before_it() {
        let token = |value: &str| {
            let request = TestRequest::default().insert_header((AUTHORIZATION, value));
            any_token(&request.to_http_request()).map(str::to_owned)
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
