//! Who is blocked.

use crate::clock::Timestamp;
use crate::user::UserSummary;

/// Somebody whom one has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who.
    pub user: UserSummary,
    /// Since when.
    pub since: Timestamp,
}

/// People whom one has blocked, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPage {
    /// In the order of their ids.
    pub blocks: Vec<Block>,
    /// Whether there are more.
    pub more: bool,
}
