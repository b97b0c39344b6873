//! Limits of what a host keeps with people, chats and messages.

/// Bytes of it, at most, as JSON without white space.
pub const DATA_BYTES: usize = 4_096;
/// Objects and lists in each other, at most, the outermost included.
pub const DATA_DEPTH: usize = 16;
