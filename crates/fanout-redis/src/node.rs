//! This node among the others.

use std::time::Instant;

/// This node, as others know it.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    /// A number that no other node has, nor this one after a restart.
    pub(crate) id: u64,
    /// When it began.
    pub(crate) began: Instant,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self { id: random(), began: Instant::now() }
    }
}

/// A number that nobody else has.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| {
        // Without randomness the process and the time have to do.
        let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        now.as_nanos() as u64 ^ u64::from(std::process::id()) << 40
    })
}
