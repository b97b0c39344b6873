//! What invitations need from the outside.

use super::{Invite, InviteRefusal, NewInvite};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::ids::InviteId;
use crate::user::{NewUser, User};
use async_trait::async_trait;

/// Invitations, and whether there are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitePage {
    /// The newest first.
    pub invites: Vec<Invite>,
    /// Whether there are older ones.
    pub more: bool,
}

/// Keeps invitations. Each call is one atomic change, the line of the audit log that it is given included.
/// Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait InviteStore: Send + Sync {
    /// Keeps one. `Conflict` if there are [`crate::limits::INVITES`].
    async fn add(&self, invite: NewInvite, record: Record) -> Result<Invite, StoreError>;

    /// Those that there are, the newest first, before the cursor.
    async fn list(&self, before: Option<InviteId>, limit: usize) -> Result<InvitePage, StoreError>;

    /// Takes one away: its code is unknown from then on. `NotFound` if there is none.
    async fn remove(&self, id: InviteId, record: Record) -> Result<(), StoreError>;

    /// The one whose code has this hash. `NotFound` if there is none.
    async fn find(&self, hash: [u8; 32]) -> Result<Invite, StoreError>;

    /// Adds an account as [`crate::user::UserStore::add`] does, with an invitation as
    /// [`Invite::admit`] decides under its lock, and counts the use: of several who want the last one at
    /// once, one gets in. Whoever is refused, for whatever reason, uses nothing up. The line about the
    /// account names the invitation.
    async fn register(
        &self,
        hash: [u8; 32],
        user: NewUser,
        at: Timestamp,
    ) -> Result<User, WriteError<InviteRefusal>>;

    /// Forgets those that expired before that time.
    async fn forget(&self, before: Timestamp) -> Result<(), StoreError>;
}
