//! Spans for OpenTelemetry, named by its conventions. Without tracing they cost almost nothing. They contain
//! what was requested and how long it took, but nothing that people wrote.

use crate::rate_limit::Class;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::global;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TraceContextExt;
use tracing::field::Empty;
use tracing::{Span, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The span of a request over HTTP, in the trace that its `traceparent` names (W3C Trace Context).
pub(crate) fn request(request: &ServiceRequest, id: &str) -> Span {
    let span = trace_span!(
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        request_id = id,
        http.request.method = request.method().as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        let headers = Headers(request.headers());
        let parent = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
        // It fails if the span is not sampled, which is fine.
        let _ = span.set_parent(parent);
    }
    span
}

/// Records the response to a request.
pub(crate) fn answered<B>(span: &Span, method: &Method, response: &ServiceResponse<B>) {
    if span.is_disabled() {
        return;
    }
    let (request, status) = (response.request(), response.status());
    let method = method.as_str();
    // The route, not the path, which contains ids and sometimes more.
    let name = match request.match_pattern() {
        Some(route) => {
            span.record("http.route", &*route);
            format!("{method} {route}")
        }
        None => method.to_owned(),
    };
    span.context().span().update_name(name);
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// Records the class of the frame that is being answered.
pub fn is_a(class: Class) {
    Span::current().record("class", class.word());
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
