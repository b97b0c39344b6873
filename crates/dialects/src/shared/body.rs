//! Bodies of requests: JSON, or a form of either type.

use super::fields::{Fields, kind_of};
use super::form;
use super::refusal::Refused;
use crate::texts::{self, Text};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use domain::limits::FORM_PARTS;
use futures_util::future::LocalBoxFuture;
use http_core::body::gather;
use http_core::upload;
use serde_json::{Map, Value};

/// The fields of a body; none if it is empty.
///
/// `curl -d '{…}'` declares a form, and the documentation of two of the five originals shows that as an
/// example. So a JSON object is accepted with any content type.
pub(crate) struct Sent(pub(crate) Fields);

impl FromRequest for Sent {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let broken = |_| Refused::detail(StatusCode::BAD_REQUEST, "The body is broken.");
            read(&request, payload.await.map_err(broken)?).await.map(Self)
        })
    }
}

/// Reads a whole body.
pub(crate) async fn read(request: &HttpRequest, body: web::Payload) -> Result<Fields, Refused> {
    if upload::is_form(request) {
        return form::texts(request, body).await;
    }
    let said = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = said.unwrap_or_default().split(';').next().unwrap_or_default();
    parse(&said.trim().to_ascii_lowercase(), &gather(body).await?)
}

fn parse(said: &str, bytes: &[u8]) -> Result<Fields, Refused> {
    let trimmed = bytes.trim_ascii();
    if trimmed.is_empty() {
        return Ok(Fields::default());
    }
    let form = matches!(said, "" | "application/x-www-form-urlencoded");
    if said == "application/json" || (form && trimmed.starts_with(b"{")) {
        return match serde_json::from_slice(trimmed) {
            Ok(Value::Object(object)) => Ok(Fields::of(object)),
            Ok(other) => {
                let told = Text::NotAnObject(kind_of(&other)).say(texts::say::language());
                Err(Refused::field("non_field_errors", &told))
            }
            Err(error) => {
                let detail = format!("JSON parse error - {error}");
                Err(Refused::detail(StatusCode::BAD_REQUEST, detail))
            }
        };
    }
    if !form {
        let detail = Text::MediaType(said.to_owned()).say(texts::say::language());
        return Err(Refused::detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let broken = || Refused::detail(StatusCode::BAD_REQUEST, "The form is broken.");
    if trimmed.iter().filter(|byte| **byte == b'&').count() >= FORM_PARTS {
        let detail = format!("A form has {FORM_PARTS} fields at most.");
        return Err(Refused::detail(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let text = std::str::from_utf8(trimmed).map_err(|_| broken())?;
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text).map_err(|_| broken())?;
    let fields = pairs.into_inner().into_iter().map(|(name, value)| (name, value.into()));
    Ok(Fields::of(fields.collect::<Map<_, _>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_one_whatever_it_is_called() {
        for said in ["application/json", "application/x-www-form-urlencoded", ""] {
            let fields = parse(said, br#" {"user_id": "1"} "#).unwrap();
            assert_eq!(fields.text("user_id"), Ok("1"), "{said}");
        }
        let form = parse("application/x-www-form-urlencoded", b"user_id=1&text=a%20b").unwrap();
        assert_eq!((form.text("user_id"), form.text("text")), (Ok("1"), Ok("a b")));
        assert!(parse("application/json", b"").unwrap().is_empty());
        for (said, body) in
            [("application/json", "[]"), ("application/json", "{"), ("text/plain", "x")]
        {
            assert!(parse(said, body.as_bytes()).is_err(), "{said} {body}");
        }
    }
}
