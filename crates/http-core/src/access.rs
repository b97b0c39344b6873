//! Authentication, origins and rate limits.

use crate::auth::Origins;
use crate::rate_limit::{ClientAddress, RateLimits, SocketSlot};
use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig};
use domain::failure::{Failure, Kind};
use domain::service_key::ServiceKeys;
use domain::session::Sessions;
use std::sync::Arc;

/// What decides whether a request is admitted.
#[derive(Clone)]
pub struct Access {
    /// Signing in and out.
    pub sessions: Arc<Sessions>,
    /// Service keys.
    pub keys: Arc<ServiceKeys>,
    /// Which web pages may call from a browser.
    pub origins: Arc<Origins>,
    /// Rate limits.
    pub rate_limits: Arc<RateLimits>,
}

impl Access {
    /// Registers it with actix, as a whole and each part.
    pub fn register(&self, app: &mut ServiceConfig) {
        app.app_data(Data::new(self.clone()))
            .app_data(Data::from(Arc::clone(&self.sessions)))
            .app_data(Data::from(Arc::clone(&self.keys)))
            .app_data(Data::from(Arc::clone(&self.origins)))
            .app_data(Data::from(Arc::clone(&self.rate_limits)));
    }

    /// Takes a slot for a socket from that address.
    ///
    /// # Errors
    /// The page may not open sockets, or the address has too many.
    pub fn reserve_slot(
        &self,
        request: &HttpRequest,
        address: ClientAddress,
    ) -> Result<SocketSlot, Failure> {
        self.check_origin(request)?;
        self.rate_limits.socket_from(address)
    }

    fn check_origin(&self, request: &HttpRequest) -> Result<(), Failure> {
        if self.origins.permit(request) {
            return Ok(());
        }
        let detail = "Pages of this origin may not open a socket.";
        Err(Failure::new(Kind::Forbidden, "origin_forbidden", detail))
    }
}
