//! Request bodies that are not read to their end.
//!
//! If a chunked body is dropped before its end, actix goes on reading it for as long as the client likes, and
//! has no deadline if it stalls. If the response still holds the body when it has been sent, actix closes the
//! connection instead. That is what this middleware brings about.

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

/// The body of a request, shared by the handler that reads it and the response that holds it.
#[derive(Clone)]
struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(cx)
    }
}

/// Middleware: closes the connection after a request that was answered before its body had arrived.
///
/// # Errors
/// Those of the service.
pub async fn close_on_unread(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // After an upgrade, the body is what arrives on the socket, and ends with it.
    let held = if request.head().upgrade() { None } else { share(&mut request) };
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(match held {
        Some(held) => response.map_body(|_, body| BoxBody::new(Holding { body, _held: held })),
        None => response,
    })
}

/// Puts a shared body into the request, and returns the other share. `None` if the request has no body.
fn share(request: &mut ServiceRequest) -> Option<Shared> {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return None;
    }
    let shared = Shared(Rc::new(RefCell::new(payload)));
    request.set_payload(Payload::Stream { payload: Box::pin(shared.clone()) });
    Some(shared)
}

/// A response's body, which keeps that of its request until it has been sent.
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
