//! The port of presence: its store.

use super::{ConnectionId, Settled};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Keeps track of who is connected. Nothing of this survives a restart.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PresenceStore: Send + Sync {
    /// Adds a connection. Adding it again changes nothing.
    async fn connect(&self, user: UserId, connection: ConnectionId) -> Result<(), StoreError>;

    /// Removes a connection, if it exists.
    async fn disconnect(
        &self,
        user: UserId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Those of the people who are online, in the same order: those who are connected, or were within
    /// [`crate::limits::OFFLINE_GRACE`].
    async fn online(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError>;

    /// Who came online or went offline since the last call. Each change is returned once on each node, and
    /// one node has to store it. Somebody who was away for less than the grace period does not appear, nor
    /// somebody who came and went so long ago that nobody can have seen them.
    async fn settle(&self, now: Timestamp) -> Result<Settled, StoreError>;
}
