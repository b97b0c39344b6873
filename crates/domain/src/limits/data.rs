//! Limits of the data that a host stores with people, chats and messages.

/// Bytes of data, at most, as JSON without white space.
pub const DATA_BYTES: usize = 4_096;
/// How deeply objects and lists may be nested, including the outermost.
pub const DATA_DEPTH: usize = 16;
