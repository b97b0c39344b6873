//! The middleware that counts requests over HTTP.

use super::{Class, ClientAddress, RateLimits, RouteClasses, body};
use crate::keys::{self, KeyRoutes};
use crate::problem::Problem;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use domain::failure::Failure;
use domain::output::Owed;
use domain::service_key::{KeyAccess, KeyRefusal};
use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;

/// What is known of a request when it arrives.
#[derive(Clone)]
pub struct Arrival {
    /// The rate limit that it counts for; `None` if it is not counted.
    pub class: Option<Class>,
    /// The client's address.
    pub address: ClientAddress,
    /// The room that is reserved for its answer, once its account is known.
    owed: Rc<Cell<Owed>>,
}

/// Middleware: counts a request for its address before anything else is done, and stores its [`Arrival`] for
/// those who find out its account.
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
    let keys = key_access(&request);
    request.extensions_mut().insert(Arrival { class, address, owed: Rc::clone(&owed) });
    // A request with a known service key counts for the key only, in `admit_key`.
    let is_known = keys.is_some_and(|access| access != KeyAccess::Closed)
        && keys::shown(request.request()).is_some_and(|token| limits.knows_key(token));
    let class = class.filter(|_| !is_known);
    let counted = class.map_or(Ok(()), |class| limits.arrive(class, address));
    let let_in = match counted {
        Ok(()) => admit_key(request.request(), limits, keys).await,
        refused => refused,
    };
    if let Err(refused) = let_in {
        return Ok(request.error_response(Problem::from(refused)));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(response.map_body(|_, body| body::counted(body, owed.take())))
}

/// What the route requires of a service key, if the request has one.
fn key_access(request: &ServiceRequest) -> Option<KeyAccess> {
    keys::shown(request.request())?;
    let routes = request.app_data::<Data<KeyRoutes>>()?;
    routes.of(request.method(), request.match_info().as_str())
}

/// Admits the service key of a request, before its body is read. On routes that declare nothing about keys,
/// the handler refuses it.
async fn admit_key(
    request: &HttpRequest,
    limits: &RateLimits,
    access: Option<KeyAccess>,
) -> Result<(), Failure> {
    let (Some(access), Some(token)) = (access, keys::shown(request)) else { return Ok(()) };
    if access == KeyAccess::Closed {
        return Err(KeyRefusal::Closed.into());
    }
    let recognised = keys::recognise(request, token).await;
    let key = recognised.inspect_err(|_| limits.forget_key(token))?;
    limits.admit_key(request, token, &key).await?;
    keys::admit(request, &key, access).await
}

impl Arrival {
    /// The arrival of a request that passed the middleware.
    pub fn of(request: &HttpRequest) -> Self {
        let arrival = request.extensions().get::<Self>().cloned();
        arrival.expect("every request passes `limit_requests`")
    }

    /// Holds this room until the request's answer is written.
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
