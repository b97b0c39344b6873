//! The client at the other end of a socket, in any protocol.

use crate::rate_limit::{Class, ClientAddress, RateLimits};
use domain::failure::Failure;
use domain::presence::ConnectionId;
use domain::session::Caller;
use domain::user::AccountRole;
use std::sync::Arc;

/// The client of a socket, with what its requests need.
pub struct ClientContext<S> {
    /// The use cases that the protocol calls.
    pub services: Arc<S>,
    /// The caller.
    pub caller: Arc<Caller>,
    /// The connection's id, for presence.
    pub connection: ConnectionId,
    /// The client's address.
    pub address: ClientAddress,
    /// The rate limits.
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
    /// Sets the caller's new role, which applies from the next request on.
    pub fn set_role(&mut self, role: AccountRole) {
        self.caller = Arc::new(Caller { role, ..(*self.caller).clone() });
    }

    /// Counts a frame.
    ///
    /// # Errors
    /// There were too many.
    pub fn count(&self, class: Class) -> Result<(), Failure> {
        self.limits.check_frame(class, self.caller.user, self.address)
    }
}
