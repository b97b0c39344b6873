//! What this crate counts, for whoever watches the server; `docs/OPERATIONS.md` lists it all.
//!
//! A figure is looked up by its name once and kept: looking it up takes longer than counting. Where
//! nobody reads figures there is no recorder, and the handles do nothing.

mod listener;
mod log_ins;
mod requests;
mod sends;
mod sockets;

pub use listener::{Render, listen};
pub(crate) use log_ins::{logged_in, too_many_log_ins};
pub(crate) use requests::{Via, answered};
pub(crate) use sends::send;
pub(crate) use sockets::{Meter, Resumes, closed};

use crate::realtime::Hub;

/// Shows every figure from the start, at nothing: a figure that appears with its first event hides
/// that event from a rate. To be called once there is a recorder.
pub fn register() {
    sends::register();
    log_ins::register();
    sockets::register();
}

/// Looks at what is not counted as it happens.
pub fn observe(hub: &Hub) {
    sockets::observe(hub);
}
