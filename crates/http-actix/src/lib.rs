//! The native API over HTTP and WebSocket, and the server that it is served by.
//!
//! `native` is the API under `/api/v1`. A handler takes a request apart, calls one use case, and puts the
//! answer together; it holds no rule and no query. What is served beside it is handed over as a
//! [`http_core::Mount`]: this crate knows of no other API.

mod backend;
pub mod health;
pub mod metrics;
mod native;
pub mod serve;

pub use backend::{Backend, UseCases};
#[cfg(fuzzing)]
pub use native::read_frame;
pub use native::{NativeCodec, describe};
