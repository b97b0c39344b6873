//! An HTTP client for addresses that others name: it calls the public internet only, and follows no redirects (ADR 29,
//! ADR 71).
#![warn(missing_docs)]

mod client;
mod lookup;
mod pictures;

pub use client::{Client, client};
pub use lookup::{Lookup, NotPublic};
pub use pictures::PublicPictures;
