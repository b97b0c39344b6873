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
use crate::ids::{ChatId, UserId};
use crate::second_factor::SecondFactorStore;
use crate::session::{Caller, NoAdmin, Proof, StepUpRequired};
use crate::user::{AccountRoles, HashOrigin, PasswordHasher, Passwords, UserStore};
use std::sync::Arc;

/// What the use cases of administration stand on.
pub struct AdminPorts {
    /// What admins change, and the log.
    pub admin: Arc<dyn AdminStore>,
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Who is told.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of administration. Each takes an [`Actor`], which only somebody who may has.
pub struct Administration {
    ports: AdminPorts,
    roles: AccountRoles,
    passwords: Passwords,
}

impl Administration {
    /// Over the given ports. These are the roles that accounts may be given.
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

/// Somebody who may manage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor(Option<Admin>);

/// An admin who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Admin {
    account: UserId,
    /// `None` for a service key: who gave it the scope decided that it may do what could harm most.
    proof: Option<Proof>,
}

impl Actor {
    /// Whoever may run the binary beside the database.
    pub const OPERATOR: Self = Self(None);

    /// The caller, if they [manage](Caller::manages).
    pub fn admin(caller: &Caller) -> Result<Self, NoAdmin> {
        caller.manages()?;
        let proof = caller.key.is_none().then_some(caller.proof);
        Ok(Self(Some(Admin { account: caller.actor(), proof })))
    }

    /// Where passwords come from that they set.
    fn hash_origin(self) -> HashOrigin {
        self.account().map_or(HashOrigin::Operator, HashOrigin::Account)
    }

    /// The admin's account; the operator has none.
    pub fn account(self) -> Option<UserId> {
        self.0.map(|admin| admin.account)
    }

    /// Whether the admin's session was proved lately, for what could harm most. The operator has none, and a
    /// key proves nothing further.
    pub(crate) fn check_proof(self, now: Timestamp) -> Result<(), StepUpRequired> {
        self.0.and_then(|admin| admin.proof).map_or(Ok(()), |proof| proof.check(now))
    }
}
