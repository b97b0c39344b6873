//! Managing the accounts, chats and messages of other people, and the log of all that.
//!
//! Every change here is written to the audit log, by the same change of the store. So is what people do to
//! sign in ([`crate::session`]).

mod accounts;
mod audit;
mod chats;
mod port;
mod read_audit;

pub use accounts::{AccountUpdate, ManageError, SetPasswordError};
pub use audit::{AuditAction, AuditEntry, AuditKind, AuditPage, AuditQuery, AuditTarget, Record};
pub use chats::{AdminChat, AdminChatPage, DeleteError, ListedKind};
#[cfg(feature = "mocks")]
pub use port::MockAdminStore;
pub use port::{AccountChange, AccountPage, AccountQuery, AdminStore, Updated};

use crate::clock::{Clock, Timestamp};
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::failure::{Failure, Kind};
use crate::ids::{ChatId, UserId};
use crate::session::Caller;
use crate::user::{AccountRole, AccountRoles, HashOrigin, PasswordHasher, UserStore};
use std::sync::Arc;

/// What the use cases of administration stand on.
pub struct AdminPorts {
    /// What admins change, and the log.
    pub admin: Arc<dyn AdminStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of administration. Each takes an [`Actor`], which only somebody who may has.
pub struct Administration {
    ports: AdminPorts,
    roles: AccountRoles,
}

impl Administration {
    /// Over the given ports. These are the roles that accounts may be given.
    pub fn new(ports: AdminPorts, roles: AccountRoles) -> Self {
        Self { ports, roles }
    }

    fn record(&self, actor: Actor, action: AuditAction, detail: String) -> Record {
        Record::new(actor.account(), action, detail, self.now())
    }

    fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    fn tell(&self, body: EventBody, chat: ChatId) {
        self.ports.bus.publish(Event { audience: Audience::Members(chat), body });
    }
}

/// Somebody who may manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor(Option<UserId>);

impl Actor {
    /// Whoever may run the binary beside the database.
    pub const OPERATOR: Self = Self(None);

    /// The caller, if they are an admin.
    pub fn admin(caller: &Caller) -> Result<Self, AdminOnly> {
        if caller.role == AccountRole::Admin { Ok(Self(Some(caller.user))) } else { Err(AdminOnly) }
    }

    /// Where passwords come from that they set.
    fn hash_origin(self) -> HashOrigin {
        self.0.map_or(HashOrigin::Operator, HashOrigin::Account)
    }

    /// The admin's account; the operator has none.
    pub fn account(self) -> Option<UserId> {
        self.0
    }
}

/// Only admins manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Only an admin may do this.")]
pub struct AdminOnly;

impl From<AdminOnly> for Failure {
    fn from(error: AdminOnly) -> Self {
        Self::new(Kind::Forbidden, "admin_only", error)
    }
}
