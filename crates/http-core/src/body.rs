//! Parsing requests, with errors that name what is wrong.

use crate::BODY_BYTES;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use domain::clock::Timestamp;
use domain::ids::NotAnId;
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::future::{Ready, ready};
use std::str::FromStr;
use std::time::Duration;
use tokio::time::timeout;

/// How long a body may take to arrive.
pub(crate) const BODY_PATIENCE: Duration = Duration::from_secs(30);
const BROKEN: &str = "The body did not arrive whole.";

/// A required JSON body of that type, with at most [`BODY_BYTES`].
pub struct Body<T>(pub T);

/// An optional JSON body of that type.
pub struct MaybeBody<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for MaybeBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let broken = || Problem::new(StatusCode::BAD_REQUEST, "body_broken", BROKEN);
            let bytes = gather(payload.await.map_err(|_| broken())?).await?;
            if bytes.is_empty() {
                return Ok(Self(None));
            }
            if !is_json {
                let detail = "The body must be JSON, with Content-Type: application/json.";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail));
            }
            parse(&bytes).map(|body| Self(Some(body)))
        })
    }
}

/// Reads a whole body, unless it is too large or too slow.
pub async fn gather(payload: web::Payload) -> Result<web::Bytes, Problem> {
    gather_within(BODY_BYTES, payload).await
}

/// As [`gather`], with another limit.
pub async fn gather_within(bytes: usize, payload: web::Payload) -> Result<web::Bytes, Problem> {
    match timeout(BODY_PATIENCE, payload.to_bytes_limited(bytes)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(Problem::new(StatusCode::BAD_REQUEST, "body_broken", BROKEN)),
        Ok(Err(_)) => {
            let detail = format!("A body has {bytes} bytes at most.");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail))
        }
        Err(_) => {
            let detail = "The body did not arrive in time.";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail))
        }
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = MaybeBody::<T>::from_request(request, payload);
        Box::pin(async move {
            let missing =
                || Problem::new(StatusCode::BAD_REQUEST, "body_missing", "A body is needed.");
            body.await?.0.map(Self).ok_or_else(missing)
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Parses JSON. If it does not have the expected type, the error names the field.
pub fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    // serde would accept an array as an object, with the fields in order.
    if json.trim_ascii_start().starts_with(b"[")
        && serde_json::from_slice::<Vec<IgnoredAny>>(json).is_ok()
    {
        let detail = "invalid type: sequence, expected an object".to_owned();
        return Err(Problem::field("body", "wrong_type", detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // serde_json reports some type errors as syntax errors, so this checks whether it is valid JSON.
        let is_json = serde_json::from_slice::<IgnoredAny>(json).is_ok();
        if is_json { unfit(&error) } else { malformed(error.inner()) }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(parsed)
}

/// As [`parse`], from a JSON value.
pub fn parse_value<T: DeserializeOwned>(json: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(json).map_err(|error| unfit(&error))
}

/// The problem of valid JSON with an unexpected type.
fn unfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let path = error.path().to_string();
    let field = if path == "." { String::from("body") } else { path };
    Problem::field(field, "wrong_type", without_type_names(&error.inner().to_string()))
}

/// serde names the Rust type that it expected, which means nothing to a caller.
fn without_type_names(error: &str) -> String {
    const EXPECTED: &str = "expected struct ";
    match error.split_once(EXPECTED) {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            format!("{before}expected an object{rest}")
        }
        None => error.to_owned(),
    }
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", error.to_string())
}

/// A query string of that type.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = web::Query::<T>::from_query(request.query_string());
        ready(query.map(|query| Self(query.into_inner())).map_err(|error| {
            Problem::field("query", "wrong_type", format!("The query string is wrong: {error}."))
        }))
    }
}

/// An id in a path or a cursor.
pub fn id<T: FromStr<Err = NotAnId>>(field: &'static str, text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error: NotAnId| Problem::field(field, "invalid_id", format!("{field}: {error}.")))
}

/// An id or a counter in a body or a query.
pub fn number<T: TryFrom<i64, Error = NotAnId>>(
    field: &'static str,
    number: i64,
) -> Result<T, Problem> {
    T::try_from(number)
        .map_err(|error| Problem::field(field, "invalid_id", format!("{field}: {error}.")))
}

/// A time in a body.
pub fn moment(field: &'static str, text: &str) -> Result<Timestamp, Problem> {
    crate::moment::moment(text).ok_or_else(|| {
        let detail = format!("{field} is a moment in RFC 3339, such as 2026-08-11T14:08:46Z.");
        Problem::field(field, "not_a_moment", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::without_type_names;

    #[test]
    fn an_error_names_no_type_of_ours() {
        let error = "invalid type: null, expected struct HostMember at line 1 column 35";
        let shown = "invalid type: null, expected an object at line 1 column 35";
        assert_eq!(without_type_names(error), shown);
        let plain = "invalid type: null, expected a string";
        assert_eq!(without_type_names(plain), plain);
    }
}
