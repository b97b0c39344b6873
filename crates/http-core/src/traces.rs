//! Spans for OpenTelemetry, named as its conventions have it. Where nobody wants traces they cost a
//! glance. They say what was asked for and how long it took, and nothing of what people write.

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

/// For a request over HTTP: a part of the trace that its `traceparent` names (W3C Trace Context).
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
        // It fails where the span is not traced after all.
        let _ = span.set_parent(parent);
    }
    span
}

/// The request was answered so.
pub(crate) fn answered<B>(span: &Span, method: &Method, response: &ServiceResponse<B>) {
    if span.is_disabled() {
        return;
    }
    let (request, status) = (response.request(), response.status());
    let method = method.as_str();
    // Paths have ids in them, and sometimes more; routes do not.
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

/// What the frame is that is being answered is known now.
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
