//! The port of invitations: their store.

use super::{Invite, InviteRefusal, NewInvite};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::ids::InviteId;
use crate::user::{NewUser, User};
use async_trait::async_trait;

/// A page of invitations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitePage {
    /// The newest first.
    pub invites: Vec<Invite>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Stores invitations. Each call is one atomic change together with its entry in the audit log.
/// Every method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait InviteStore: Send + Sync {
    /// Adds an invitation. `Conflict` if there are [`crate::limits::INVITES`] already, also if several are added at
    /// once.
    async fn add(&self, invite: NewInvite, record: Record) -> Result<Invite, StoreError>;

    /// The invitations before the cursor, the newest first.
    async fn list(&self, before: Option<InviteId>, limit: usize) -> Result<InvitePage, StoreError>;

    /// Deletes an invitation, so that its code no longer works. `NotFound` if there is none.
    async fn remove(&self, id: InviteId, record: Record) -> Result<(), StoreError>;

    /// The invitation whose code has this hash. `NotFound` if there is none.
    async fn find(&self, hash: [u8; 32]) -> Result<Invite, StoreError>;

    /// Adds an account, like [`crate::user::UserStore::add`], if [`Invite::admit`] allows it under the
    /// invitation's lock, and counts the use. Of several calls at once for the last use, one succeeds. A
    /// refused call, for whatever reason, uses nothing up. The audit log's entry names the invitation.
    async fn register(
        &self,
        hash: [u8; 32],
        user: NewUser,
        at: Timestamp,
    ) -> Result<User, WriteError<InviteRefusal>>;

    /// Deletes those that expired before that time, at most [`crate::limits::FORGOTTEN_TOGETHER`] of them. Whether
    /// there may be more.
    async fn forget(&self, before: Timestamp) -> Result<bool, StoreError>;
}
