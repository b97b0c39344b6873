//! Taking requests apart, with errors that name what is wrong.

use crate::BODY_BYTES;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use domain::ids::NotAnId;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use std::str::FromStr;

const BROKEN: &str = "The body did not arrive whole.";

/// A JSON body of that type. Its bytes are limited by [`BODY_BYTES`].
pub(crate) struct Body<T>(pub(crate) T);

/// The same, or nothing where no body was sent.
pub(crate) struct MaybeBody<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for MaybeBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let broken =
                |_: actix_web::Error| Problem::new(StatusCode::BAD_REQUEST, "body_broken", BROKEN);
            let bytes = payload.await.map_err(broken)?.to_bytes_limited(BODY_BYTES).await;
            let bytes = match bytes {
                Ok(bytes) => bytes.map_err(broken)?,
                Err(_) => {
                    let detail = format!("A body has {BODY_BYTES} bytes at most.");
                    return Err(Problem::new(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "body_too_large",
                        detail,
                    ));
                }
            };
            if bytes.is_empty() {
                return Ok(Self(None));
            }
            if !is_json {
                return Err(Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "not_json",
                    "The body must be JSON, with Content-Type: application/json.",
                ));
            }
            parse(&bytes).map(|body| Self(Some(body)))
        })
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

/// Reads JSON, and says which field is wrong and why if it does not fit.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let detail = error.inner().to_string();
        if error.inner().classify() == serde_json::error::Category::Data {
            let field = if path == "." { String::from("body") } else { path };
            Problem::field(field, "wrong_type", detail)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
        }
    })?;
    reader.end().map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "malformed_json", error.to_string())
    })?;
    Ok(parsed)
}

/// A query string of that type.
pub(crate) struct Query<T>(pub(crate) T);

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
pub(crate) fn id<T: FromStr<Err = NotAnId>>(field: &'static str, text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error: NotAnId| Problem::field(field, "invalid_id", format!("{field}: {error}.")))
}

/// An id or a counter in a body or a query.
pub(crate) fn number<T: TryFrom<i64, Error = NotAnId>>(
    field: &'static str,
    number: i64,
) -> Result<T, Problem> {
    T::try_from(number)
        .map_err(|error| Problem::field(field, "invalid_id", format!("{field}: {error}.")))
}
