//! Middleware that gives each request an id, a line in the log and a span for traces, and counts it in the
//! metrics. Of floods, only some requests are logged.

use crate::metrics::{Via, answered};
use crate::problem::Problem;
use crate::rate_limit::{Arrival, Class};
use crate::sampled;
use crate::traces;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError};
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Middleware. The line has the path without its query, which may have a ticket or a key.
///
/// # Errors
/// None of its own; an error of the service becomes its response here.
pub async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = new_id();
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.path().to_owned();
    let span = traces::request(&request, &id);
    let called = next.call(request).instrument(span.clone()).await;
    let mut response = called?.map_into_boxed_body();
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    if let Some(problem) = problem.cloned() {
        // A refusal is made where the request's id is not known, so it is made again with it. Headers that
        // middleware has added meanwhile are kept.
        let headers = response.headers().clone();
        response = response.into_response(problem.with_request_id(&id).error_response());
        for (name, value) in headers {
            if !response.headers().contains_key(&name) {
                response.headers_mut().append(name, value);
            }
        }
    }
    let took = began.elapsed();
    let class = response.request().extensions().get::<Arrival>().map(|arrival| arrival.class);
    // Requests that were answered before they got a class, such as preflights, count as others. `Some(None)` is a
    // request that no limit counts, such as one about health.
    let class = class.unwrap_or(Some(Class::Other));
    answered(Via::Http, class, response.status(), took);
    if is_logged(class, response.status()) {
        let (status, millis) = (response.status().as_u16(), took.as_millis());
        let path = sampled::cut(&path);
        tracing::info!(request_id = id, %method, path, status, millis, "request");
    }
    traces::answered(&span, &method, &response);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

/// Whether a request is logged. Of requests that anybody can make as fast as they like, one in a second is.
fn is_logged(class: Option<Class>, status: StatusCode) -> bool {
    match class {
        _ if status == StatusCode::TOO_MANY_REQUESTS => sampled::TOO_MANY.is_written(),
        None => sampled::HEALTH.is_written(),
        Some(_) => true,
    }
}

fn new_id() -> String {
    let mut bytes = [0_u8; 8];
    // Without randomness ids repeat, which makes a log harder to read and nothing worse.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
