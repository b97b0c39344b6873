//! Metrics of requests; `docs/OPERATIONS.md` lists all metrics.
//!
//! The handle of a metric is looked up once and kept, because looking it up takes longer than counting. If
//! metrics are off, there is no recorder, and the handles do nothing.

mod log_ins;
mod outputs;
mod requests;
mod sends;

pub(crate) use log_ins::too_many_log_ins;
pub use log_ins::{exchanged, logged_in};
pub use outputs::observe;
pub use requests::{Via, answered};
pub use sends::send;

/// Registers every metric with the value 0: if a metric appeared only with its first event, a rate would not
/// show that event. To be called once a recorder is installed.
pub fn register() {
    sends::register();
    log_ins::register();
    outputs::register();
}
