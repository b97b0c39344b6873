//! An HTTP client for addresses that others name: it calls the public internet only, and follows no redirects (ADR 29).
#![warn(missing_docs)]

mod client;
mod lookup;

pub use client::{Client, client};
pub use lookup::{Lookup, NotPublic};
