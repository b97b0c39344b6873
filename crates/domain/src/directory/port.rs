//! What finding people needs from the outside.

use super::Tie;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Knows how people are connected by the chats that they are in. It may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TieStore: Send + Sync {
    /// Those of `others` who are that close to this person, or closer, in the order of the question. Everybody
    /// is close to themselves, whether or not they are in a chat, and without a tie everybody is.
    async fn tied(
        &self,
        user: UserId,
        tie: Tie,
        others: &[UserId],
    ) -> Result<Vec<UserId>, StoreError>;
}
