//! Headers that tell browsers what they may not do with a response.

use crate::rate_limit::RateLimits;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::Data;

/// What a page of this server may do, unless it says more strictly: load its own files and nothing
/// from elsewhere. The page to try the API at styles itself inline and draws with `data:` pictures.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";
/// What no page of this server asks a browser for.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), \
    payment=(), serial=(), usb=()";
/// For a year a browser that came by TLS comes by nothing else.
const ONLY_TLS: &str = "max-age=31536000";

/// On every response that does not say otherwise. Most hold what is one person's, so that is not kept.
const ALWAYS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// Middleware: adds them.
///
/// # Errors
/// Those of the service.
pub async fn add_safeguards<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let limits = request.app_data::<Data<RateLimits>>();
    let by_tls = limits.is_some_and(|limits| limits.came_by_tls(request.headers()));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let only_tls = by_tls.then_some((STRICT_TRANSPORT_SECURITY, ONLY_TLS));
    for (name, value) in ALWAYS.into_iter().chain(only_tls) {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}
