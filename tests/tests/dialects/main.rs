//! The protocols of other chat servers.

mod cross_delivery;
mod pages;
mod pictures;
mod refusals;
mod scenarios;
mod transcripts;
