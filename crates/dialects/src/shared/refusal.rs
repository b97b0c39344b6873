//! Dialects' errors over HTTP: `{"detail": "…"}`, or a list of errors for each field.

use super::fields::Flaw;
use crate::texts::{self, Language, Text};
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use domain::failure::{Failure, Kind, StoreError};
use http_core::problem::{self, Problem};
use serde_json::{Map, Value, json};
use std::fmt;
use std::num::NonZeroU32;

/// A refusal, as it is sent.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    body: Value,
    retry_after: Option<NonZeroU32>,
    allow: Option<String>,
    /// The `WWW-Authenticate` header, if signing in is needed.
    challenge: Option<&'static str>,
}

impl Refused {
    /// A refusal of the request as a whole.
    pub(crate) fn detail(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::of(status, json!({"detail": detail.into()}))
    }

    /// A refusal with a dialect's own body.
    pub(crate) fn of(status: StatusCode, body: Value) -> Self {
        Self { status, body, retry_after: None, allow: None, challenge: None }
    }

    /// A refusal of several fields, each with a list of errors.
    pub(crate) fn fields(wrong: Map<String, Value>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, Value::Object(wrong))
    }

    /// The refusal, with a `WWW-Authenticate` header.
    pub(crate) fn challenging(self, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..self }
    }

    /// The refusal for something that does not exist, or that the caller must not know about.
    pub(crate) fn not_found() -> Self {
        Self::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    /// A refusal of one field.
    pub(crate) fn field(field: &str, detail: &str) -> Self {
        Self { body: json!({field: [detail]}), ..Self::detail(StatusCode::BAD_REQUEST, "") }
    }

    /// Merges another refusal of fields into this one. Fields that this one has already keep their errors.
    pub(crate) fn and(mut self, other: Self) -> Self {
        if let (true, Value::Object(fields), Value::Object(others)) =
            (self.status == other.status, &mut self.body, other.body)
        {
            for (field, said) in others {
                fields.entry(field).or_insert(said);
            }
        }
        self
    }

    /// A refusal of a file in a form: of the field, if the file itself is invalid, or of the request.
    pub(crate) fn of_file(field: &str, problem: &Problem) -> Self {
        let (status, detail) = problem.parts();
        let detail = texts::say::of_code(problem.code(), detail);
        if status == StatusCode::BAD_REQUEST {
            Self::field(field, &detail)
        } else {
            Self::detail(status, detail)
        }
    }

    /// A refusal of a method that the path does not allow.
    pub(crate) fn method(language: Language, method: &Method, allowed: &str) -> Self {
        let detail = Text::Method(method.to_string()).say(language);
        let allow = Some(allowed.to_owned());
        Self { allow, ..Self::detail(StatusCode::METHOD_NOT_ALLOWED, detail) }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        problem::log_cause(&failure);
        let status = match failure.kind {
            // The five originals do not use 409.
            Kind::Conflict => StatusCode::BAD_REQUEST,
            kind => problem::status(kind),
        };
        let mut refused = Self::detail(status, texts::say::of_failure(&failure));
        refused.retry_after = failure.wait();
        if status == StatusCode::BAD_REQUEST && !failure.fields.is_empty() {
            let mut body = Map::new();
            for wrong in failure.fields {
                let detail = texts::say::of_field(&wrong);
                let details = body.entry(wrong.field).or_insert_with(|| json!([]));
                if let Value::Array(details) = details {
                    details.push(detail.into());
                }
            }
            refused.body = Value::Object(body);
        }
        refused
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let (status, detail) = problem.parts();
        Self::detail(status, detail)
    }
}

impl From<Vec<Flaw>> for Refused {
    fn from(flaws: Vec<Flaw>) -> Self {
        let told = flaws.iter().map(|flaw| (flaw.field.to_owned(), json!([flaw.what.told()])));
        Self::fields(told.collect())
    }
}

impl From<Flaw> for Refused {
    fn from(flaw: Flaw) -> Self {
        vec![flaw].into()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.get()));
        }
        if let Some(challenge) = self.challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Some(methods) = &self.allow {
            response.insert_header((ALLOW, methods.as_str()));
        }
        response.json(&self.body)
    }
}
