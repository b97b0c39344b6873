//! Security headers of responses.

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

/// The default policy for pages: they may load their own files, and nothing from other servers. The API's
/// documentation page needs inline styles and `data:` pictures.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";
/// Browser features that no page of this server uses.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), \
    payment=(), serial=(), usb=()";
/// A browser that used TLS must use it for a year.
const ONLY_TLS: &str = "max-age=31536000";

/// The headers of every response, unless it has its own. Most responses contain personal data, so they are
/// not cached.
const ALWAYS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// Middleware: adds these headers.
///
/// # Errors
/// The service's errors.
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
