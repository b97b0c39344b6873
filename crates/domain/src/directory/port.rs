//! The port of finding people: which people share chats.

use super::Tie;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Knows how people are connected by their chats. It may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TieStore: Send + Sync {
    /// Those of `others` who have this tie to the person, or a closer one, in the same order. Everybody has
    /// the closest tie to themselves, and everybody has [`Tie::None`] to everybody.
    async fn tied(
        &self,
        user: UserId,
        tie: Tie,
        others: &[UserId],
    ) -> Result<Vec<UserId>, StoreError>;
}
