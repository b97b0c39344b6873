//! The native API's errors, as RFC 9457 problem details.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use domain::failure::{Failure, Kind};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;
use utoipa::{IntoResponses, ToSchema};

/// A refusal, as it is sent. The same object answers on the socket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// What the status says, in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// A word for programs; `docs/api/errors.md` lists them all.
    #[schema(example = "invalid")]
    code: &'static str,
    /// A sentence for people.
    detail: String,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// In how many seconds; `null` when it will not. The header `Retry-After` says the same.
    #[schema(value_type = Option<u32>, example = 30)]
    retry_after: Option<NonZeroU32>,
    /// What the log knows this request by; `null` on a socket.
    #[schema(value_type = Option<String>)]
    request_id: Option<Box<str>>,
    /// The fields at fault.
    errors: Vec<FieldProblem>,
    /// The methods that the path takes, for a header.
    #[serde(skip)]
    allow: Option<Box<str>>,
}

/// One field that was refused.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Where it stands in what was sent.
    #[schema(value_type = String, example = "username")]
    field: Cow<'static, str>,
    /// A word for programs.
    #[schema(example = "too_long")]
    code: &'static str,
    /// A sentence for people.
    detail: String,
}

/// Refusals, for the description of the API: every operation may answer one.
#[derive(IntoResponses)]
pub enum Refusals {
    /// The request was refused; `code` says why.
    #[response(status = "4XX", content_type = "application/problem+json")]
    Client(Problem),
    /// The server could not do it; `retryable` says whether to try again.
    #[response(status = "5XX", content_type = "application/problem+json")]
    Server(Problem),
}

impl Problem {
    /// A refusal by the HTTP layer, before any use case runs.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            retryable: false,
            retry_after: None,
            request_id: None,
            errors: Vec::new(),
            allow: None,
        }
    }

    /// A refusal of a method, with those that the path allows.
    pub fn method_not_allowed(allowed: &[&str]) -> Self {
        let detail = "This path does not take this method.";
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
        Self { allow: Some(allowed.join(", ").into()), ..refusal }
    }

    /// A refusal of one field, named by its position in the request.
    pub fn field(field: impl Into<Cow<'static, str>>, code: &'static str, detail: String) -> Self {
        let error = FieldProblem { field: field.into(), code, detail: detail.clone() };
        Self { errors: vec![error], ..Self::new(StatusCode::BAD_REQUEST, "invalid", detail) }
    }

    /// Its code, for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Its status, and its detail, for people.
    pub fn parts(&self) -> (StatusCode, &str) {
        (self.status_code(), &self.detail)
    }

    /// A complete HTTP response, for a connection that is refused before any request is read.
    pub fn as_response(&self) -> String {
        let Self { status, title, .. } = self;
        let body = serde_json::to_string(self).unwrap_or_default();
        let wait = self.retry_after.map_or(0, NonZeroU32::get);
        format!(
            "HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\n\
             Content-Length: {}\r\nRetry-After: {wait}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    /// The refusal with the request's id, by which it is found in the log.
    pub(crate) fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = Some(id.into());
        self
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        log_cause(&failure);
        let retry_after = failure.wait();
        let retryable = retry_after.is_some();
        let errors = failure.fields.into_iter().map(|f| FieldProblem {
            field: Cow::Borrowed(f.field),
            code: f.code,
            detail: f.detail,
        });
        Self {
            retryable,
            retry_after,
            errors: errors.collect(),
            ..Self::new(status(failure.kind), failure.code, failure.detail)
        }
    }
}

/// Logs a failure's cause, which is never sent to a client.
pub fn log_cause(failure: &Failure) {
    if let Some(cause) = &failure.cause {
        let chain =
            std::iter::successors(Some(&**cause as &(dyn std::error::Error + 'static)), |error| {
                error.source()
            });
        let cause = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        tracing::error!(code = failure.code, cause, "a use case failed");
    }
}

pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.get()));
        }
        if let Some(methods) = &self.allow {
            response.insert_header((ALLOW, &**methods));
        }
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        // Serialising a few strings cannot fail.
        response.body(serde_json::to_string(self).unwrap_or_default())
    }
}
