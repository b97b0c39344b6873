//! What the hub knows a socket by.

/// A socket of this process; no number is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SocketId(pub(crate) u64);
