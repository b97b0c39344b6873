//! Addresses on the internet that others name and this server then calls: they must not lead it into its own network
//! (ADR 29).

mod address;
mod web;

pub use address::is_public;
pub use web::{NotAWebAddress, Reach, authority, check_web_address};
