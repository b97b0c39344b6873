//! This node's identity.

use std::time::Instant;

/// This node, as other nodes know it.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    /// A random id, different for every node and after every restart.
    pub(crate) id: u64,
    /// When it started.
    pub(crate) began: Instant,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self { id: random(), began: Instant::now() }
    }
}

/// A random number.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| {
        // Without a source of randomness, the process id and the time are used instead.
        let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        now.as_nanos() as u64 ^ u64::from(std::process::id()) << 40
    })
}
