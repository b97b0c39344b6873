//! Framing responses: without a body for HEAD, and for HTTP/1.0, which has no chunked encoding, ended by
//! closing the connection.

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, Method, Version};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Middleware: answers HEAD like GET, without the body; and sends a body of unknown length to HTTP/1.0
/// clients without chunks.
///
/// # Errors
/// The service's errors.
pub async fn fit_response(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // A socket can be opened only with GET.
    let head_only = request.method() == Method::HEAD && !request.head().upgrade();
    if head_only {
        request.head_mut().method = Method::GET;
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let size = response.response().body().size();
    if response.request().version() == Version::HTTP_10 && matches!(size, BodySize::Stream) {
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(if head_only { response.map_body(|_, _| BoxBody::new(Unsent(size))) } else { response })
}

/// The size of a body that is not sent.
struct Unsent(BodySize);

impl MessageBody for Unsent {
    type Error = Error;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
