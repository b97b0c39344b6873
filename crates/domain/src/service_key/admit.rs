//! Which routes a key may call, and with which rights (ADR 60).

use super::{Scope, Scopes, ServiceKey};
use crate::failure::{Failure, Kind};
use crate::ids::UserId;
use crate::user::AccountRole;

/// What a route asks of a service key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAccess {
    /// The route is for people only.
    Closed,
    /// A key needs this scope.
    Open(Scope),
    /// A key needs this scope; with another one it reaches chats that it is not in: see [`Scope::everywhere`].
    Everywhere(Scope),
}

impl KeyAccess {
    /// The scope that a key needs, if keys may call the route at all.
    pub const fn scope(self) -> Option<Scope> {
        match self {
            Self::Closed => None,
            Self::Open(scope) | Self::Everywhere(scope) => Some(scope),
        }
    }

    /// The scope with which a key reaches every chat there, if it may.
    pub const fn reaching(self) -> Option<Scope> {
        match self {
            Self::Everywhere(scope) => Some(scope.reaching()),
            Self::Closed | Self::Open(_) => None,
        }
    }
}

/// Which chats a key reaches on a route while it calls as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those that it is in.
    Own,
    /// The same, since it lacks the scope that would let it reach all others.
    Lacking(Scope),
    /// Every chat.
    Everywhere,
}

impl Scope {
    /// What a route asks that lets a key reach every chat, if it also has `all_chats:read`, or `all_chats:write`
    /// where something is changed.
    pub const fn everywhere(self) -> KeyAccess {
        KeyAccess::Everywhere(self)
    }

    /// The scope with which this one reaches every chat.
    const fn reaching(self) -> Self {
        match self {
            Self::ChatsRead | Self::MessagesRead | Self::MediaRead => Self::AllChatsRead,
            _ => Self::AllChatsWrite,
        }
    }
}

impl From<Scope> for KeyAccess {
    fn from(scope: Scope) -> Self {
        Self::Open(scope)
    }
}

/// Why a key is refused.
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

/// A key whose request was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallingKey {
    /// The key's own account, whoever it acts as.
    pub account: UserId,
    /// All its scopes.
    pub scopes: Scopes,
    /// The scope that the route asked for.
    pub by: Scope,
    /// Which chats it reaches there.
    pub reach: Reach,
}

impl ServiceKey {
    /// Decides whether the key may call a route.
    pub fn admit(&self, route: KeyAccess) -> Result<CallingKey, KeyRefusal> {
        match route {
            KeyAccess::Closed => Err(KeyRefusal::Closed),
            KeyAccess::Open(by) | KeyAccess::Everywhere(by) if !self.scopes.contains(by) => {
                Err(KeyRefusal::Scope(by))
            }
            KeyAccess::Open(by) => Ok(self.calling(by, Reach::Own)),
            KeyAccess::Everywhere(by) => Ok(self.calling(by, self.scopes.reach(by))),
        }
    }

    fn calling(&self, by: Scope, reach: Reach) -> CallingKey {
        CallingKey { account: self.account, scopes: self.scopes, by, reach }
    }
}

impl Scopes {
    /// Which chats are reached by a scope. Whoever may moderate them all also reads them.
    fn reach(self, by: Scope) -> Reach {
        let needed = by.reaching();
        if self.contains(needed) || self.contains(Scope::AllChatsWrite) {
            Reach::Everywhere
        } else {
            Reach::Lacking(needed)
        }
    }
}

impl CallingKey {
    /// Whether the key, acting as itself, counts as an admin: only on routes that asked for a scope of
    /// administration.
    pub fn manages(&self) -> bool {
        matches!(self.by, Scope::AdminRead | Scope::AdminWrite | Scope::ProjectsWrite)
    }

    /// The role that the key has while it acts as somebody with `role`: an admin counts as a user, unless the
    /// key has `admin:write`.
    pub fn role_as(&self, role: AccountRole) -> AccountRole {
        match role {
            AccountRole::Admin if !self.scopes.contains(Scope::AdminWrite) => AccountRole::User,
            role => role,
        }
    }

    /// Whether the key sees the whispers of the person whom it acts as.
    pub fn sees_whispers(&self) -> bool {
        self.scopes.contains(Scope::WhispersRead)
    }

    /// Whether the key may read messages. Routes that show messages among other things leave them out without it.
    pub fn reads_messages(&self) -> bool {
        self.scopes.contains(Scope::MessagesRead)
    }

    /// Refuses a key that does not see whispers.
    pub fn check_whispers(&self) -> Result<(), KeyRefusal> {
        if self.sees_whispers() { Ok(()) } else { Err(KeyRefusal::Scope(Scope::WhispersRead)) }
    }

    /// Refuses a key that may not act as somebody else.
    pub fn check_acting(&self) -> Result<(), KeyRefusal> {
        let may = self.scopes.contains(Scope::ActAs);
        if may { Ok(()) } else { Err(KeyRefusal::Scope(Scope::ActAs)) }
    }
}
