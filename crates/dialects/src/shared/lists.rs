//! Lists that are plain arrays: the newest rows, and a `Link` header to the next ones.

use super::fields::id_of;
use super::http::query_value;
use super::refusal::Refused;
use actix_web::http::header::LINK;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::NotAnId;
use serde_json::Value;

/// Rows of a list, at most.
pub(crate) const ROWS: usize = 1_000;

/// The part of a list that is asked for.
pub(crate) struct Part<T> {
    /// Only rows before this one.
    pub(crate) before: Option<T>,
    /// At most this many.
    pub(crate) limit: usize,
}

impl<T: TryFrom<i64, Error = NotAnId>> Part<T> {
    /// The part that the query asks for.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Refused> {
        let before = query_value(request.head(), "before");
        let before = before.map(|id| id_of(&id).ok_or_else(|| wrong("before"))).transpose()?;
        let limit = match query_value(request.head(), "limit") {
            None => ROWS,
            Some(limit) => match limit.parse() {
                Ok(limit) if (1..=ROWS).contains(&limit) => limit,
                _ => return Err(wrong("limit")),
            },
        };
        Ok(Self { before, limit })
    }

    /// Answers with an array of rows; `next` says before which row there are more.
    pub(crate) fn answer(
        &self,
        request: &HttpRequest,
        rows: Vec<Value>,
        next: Option<i64>,
    ) -> HttpResponse {
        self.object(request, &Value::Array(rows), next)
    }

    /// As [`Self::answer`], with an object that contains such an array.
    pub(crate) fn object(
        &self,
        request: &HttpRequest,
        body: &Value,
        next: Option<i64>,
    ) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(next) = next {
            let kept =
                query(request).into_iter().filter(|(name, _)| name != "before" && name != "limit");
            let kept: String = kept
                .filter(|(name, value)| [name, value].into_iter().all(|part| is_plain(part)))
                .map(|(name, value)| format!("&{name}={value}"))
                .collect();
            let (path, limit) = (request.path(), self.limit);
            let link = format!("<{path}?before={next}&limit={limit}{kept}>; rel=\"next\"");
            response.insert_header((LINK, link));
        }
        response.json(body)
    }
}

fn query(request: &HttpRequest) -> Vec<(String, String)> {
    let query = Query::<Vec<(String, String)>>::from_query(request.query_string());
    query.map(Query::into_inner).unwrap_or_default()
}

fn is_plain(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn wrong(field: &str) -> Refused {
    Refused::field(field, "A valid integer is required.")
}
