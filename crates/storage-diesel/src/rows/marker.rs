//! Read markers that are moved together.

/// The markers of members, each with its chat, and the members whose rows somebody else has locked.
pub(crate) type FoundMarkers = (Vec<(i64, i64, i64)>, Vec<(i64, i64)>);

/// Where a read marker is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MovedMarker {
    pub(crate) chat: i64,
    pub(crate) user: i64,
    pub(crate) seq: i64,
    /// That of the move; `None` if only its owner sees it.
    pub(crate) version: Option<i64>,
}
