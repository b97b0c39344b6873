//! What presence needs from the outside.

use super::{ConnectionId, Settled};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Keeps who is connected. Nothing here outlives a restart.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PresenceStore: Send + Sync {
    /// Notes a connection. Noting it twice is noting it once.
    async fn connect(&self, user: UserId, connection: ConnectionId) -> Result<(), StoreError>;

    /// Forgets a connection. One that is not there is passed over.
    async fn disconnect(
        &self,
        user: UserId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Those of the people who are online: connected, or not for [`crate::limits::OFFLINE_GRACE`]
    /// yet. In the order of the question.
    async fn online(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError>;

    /// Who came online or went offline since the last call. Each change is answered once on each
    /// node, and is one node's to note; who was away for less than the grace is not in it, and
    /// neither is who came and went before anybody could have asked, a grace ago.
    async fn settle(&self, now: Timestamp) -> Result<Settled, StoreError>;
}
