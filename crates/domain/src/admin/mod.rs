//! Administering other people's accounts, chats and messages, and the audit log.
//!
//! Every change here is recorded in the audit log, in the same transaction. So are sign-ins
//! ([`crate::session`]).

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
use crate::ids::{ChatId, UserId};
use crate::second_factor::SecondFactorStore;
use crate::session::{Caller, NoAdmin, Proof, StepUpRequired};
use crate::user::{AccountRoles, HashOrigin, PasswordHasher, Passwords, UserStore};
use std::sync::Arc;

/// The ports that administration needs.
pub struct AdminPorts {
    /// Admins' changes, and the audit log.
    pub admin: Arc<dyn AdminStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Publishes events.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of administration. Each takes an [`Actor`], which proves that the caller is allowed to.
pub struct Administration {
    ports: AdminPorts,
    roles: AccountRoles,
    passwords: Passwords,
}

impl Administration {
    /// Uses the given ports. `roles` are those that accounts may be given.
    pub fn new(ports: AdminPorts, roles: AccountRoles) -> Self {
        Self { ports, roles, passwords: Passwords::default() }
    }

    /// The same where that holds of passwords.
    #[must_use]
    pub fn with(self, passwords: Passwords) -> Self {
        Self { passwords, ..self }
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

/// The operator or an admin: somebody who may administer the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor(Option<Admin>);

/// A calling admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Admin {
    account: UserId,
    /// `None` for a service key: whoever gave it the scope has decided that it needs no further proof.
    proof: Option<Proof>,
}

impl Actor {
    /// The operator: whoever can run this program with access to the database.
    pub const OPERATOR: Self = Self(None);

    /// The caller, if they [are an admin](Caller::manages).
    pub fn admin(caller: &Caller) -> Result<Self, NoAdmin> {
        caller.manages()?;
        let proof = caller.key.is_none().then_some(caller.proof);
        Ok(Self(Some(Admin { account: caller.actor(), proof })))
    }

    /// The origin of passwords that they set, for the hashing queue.
    fn hash_origin(self) -> HashOrigin {
        self.account().map_or(HashOrigin::Operator, HashOrigin::Account)
    }

    /// The admin's account; the operator has none.
    pub fn account(self) -> Option<UserId> {
        self.0.map(|admin| admin.account)
    }

    /// Checks, for the most harmful actions, that the admin has proved their identity recently. The operator and
    /// service keys need no such proof.
    pub(crate) fn check_proof(self, now: Timestamp) -> Result<(), StepUpRequired> {
        self.0.and_then(|admin| admin.proof).map_or(Ok(()), |proof| proof.check(now))
    }
}
