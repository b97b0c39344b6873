//! The native API over HTTP and WebSocket, and the HTTP server.
//!
//! `native` is the API under `/api/v1`. A handler parses a request, calls one use case, and renders the
//! answer; it contains no rules and no queries. Other APIs are passed in as [`http_core::Mount`]s, so this
//! crate knows none of them.

mod backend;
pub mod health;
pub mod metrics;
mod native;
pub mod serve;

pub use backend::{Backend, UseCases};
#[cfg(fuzzing)]
pub use native::read_frame;
pub use native::{NativeCodec, describe};
