//! Paths of requests: that they are text, and which path of the API's description they match.

use crate::problem::Problem;
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use percent_encoding::percent_decode_str;

/// Middleware: refuses a path that is not UTF-8 once it is decoded. The framework would put U+FFFD in the place of what
/// it cannot read, and so take different ids for one.
///
/// # Errors
/// The service's errors.
pub async fn refuse_unreadable_path(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if percent_decode_str(request.uri().path()).decode_utf8().is_err() {
        let detail = "The path is not UTF-8 once it is percent-decoded.".to_owned();
        let problem = Problem::new(StatusCode::BAD_REQUEST, "malformed_path", detail);
        return Ok(request.error_response(problem));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Whether a path matches a template, in which `{…}` stands for any one segment.
pub fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) => {
                let any = wanted.starts_with('{') && !given.is_empty();
                if !any && wanted != given {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_parameter_stands_for_one_segment() {
        assert!(fits("/chats/{chat_id}/messages", "/chats/7/messages"));
        assert!(fits("/users", "/users"));
        for path in ["/chats//messages", "/chats/7", "/chats/7/messages/", "/chats/7/8/messages"] {
            assert!(!fits("/chats/{chat_id}/messages", path), "{path}");
        }
    }
}
