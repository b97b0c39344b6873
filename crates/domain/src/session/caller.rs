//! Who calls.

use super::{Proof, Protocol};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind};
use crate::host::Issuer;
use crate::ids::{SessionId, UserId};
use crate::second_factor::SecondFactorState;
use crate::service_key::CallingKey;
use crate::user::AccountRole;

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// By which session.
    pub session: SessionId,
    /// The protocol of that session's client.
    pub protocol: Protocol,
    /// What the account may do.
    pub role: AccountRole,
    /// What the session proves besides.
    pub proof: Proof,
    /// Whose external ids they mean: those of the host that their account is from. `None` if it is from none, and
    /// then external ids name nobody.
    pub issuer: Option<Issuer>,
    /// The service key that calls, as this account or as its own; `None` for a person who calls.
    pub key: Option<CallingKey>,
}

impl Caller {
    /// Whose acts these are in the audit log: a key's are its own, whoever it acts as.
    pub fn actor(&self) -> UserId {
        self.key.as_ref().map_or(self.user, |key| key.account)
    }

    /// Whether this is a service key that calls as itself, and not as somebody.
    pub fn is_key(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.account == self.user)
    }

    /// Whose people and chats a key that calls as itself takes care of; `None` for everybody else.
    pub fn key_issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref().filter(|_| self.is_key())
    }

    /// Whether they see whispers of their own: people do, and keys that were given the scope.
    pub fn sees_whispers(&self) -> bool {
        self.key.as_ref().is_none_or(CallingKey::sees_whispers)
    }

    /// Whether they may do what takes an admin: with a second factor, where this installation asks its admins
    /// for one. A key may if the route asked it for a scope of that sort; as somebody else it may what they may.
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

/// Why somebody manages nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAdmin {
    /// Only admins manage.
    #[error("Only an admin may do this.")]
    Role,
    /// This installation asks its admins for a second factor, and this one has none.
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

/// Somebody who proved who they are, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenCaller {
    /// Who they are.
    pub caller: Caller,
    /// Until when that is proved, unless they prove it again.
    pub ends_at: Timestamp,
}
