//! What is read of drafts before they are decided on, and what is presumed of them.

use crate::types::{Instant, Permitted};
use domain::chat::ChatRole;
use std::collections::BTreeMap;

/// A chat and one of its members, their role, what is hidden from them, and when they last sent something in slow
/// mode.
pub(crate) type Author = ((i64, i64), String, (i64, i64), Option<Instant>);

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

/// A chat that is not closed and not in slow mode: what else decides on drafts.
#[derive(Clone, Copy)]
pub(crate) struct OpenChat {
    pub(crate) hushed: bool,
    pub(crate) permissions: Permitted,
}

/// What was relied on when drafts were admitted: their chats, and their authors as members of these.
#[derive(Default)]
pub(crate) struct Presumed {
    pub(crate) chats: BTreeMap<i64, OpenChat>,
    pub(crate) authors: BTreeMap<(i64, i64), ChatRole>,
}

/// Where a draft was stored.
pub(crate) struct Placed {
    /// Which of the drafts.
    pub(crate) nth: usize,
    pub(crate) id: i64,
    pub(crate) seq: i64,
    pub(crate) version: i64,
}
