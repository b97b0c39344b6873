//! The caller of a use case.

use super::{Proof, Protocol};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::host::Issuer;
use crate::ids::{SessionId, UserId};
use crate::second_factor::SecondFactorState;
use crate::service_key::{CallingKey, KeyRefusal, Reach};
use crate::user::AccountRole;

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The protocol of the session's client.
    pub protocol: Protocol,
    /// The account's role.
    pub role: AccountRole,
    /// The session's further proofs of identity.
    pub proof: Proof,
    /// The issuer of the external ids that the caller uses: the host that the account comes from. `None`
    /// without a host; then external ids match nobody.
    pub issuer: Option<Issuer>,
    /// The service key that calls, as itself or as this account; `None` for a person.
    pub key: Option<CallingKey>,
}

impl Caller {
    /// The account that the audit log names: a key's own, even if it acts as somebody else.
    pub fn actor(&self) -> UserId {
        self.key.as_ref().map_or(self.user, |key| key.account)
    }

    /// Whether this is a service key that calls as itself, not as somebody else.
    pub fn is_key(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.account == self.user)
    }

    /// Whether this is a service key that calls as itself and reaches chats that it is not in.
    pub fn reaches_all(&self) -> bool {
        let reach = self.key.as_ref().map(|key| key.reach);
        self.is_key() && reach == Some(Reach::Everywhere)
    }

    /// The scope that a service key lacks, which calls as itself, to reach chats that it is not in.
    pub fn lacks_reach(&self) -> Option<KeyRefusal> {
        match self.key.as_ref().filter(|_| self.is_key())?.reach {
            Reach::Lacking(scope) => Some(KeyRefusal::Scope(scope)),
            Reach::Own | Reach::Everywhere => None,
        }
    }

    /// The issuer whose people and chats a key that calls as itself manages; `None` for everybody else.
    pub fn key_issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref().filter(|_| self.is_key())
    }

    /// Whether the caller sees the account's whispers: people do, and keys with that scope.
    pub fn sees_whispers(&self) -> bool {
        self.key.as_ref().is_none_or(CallingKey::sees_whispers)
    }

    /// Whether the caller may do what only admins may. If this installation requires it, an admin needs a
    /// second factor. A key calling as itself may if the route required an admin scope of it; a key that acts
    /// as somebody else may do what they may.
    pub fn manages(&self) -> Result<(), NoAdmin> {
        if let Some(key) = self.key.as_ref().filter(|key| key.account == self.user) {
            return if key.manages() { Ok(()) } else { Err(NoAdmin::Role) };
        }
        match (self.role, self.proof.second_factor) {
            (AccountRole::Admin, SecondFactorState::Needed) => Err(NoAdmin::SecondFactor),
            (AccountRole::Admin, SecondFactorState::Off | SecondFactorState::On) => Ok(()),
            (AccountRole::User | AccountRole::Named(_), _) => Err(NoAdmin::Role),
        }
    }
}

/// Why somebody may not do what only admins may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAdmin {
    /// They are not an admin.
    #[error("Only an admin may do this.")]
    Role,
    /// This installation requires a second factor of its admins, and this one has none.
    #[error("An admin of this server needs a second factor for this; turn it on first.")]
    SecondFactor,
}

impl From<NoAdmin> for Failure {
    fn from(error: NoAdmin) -> Self {
        match error {
            NoAdmin::Role => Self::new(Kind::Forbidden, "admin_only", error),
            NoAdmin::SecondFactor => Self::new(Kind::Forbidden, "second_factor_needed", error),
        }
    }
}

/// An authenticated caller, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenCaller {
    /// The caller.
    pub caller: Caller,
    /// When the authentication expires, unless they authenticate again.
    pub ends_at: Timestamp,
}
