//! Who is at the other end of a socket, in whatever protocol.

use crate::rate_limit::{Class, ClientAddress, RateLimits};
use domain::failure::Failure;
use domain::presence::ConnectionId;
use domain::session::Caller;
use domain::user::AccountRole;
use std::sync::Arc;

/// Who asks, over which connection, and what is called for them.
pub struct ClientContext<S> {
    /// What the protocol calls.
    pub services: Arc<S>,
    /// Who it is.
    pub caller: Arc<Caller>,
    /// What presence knows the connection by.
    pub connection: ConnectionId,
    /// Where it comes from.
    pub address: ClientAddress,
    /// How often they may do what.
    pub limits: Arc<RateLimits>,
}

impl<S> Clone for ClientContext<S> {
    fn clone(&self) -> Self {
        Self {
            services: Arc::clone(&self.services),
            caller: Arc::clone(&self.caller),
            limits: Arc::clone(&self.limits),
            ..*self
        }
    }
}

impl<S> ClientContext<S> {
    /// The person was given another role, which counts from the next request on.
    pub fn set_role(&mut self, role: AccountRole) {
        self.caller = Arc::new(Caller { role, ..(*self.caller).clone() });
    }

    /// Counts a frame.
    ///
    /// # Errors
    /// It was one too many.
    pub fn count(&self, class: Class) -> Result<(), Failure> {
        self.limits.check_frame(class, self.caller.user, self.address)
    }
}
