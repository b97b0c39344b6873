//! Bodies that nobody reads to their end.
//!
//! actix reads on, for as long as the client likes, where a body in chunks was dropped before its end,
//! and has no deadline for one that stops. Where the response holds the body until it was sent, actix
//! closes the connection after it instead.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::{Stream, StreamExt};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The body of a request, which a handler reads and the response holds.
#[derive(Clone)]
struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(cx)
    }
}

/// Middleware: a request that was answered before its body had come ends its connection.
///
/// # Errors
/// Those of the service.
pub async fn close_on_unread(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // The body of a request for a socket is what comes on it, and that ends with the socket.
    let held = if request.head().upgrade() { None } else { share(&mut request) };
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(match held {
        Some(held) => response.map_body(|_, body| BoxBody::new(Holding { body, _held: held })),
        None => response,
    })
}

/// Hands a request's body on and keeps hold of it.
fn share(request: &mut ServiceRequest) -> Option<Shared> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return None;
    }
    let shared = Shared(Rc::new(RefCell::new(payload)));
    request.set_payload(Payload::Stream { payload: Box::pin(shared.clone()) });
    Some(shared)
}

/// A response's body, with that of its request.
struct Holding {
    body: BoxBody,
    _held: Shared,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
