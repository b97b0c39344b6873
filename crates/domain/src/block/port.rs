//! The port of blocking: its store.

use super::BlockPage;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Stores who has blocked whom. Each call is one atomic change, which is durable once the call returns. The
/// same change closes or reopens the direct chat of the two ([`crate::chat::Standing::closed`]) as
/// [`super::PairFacts::is_closed`] says: it is closed while either has blocked the other, or an account is
/// disabled or deleted. That advances no version, because the blocked person must not notice. Every method
/// may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait BlockStore: Send + Sync {
    /// Lets `blocker` block `blocked`, and returns whether that is new. `NotFound` if there is no such
    /// account, or it was deleted; `Conflict` if the blocker has `capacity` blocks already.
    async fn block(
        &self,
        blocker: UserId,
        blocked: UserId,
        capacity: usize,
        at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Unblocks, and returns whether there was a block.
    async fn unblock(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError>;

    /// The people whom somebody has blocked, ordered by id, after the cursor.
    async fn list(
        &self,
        blocker: UserId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<BlockPage, StoreError>;

    /// Whether either of the two has blocked the other.
    async fn between(&self, a: UserId, b: UserId) -> Result<bool, StoreError>;

    /// Those of `people` who have blocked `blocked`, ordered by id.
    async fn blockers(&self, blocked: UserId, people: &[UserId])
    -> Result<Vec<UserId>, StoreError>;
}
