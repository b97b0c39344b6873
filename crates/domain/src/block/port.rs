//! What blocking needs from the outside.

use super::BlockPage;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Keeps who has blocked whom. Each call is one atomic change, and a change that returned is there
/// to stay. The direct chat of two people is closed ([`crate::chat::Standing::closed`]) as
/// [`super::PairFacts::is_closed`] says, as long as either has blocked the other, or one of them is
/// disabled or was deleted: that follows in the same change, and moves no version, for nobody is told. Every method may answer
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait BlockStore: Send + Sync {
    /// `blocker` wants nothing of `blocked`; whether that is new. `NotFound` if there is no such
    /// account, or it was deleted; `Conflict` if the blocker has `capacity` blocks already.
    async fn block(
        &self,
        blocker: UserId,
        blocked: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Takes that back; whether it was so.
    async fn unblock(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError>;

    /// Whom somebody has blocked, in the order of their ids, after the cursor.
    async fn list(
        &self,
        blocker: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BlockPage, StoreError>;

    /// Whether one of the two, in whichever direction, has blocked the other.
    async fn between(&self, a: UserId, b: UserId) -> Result<bool, StoreError>;

    /// Those of `people` who have blocked `blocked`, in the order of their ids.
    async fn blockers(&self, blocked: UserId, people: &[UserId])
    -> Result<Vec<UserId>, StoreError>;
}
