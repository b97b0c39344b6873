//! What is counted of requests, for whoever watches the server; `docs/OPERATIONS.md` lists it all.
//!
//! A metric is looked up by its name once and kept: looking it up takes longer than counting. Where
//! nobody reads metrics there is no recorder, and the handles do nothing.

mod log_ins;
mod outputs;
mod requests;
mod sends;

pub(crate) use log_ins::too_many_log_ins;
pub use log_ins::{exchanged, logged_in};
pub use outputs::observe;
pub use requests::{Via, answered};
pub use sends::send;

/// Shows every metric from the start, at nothing: a metric that appears with its first event hides
/// that event from a rate. To be called once there is a recorder.
pub fn register() {
    sends::register();
    log_ins::register();
    outputs::register();
}
