//! Which requests a key is let in by, and as what.

use super::{Scope, Scopes, ServiceKey};
use crate::failure::{Failure, Kind};
use crate::ids::UserId;
use crate::user::AccountRole;

/// What a route asks of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAccess {
    /// It is for people only.
    Closed,
    /// It lets in a key that has this scope.
    Open(Scope),
}

impl From<Scope> for KeyAccess {
    fn from(scope: Scope) -> Self {
        Self::Open(scope)
    }
}

/// Why a key was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// The route is for people only.
    #[error("This is not for service keys.")]
    Closed,
    /// The key lacks the scope.
    #[error("The service key lacks the scope {0}.")]
    Scope(Scope),
}

impl From<KeyRefusal> for Failure {
    fn from(refusal: KeyRefusal) -> Self {
        match refusal {
            KeyRefusal::Closed => Self::new(Kind::Forbidden, "key_not_allowed", refusal),
            KeyRefusal::Scope(_) => Self::new(Kind::Forbidden, "scope_missing", refusal),
        }
    }
}

/// A key that calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallingKey {
    /// Its own account, whoever it acts as.
    pub account: UserId,
    /// What it may do.
    pub scopes: Scopes,
    /// By which of them it was let in.
    pub by: Scope,
}

impl ServiceKey {
    /// Decides whether a route lets it in.
    pub fn admit(&self, route: KeyAccess) -> Result<CallingKey, KeyRefusal> {
        match route {
            KeyAccess::Closed => Err(KeyRefusal::Closed),
            KeyAccess::Open(by) if !self.scopes.contains(by) => Err(KeyRefusal::Scope(by)),
            KeyAccess::Open(by) => {
                Ok(CallingKey { account: self.account, scopes: self.scopes, by })
            }
        }
    }
}

impl CallingKey {
    /// Whether it may do, as itself, what takes an admin: where it was let in by a scope for that.
    pub fn manages(&self) -> bool {
        matches!(self.by, Scope::AdminRead | Scope::AdminWrite | Scope::ProjectsWrite)
    }

    /// What it may do as somebody of that role: nothing that takes an admin, unless it may change what only
    /// admins may.
    pub fn role_as(&self, role: AccountRole) -> AccountRole {
        match role {
            AccountRole::Admin if !self.scopes.contains(Scope::AdminWrite) => AccountRole::User,
            role => role,
        }
    }

    /// Whether it sees what is whispered to whom it acts as, or by them.
    pub fn sees_whispers(&self) -> bool {
        self.scopes.contains(Scope::WhispersRead)
    }

    /// Whether it may read messages, wherever they are shown.
    pub fn reads_messages(&self) -> bool {
        self.scopes.contains(Scope::MessagesRead)
    }

    /// Refuses it unless it sees whispers.
    pub fn check_whispers(&self) -> Result<(), KeyRefusal> {
        if self.sees_whispers() { Ok(()) } else { Err(KeyRefusal::Scope(Scope::WhispersRead)) }
    }

    /// Refuses it unless it may call as somebody else.
    pub fn check_acting(&self) -> Result<(), KeyRefusal> {
        let may = self.scopes.contains(Scope::ActAs);
        if may { Ok(()) } else { Err(KeyRefusal::Scope(Scope::ActAs)) }
    }
}
