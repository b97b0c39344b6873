//! Lists of blocked people.

use crate::clock::Timestamp;
use crate::user::UserSummary;

/// A person whom somebody has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who.
    pub user: UserSummary,
    /// Since when.
    pub since: Timestamp,
}

/// A page of people whom somebody has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPage {
    /// Ordered by id.
    pub blocks: Vec<Block>,
    /// Whether there are more.
    pub more: bool,
}
