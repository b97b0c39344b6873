//! What is read of drafts before they are decided on.

use crate::types::Instant;

/// A chat and one of its members, their role, what is hidden from them, when they last sent something in slow mode, and
/// since and until when they are silenced.
pub(crate) type Author =
    ((i64, i64), String, (i64, i64), Option<Instant>, (Option<Instant>, Option<Instant>));

/// What is read of drafts under the locks of their chats.
#[derive(Default)]
pub(crate) struct DraftFacts {
    /// The authors who are members.
    pub(crate) authors: Vec<Author>,
    /// Messages that these authors have already sent with these client ids.
    pub(crate) sent: Vec<i64>,
    /// Ids for the new messages, one for each draft.
    pub(crate) ids: Vec<i64>,
}
