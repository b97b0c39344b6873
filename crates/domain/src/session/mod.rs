//! Sessions: signed-in devices and their tokens.
//!
//! An access token is a JWT that is valid for minutes. A refresh token, `<session>.<generation>.<digest>`, names
//! its session and its generation, and proves both with a digest over the session's seed. So no refresh token is
//! stored, and each can be computed again. The session's row stores the one generation that is still unused. See
//! [`Sessions::refresh`].

mod authenticate;
mod caller;
mod client;
mod exchange;
mod hex;
mod host_log_out;
mod key;
mod manage;
mod media_key;
mod port;
mod proof;
mod provider;
mod refresh;
mod second_factor;
mod security_log;
mod set_up;
mod sign_in;
mod sign_in_error;
mod socket_key;
mod step_up;
mod ticket;
mod watch;

pub use authenticate::{AuthError, ProveAgainError};
pub use caller::{Caller, NoAdmin, ProvenCaller};
pub use client::{Client, Device, EndReason, Origin, Protocol, Renewal};
pub use exchange::{Exchange, ExchangeError};
pub(crate) use hex::{hex, same};
pub use key::Keyed;
pub use manage::{ChangePassword, ChangePasswordError, EndError};
pub use port::{
    EndedAtHost, Ending, NewSession, RefusedSignIn, SessionSockets, SessionStore, SetUpStore,
    TokenError, TokenSigner,
};
#[cfg(feature = "mocks")]
pub use port::{MockSessionStore, MockSetUpStore, MockTokenSigner};
pub use proof::{Proof, StepUpRequired};
pub use provider::{BegunAtProvider, ReturnFromProvider};
pub use refresh::RefreshError;
pub use second_factor::{BegunSecondFactor, SecondFactorError};
pub use security_log::{SecurityEvent, SecurityLog};
pub use set_up::{AlreadySetUp, Registration, SetUp, SetUpError, SetUpState};
pub use sign_in::{Login, SignIn};
pub use sign_in_error::{LogInError, RegisterError};
pub use step_up::{Retyped, StepUpError};
pub use ticket::TicketError;
pub use watch::{AfterLook, SessionWatch};

use crate::clock::{Clock, Timestamp};
use crate::event::EventBus;
use crate::failure::StoreError;
use crate::host::{HostAccountStore, HostPeople, HostPeoplePorts, HostTokens, Issuer, Providers};
use crate::ids::{SessionId, UserId};
use crate::internet::Reach;
use crate::invite::InviteStore;
use crate::limits;
use crate::second_factor::{SecondFactorPolicy, SecondFactorStore};
use crate::user::{AccountRole, PasswordHasher, Passwords, ReservedNames, User, UserStore};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The ports that sessions need.
pub struct SessionPorts {
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Signs tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Invitations.
    pub invites: Arc<dyn InviteStore>,
    /// Whether the server has been set up.
    pub set_up: Arc<dyn SetUpStore>,
    /// Which host user each account belongs to.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Verifies hosts' tokens, if any are accepted.
    pub host_tokens: Option<Arc<dyn HostTokens>>,
    /// OpenID providers, if there are any.
    pub providers: Option<Arc<dyn Providers>>,
    /// Who is told of names and roles that a host gives.
    pub bus: Arc<dyn EventBus>,
    /// The process's security log.
    pub log: Arc<dyn SecurityLog>,
}

/// An installation's settings for sessions.
#[derive(Debug, Clone)]
pub struct SessionPolicy {
    /// Who may register; `None` leaves that to the first admin.
    pub registration: Option<Registration>,
    /// How long an access token is valid.
    pub access_life: Duration,
    /// How long a session lasts without being refreshed.
    pub session_life: Duration,
    /// Names that nobody may choose for themselves.
    pub reserved: ReservedNames,
    /// Who needs a second factor.
    pub second_factor: SecondFactorPolicy,
    /// Whether people sign in by passwords.
    pub passwords: Passwords,
    /// Where a host's backend may say that pictures of its people are.
    pub pictures: Reach,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            registration: None,
            access_life: limits::ACCESS_TOKEN_LIFE,
            session_life: limits::SESSION_LIFE,
            reserved: ReservedNames::default(),
            second_factor: SecondFactorPolicy::default(),
            passwords: Passwords::default(),
            pictures: Reach::default(),
        }
    }
}

/// The use cases of signing in and out.
pub struct Sessions {
    ports: SessionPorts,
    policy: SessionPolicy,
    host_people: Arc<HostPeople>,
}

impl Sessions {
    /// Uses the given ports.
    pub fn new(ports: SessionPorts, policy: SessionPolicy) -> Self {
        let people = HostPeoplePorts {
            accounts: ports.host_accounts.clone(),
            users: ports.users.clone(),
            hasher: ports.hasher.clone(),
            secrets: Arc::new(ports.signer.clone()),
            bus: ports.bus.clone(),
            clock: ports.clock.clone(),
        };
        let host_people =
            Arc::new(HostPeople::new(people, policy.reserved.clone(), policy.pictures));
        Self { ports, policy, host_people }
    }

    /// The use cases of hosts' people, with the same ports.
    pub fn host_people(&self) -> Arc<HostPeople> {
        self.host_people.clone()
    }

    /// Deletes what has expired, a part at a time; to be called regularly.
    pub async fn purge(&self) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        while self.ports.sessions.purge(now, limits::ENDED_SESSION_MEMORY).await? {}
        self.ports.sessions.forget_sign_ins(now.minus(limits::SIGN_IN_MEMORY)).await?;
        while self.ports.invites.forget(now.minus(limits::INVITE_MEMORY)).await? {}
        Ok(())
    }
}

/// Random bytes that belong to one session and never leave the server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 16]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its account.
    pub user: UserId,
    /// What its refresh tokens are derived from.
    pub seed: Seed,
    /// The generation of the one unused refresh token.
    pub generation: i64,
    /// The client that signed in.
    pub client: Client,
    /// When the client signed in.
    pub created_at: Timestamp,
    /// When it was opened or last refreshed.
    pub refreshed_at: Timestamp,
    /// When it expires unless it is refreshed before.
    pub expires_at: Timestamp,
    /// When its owner last proved their identity; see [`Proof`].
    pub proved_at: Option<Timestamp>,
}

/// A session with its account, which is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedSession {
    /// The session.
    pub session: Session,
    /// Its account.
    pub user: User,
    /// Whether the account has a second factor that is turned on.
    pub has_second_factor: bool,
    /// The host that the account comes from, if there is one.
    pub issuer: Option<Issuer>,
}

/// A session that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedSession {
    /// Which.
    pub session: SessionId,
    /// Whose it was.
    pub user: UserId,
}

/// Sessions that ended and roles that changed since some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionChanges {
    /// The store's time when it was asked.
    pub at: Timestamp,
    /// Sessions that ended.
    pub ended: Vec<EndedSession>,
    /// Accounts whose role was set, with their role now.
    pub roles: Vec<(UserId, AccountRole)>,
    /// Whether these are all changes that the store knows.
    pub complete: bool,
}

/// A session that has not ended, and its owner's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSession {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// The account's role.
    pub role: AccountRole,
}

/// The content of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The protocol of the session's client.
    pub protocol: Protocol,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The answer to signing in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// The session.
    pub session: SessionId,
    /// The access token for the next minutes.
    pub access_token: String,
    /// When that expires.
    pub access_expires_at: Timestamp,
    /// The refresh token to get the next ones with. It works once or repeatedly, as the client's [`Renewal`]
    /// says.
    pub refresh_token: String,
}
