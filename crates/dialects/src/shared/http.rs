//! Reads from a request's head which dialect should answer it, before anybody is authenticated.
//!
//! None of this proves anything: it only picks the dialect, which then checks.

use actix_web::dev::RequestHead;
use actix_web::guard::GuardContext;
use actix_web::http::header::{AUTHORIZATION, HOST, UPGRADE};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE;
use serde_json::Value;

pub(crate) use http_core::auth::query_value;

/// The host that a request is for, in lower case and without its port. `None` if it names none.
pub(crate) fn host_of(head: &RequestHead) -> Option<String> {
    let host = head.headers().get(HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| head.uri.host())?;
    // An IPv6 address has colons, too; what follows its last one is a port only behind the bracket. `[::1]` has
    // no port, and `1]` is not digits.
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    Some(name.to_ascii_lowercase())
}

/// Whether a request asks for a WebSocket. `Connection: upgrade` says nothing, because some proxies always send
/// it.
pub(crate) fn upgrades(head: &RequestHead) -> bool {
    let upgrade = head.headers().get(UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The scheme and the token of the `Authorization` header.
pub(crate) fn authorization(head: &RequestHead) -> Option<(&str, &str)> {
    let value = head.headers().get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once(' ')?;
    Some((scheme, token.trim()))
}

/// The name of the dialect that the request's token claims to be from; `None` for a token of the native API, and
/// without a token.
pub(crate) fn issued_by(head: &RequestHead) -> Option<String> {
    let in_address = query_value(head, "token");
    let token = authorization(head).map(|(_, token)| token).or(in_address.as_deref())?;
    claim(token, "protocol")
}

/// A text among the claims of a JWT. The signature is not checked, so anybody can write anything there.
pub(crate) fn claim(token: &str, name: &str) -> Option<String> {
    let claims = URL_SAFE.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims.get(name)?.as_str()?.to_owned())
}

/// A guard: the request asks for a socket.
pub(crate) fn is_socket(context: &GuardContext<'_>) -> bool {
    upgrades(context.head())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_head_of_a_request_is_read() {
        let token = format!("e30.{}.x", URL_SAFE.encode(r#"{"protocol": "minichat"}"#));
        let request = TestRequest::with_uri("/ws/chat/?x=1&token=abc")
            .insert_header((HOST, "Chat.example.org:8080"))
            .insert_header((AUTHORIZATION, format!("Bearer  {token}")))
            .to_http_request();
        let head = request.head();
        assert_eq!(host_of(head).as_deref(), Some("chat.example.org"));
        assert_eq!(authorization(head), Some(("Bearer", token.as_str())));
        assert_eq!(query_value(head, "token").as_deref(), Some("abc"));
        assert_eq!(issued_by(head).as_deref(), Some("minichat"));
        assert!(!upgrades(head));
        let request = TestRequest::with_uri(&format!("/?token={token}")).to_http_request();
        assert_eq!(issued_by(request.head()).as_deref(), Some("minichat"));
        for none in ["/", "/?token=abc", "/?token=a.b.c"] {
            assert_eq!(issued_by(TestRequest::with_uri(none).to_http_request().head()), None);
        }
    }
}
