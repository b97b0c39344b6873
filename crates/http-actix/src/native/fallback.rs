//! The answer for unknown paths and methods.

use super::description::allowed_at;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use http_core::problem::Problem;

/// Answers requests that no route matches.
///
/// # Errors
/// Always.
pub(crate) async fn no_such_path(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let here = request.resource_map().match_pattern(request.path());
    let allowed = allowed_at(request.path());
    // The path exists, but only for another host name, so it is unknown here with any method.
    let takes_it = allowed.contains(&request.method().as_str());
    Err(if here.is_some() && !takes_it {
        Problem::method_not_allowed(&allowed)
    } else {
        Problem::new(StatusCode::NOT_FOUND, "no_such_path", "There is nothing at this path.")
    })
}
