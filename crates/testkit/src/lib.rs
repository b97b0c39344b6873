//! For tests only: in-memory ports, and tests for whatever implements the domain's ports.
//!
//! - [`memory`] implements every port in memory, without a runtime. The use cases run on it in
//!   microseconds, and it is the model that the databases are compared with.
//! - [`contract`] holds the tests every adapter must pass: one function per promise of the ports' docs.
//!   [`contract_tests!`] makes a test of each, so that a failure names the promise.
//! - [`world`] assembles the use cases over [`memory`].
//! - [`message`] makes messages to send and to compare with.
//! - [`replica`] is a client's copy of a chat, which must stay exact while it catches up.
#![expect(clippy::unwrap_used, reason = "this crate is a test; a panic is its verdict")]
#![expect(clippy::cognitive_complexity, reason = "it counts each assertion of a straight list")]

pub mod contract;
pub mod memory;
pub mod message;
pub mod redis_cluster;
pub mod redis_server;
pub mod replica;
pub mod world;
