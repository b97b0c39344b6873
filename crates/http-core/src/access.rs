//! Who may come in, and how often.

use crate::auth::Origins;
use crate::rate_limit::{ClientAddress, RateLimits, SocketPlace};
use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig};
use domain::failure::{Failure, Kind};
use domain::session::Sessions;
use std::sync::Arc;

/// What decides whether a request is let in.
#[derive(Clone)]
pub struct Access {
    /// Signing in and out.
    pub sessions: Arc<Sessions>,
    /// Which web pages may call from a browser.
    pub origins: Arc<Origins>,
    /// How often who may do what.
    pub rate_limits: Arc<RateLimits>,
}

impl Access {
    /// Hands it to actix, as a whole and each part.
    pub fn register(&self, app: &mut ServiceConfig) {
        app.app_data(Data::new(self.clone()))
            .app_data(Data::from(Arc::clone(&self.sessions)))
            .app_data(Data::from(Arc::clone(&self.origins)))
            .app_data(Data::from(Arc::clone(&self.rate_limits)));
    }

    /// A place for a socket from that address, unless the page that asks for it may not.
    ///
    /// # Errors
    /// It may not, or the address has as many sockets as it may.
    pub fn knock(
        &self,
        request: &HttpRequest,
        address: ClientAddress,
    ) -> Result<SocketPlace, Failure> {
        if !self.origins.permit(request) {
            let detail = "Pages of this origin may not open a socket.";
            return Err(Failure::new(Kind::Forbidden, "origin_forbidden", detail));
        }
        self.rate_limits.socket_from(address)
    }
}
