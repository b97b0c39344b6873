//! Where requests over HTTP are counted.

use super::{Class, ClientAddress, RateLimits, RouteClasses, body};
use crate::problem::Problem;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use domain::output::Owed;
use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;

/// What is known of a request when it arrives.
#[derive(Clone)]
pub struct Arrival {
    /// What it is counted as; `None` if it is not.
    pub class: Option<Class>,
    /// Where it comes from.
    pub address: ClientAddress,
    /// What its answer may take, once it is known whose it is.
    owed: Rc<Cell<Owed>>,
}

/// Middleware: counts a request for its address before anything is done for it, and leaves its
/// [`Arrival`] for those who find out whose it is.
///
/// # Errors
/// None of its own: a refusal is a response.
pub async fn limit_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let limits = request.app_data::<Data<RateLimits>>().expect("`Access::register` hands it over");
    let classes =
        request.app_data::<Data<RouteClasses>>().expect("the app has its routes' classes");
    let class = classes.of(request.method(), request.match_info().as_str());
    let address = limits.proxies.client(request.request());
    let owed = Rc::<Cell<Owed>>::default();
    request.extensions_mut().insert(Arrival { class, address, owed: Rc::clone(&owed) });
    let counted = class.map_or(Ok(()), |class| limits.arrive(class, address));
    if let Err(refused) = counted {
        return Ok(request.error_response(Problem::from(refused)));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(response.map_body(|_, body| body::counted(body, owed.take())))
}

impl Arrival {
    /// Of a request that came in through the middleware.
    pub fn of(request: &HttpRequest) -> Self {
        let arrival = request.extensions().get::<Self>().cloned();
        arrival.expect("every request passes `limit_requests`")
    }

    /// So much is owed for it until its answer is written.
    pub(super) fn owe(&self, owed: Owed) {
        self.owed.set(owed);
    }
}

impl FromRequest for ClientAddress {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Arrival::of(request).address))
    }
}
