//! Creating, listing and revoking invitations.

use super::{Invite, InviteNote, InvitePage, InviteStore, NewInvite, hash};
use crate::admin::{Actor, AuditAction, Record};
use crate::clock::Clock;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::InviteId;
use crate::limits::{INVITE_DAYS_MAX, INVITE_USES_MAX, INVITES};
use crate::session::{TokenSigner, hex};
use crate::text::TextError;
use std::sync::Arc;
use std::time::Duration;

/// The ports that invitations need.
pub struct InvitePorts {
    /// Invitations.
    pub invites: Arc<dyn InviteStore>,
    /// Makes random codes, and hashes them.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases with which admins manage invitations.
pub struct Invites {
    ports: InvitePorts,
}

/// An invitation to create.
#[derive(Debug, Clone, Copy)]
pub struct MakeInvite<'a> {
    /// How many accounts can be created with it: 1 to [`INVITE_USES_MAX`].
    pub uses: u32,
    /// For how many days it is valid: 1 to [`INVITE_DAYS_MAX`].
    pub days: u32,
    /// What it is for, as typed.
    pub note: &'a str,
}

/// An invitation that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeInvite {
    /// The invitation.
    pub invite: Invite,
    /// Its code. Only its hash is stored, so it cannot be shown again.
    pub code: String,
}

/// Why an invitation was not created.
#[derive(Debug, thiserror::Error)]
pub enum MakeInviteError {
    /// The number of uses is zero or too large.
    #[error("An invitation is for 1 to {INVITE_USES_MAX} accounts.")]
    Uses,
    /// The number of days is zero or too large.
    #[error("An invitation is good for 1 to {INVITE_DAYS_MAX} days.")]
    Days,
    /// The note breaks a rule.
    #[error("The note {0}.")]
    Note(#[from] TextError),
    /// There are too many invitations.
    #[error("There are {INVITES} invitations already; revoke one.")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<MakeInviteError> for Failure {
    fn from(error: MakeInviteError) -> Self {
        match error {
            MakeInviteError::Uses => Self::field("uses", "out_of_range", error),
            MakeInviteError::Days => Self::field("days", "out_of_range", error),
            MakeInviteError::Note(why) => Self::field("note", why.code(), error),
            MakeInviteError::TooMany => Self::new(Kind::Conflict, "too_many_invites", error),
            MakeInviteError::Store(error) => error.into(),
        }
    }
}

/// Why an invitation was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeInviteError {
    /// There is none with that id.
    #[error("There is no such invitation.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<RevokeInviteError> for Failure {
    fn from(error: RevokeInviteError) -> Self {
        match error {
            RevokeInviteError::NotFound => Self::new(Kind::NotFound, "invite_not_found", error),
            RevokeInviteError::Store(error) => error.into(),
        }
    }
}

impl Invites {
    /// Uses the given ports.
    pub fn new(ports: InvitePorts) -> Self {
        Self { ports }
    }

    /// Creates an invitation.
    pub async fn make(
        &self,
        actor: Actor,
        wanted: MakeInvite<'_>,
    ) -> Result<MadeInvite, MakeInviteError> {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        let MakeInvite { uses, days, note } = wanted;
        if !(1..=INVITE_USES_MAX).contains(&uses) {
            return Err(MakeInviteError::Uses);
        }
        if !(1..=INVITE_DAYS_MAX).contains(&days) {
            return Err(MakeInviteError::Days);
        }
        let (note, now) = (InviteNote::new(note)?, self.ports.clock.now());
        let code = hex(&self.ports.signer.random()[..16]);
        let invite = NewInvite {
            hash: hash(&*self.ports.signer, &code),
            created_by: actor.account(),
            created_at: now,
            expires_at: now.plus(DAY * days),
            uses,
            note,
        };
        let detail = format!("{uses} uses, {days} days");
        let record = self.record(actor, AuditAction::InviteMade, detail);
        let invite = self.ports.invites.add(invite, record).await.map_err(|error| match error {
            StoreError::Conflict => MakeInviteError::TooMany,
            error => MakeInviteError::Store(error),
        })?;
        Ok(MadeInvite { invite, code })
    }

    /// All invitations, the newest first, without their codes.
    pub async fn list(
        &self,
        _: Actor,
        before: Option<InviteId>,
        limit: usize,
    ) -> Result<InvitePage, StoreError> {
        self.ports.invites.list(before, limit).await
    }

    /// Revokes an invitation. Accounts that were created with it stay.
    pub async fn revoke(&self, actor: Actor, id: InviteId) -> Result<(), RevokeInviteError> {
        let record = self.record(actor, AuditAction::InviteRevoked, String::new());
        self.ports.invites.remove(id, record).await.map_err(|error| match error {
            StoreError::NotFound => RevokeInviteError::NotFound,
            error => RevokeInviteError::Store(error),
        })
    }

    fn record(&self, actor: Actor, action: AuditAction, detail: String) -> Record {
        Record::new(actor.account(), action, detail, self.ports.clock.now())
    }
}
