//! What somebody wants who is to be brought into a group.

use crate::clock::Timestamp;

/// What the one who is to be brought in has said to that, as far as it concerns whoever wants it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Whether they have blocked whoever wants it.
    pub blocked_actor: bool,
    /// When they left the chat by themselves, if that is how they came to be out of it.
    pub left_at: Option<Timestamp>,
    /// When they last wrote to whoever wants it, in the direct chat of the two: looked for among its
    /// newest [`crate::limits::WRITTEN_AMONG`] messages.
    pub wrote_at: Option<Timestamp>,
}

/// Why somebody is not brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwilling {
    /// They have blocked whoever wants it, who is not told.
    Blocked,
    /// They left, and have not written to whoever wants it since.
    Left,
}
