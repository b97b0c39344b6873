//! Signed-in devices and their tokens.
//!
//! An access token is a JWT of minutes. A refresh token names its session and its generation, and
//! proves both with a digest over the session's seed, so none has to be stored and each can be made
//! again: `<session>.<generation>.<digest>`. The session's row knows the one generation that is
//! still unused. See [`Sessions::refresh`].

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
    Ending, NewSession, RefusedSignIn, SessionSockets, SessionStore, SetUpStore, TokenError,
    TokenSigner,
};
#[cfg(feature = "mocks")]
pub use port::{MockSessionStore, MockSetUpStore, MockTokenSigner};
pub use proof::{Proof, StepUpRequired};
pub use provider::{BegunAtProvider, ReturnFromProvider};
pub use refresh::RefreshError;
pub use second_factor::{BegunSecondFactor, SecondFactorError};
pub use security_log::{SecurityEvent, SecurityLog};
pub use set_up::{AlreadySetUp, Registration, SetUp, SetUpError, SetUpState};
pub use sign_in::{LogInError, Login, RegisterError, SignIn};
pub use step_up::{Retyped, StepUpError};
pub use ticket::TicketError;
pub use watch::{AfterLook, SessionWatch};

use crate::clock::{Clock, Timestamp};
use crate::event::EventBus;
use crate::failure::StoreError;
use crate::host::{HostAccountStore, HostPeople, HostPeoplePorts, HostTokens, Issuer, Providers};
use crate::ids::{SessionId, UserId};
use crate::invite::InviteStore;
use crate::limits;
use crate::second_factor::{SecondFactorPolicy, SecondFactorStore};
use crate::user::{AccountRole, PasswordHasher, Passwords, ReservedNames, User, UserStore};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What the use cases of sessions stand on.
pub struct SessionPorts {
    /// Accounts.
    pub users: Arc<dyn UserStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Invitations.
    pub invites: Arc<dyn InviteStore>,
    /// Whether the server was set up.
    pub set_up: Arc<dyn SetUpStore>,
    /// Which account is whose at a host.
    pub host_accounts: Arc<dyn HostAccountStore>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactorStore>,
    /// Tokens of hosts, if any are taken.
    pub host_tokens: Option<Arc<dyn HostTokens>>,
    /// OpenID providers, if there are any.
    pub providers: Option<Arc<dyn Providers>>,
    /// Who is told of names and roles that a host gives.
    pub bus: Arc<dyn EventBus>,
    /// What is written down beside the audit log.
    pub log: Arc<dyn SecurityLog>,
}

/// What an installation may choose.
#[derive(Debug, Clone)]
pub struct SessionPolicy {
    /// Who may make an account; `None` if that is for whoever sets the server up.
    pub registration: Option<Registration>,
    /// How long an access token is good for.
    pub access_life: Duration,
    /// How long a session lives without being refreshed.
    pub session_life: Duration,
    /// Names that nobody gives themselves.
    pub reserved: ReservedNames,
    /// Who has to have a second factor.
    pub second_factor: SecondFactorPolicy,
    /// Whether people sign in by passwords.
    pub passwords: Passwords,
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
    /// Over the given ports.
    pub fn new(ports: SessionPorts, policy: SessionPolicy) -> Self {
        let people = HostPeoplePorts {
            accounts: ports.host_accounts.clone(),
            users: ports.users.clone(),
            hasher: ports.hasher.clone(),
            secrets: Arc::new(ports.signer.clone()),
            bus: ports.bus.clone(),
            clock: ports.clock.clone(),
        };
        let host_people = Arc::new(HostPeople::new(people, policy.reserved.clone()));
        Self { ports, policy, host_people }
    }

    /// The use cases of people of hosts, over the same ports.
    pub fn host_people(&self) -> Arc<HostPeople> {
        self.host_people.clone()
    }

    /// Forgets what has expired; to be called now and then.
    pub async fn purge(&self) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        self.ports.sessions.purge(now, limits::ENDED_SESSION_MEMORY).await?;
        self.ports.sessions.forget_sign_ins(now.minus(limits::SIGN_IN_MEMORY)).await?;
        self.ports.invites.forget(now.minus(limits::INVITE_MEMORY)).await
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
    /// Its number.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// What its refresh tokens are made from.
    pub seed: Seed,
    /// The generation of the one refresh token that is unused.
    pub generation: i64,
    /// What signed in with it.
    pub client: Client,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was opened or last refreshed.
    pub refreshed_at: Timestamp,
    /// When it ends unless it is refreshed before.
    pub expires_at: Timestamp,
    /// When it was last proved to be its owner's; see [`Proof`].
    pub proved_at: Option<Timestamp>,
}

/// A session and its account, which is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedSession {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
    /// Whether the account has a second factor that is on.
    pub has_second_factor: bool,
    /// The host that the account is from, if it is from one.
    pub issuer: Option<Issuer>,
}

/// A session that is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedSession {
    /// Which.
    pub session: SessionId,
    /// Whose it was.
    pub user: UserId,
}

/// What became of sessions and roles since some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionChanges {
    /// The store's time when it was asked.
    pub at: Timestamp,
    /// Sessions that ended.
    pub ended: Vec<EndedSession>,
    /// The roles that accounts have whose role was set.
    pub roles: Vec<(UserId, AccountRole)>,
    /// Whether that is all of it.
    pub complete: bool,
}

/// A session that is there, and the role of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSession {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// What the account may do.
    pub role: AccountRole,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who.
    pub user: UserId,
    /// By which session.
    pub session: SessionId,
    /// The protocol of that session's client.
    pub protocol: Protocol,
    /// From when.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What somebody gets who signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// By which session.
    pub session: SessionId,
    /// The proof for the next minutes.
    pub access_token: String,
    /// When that proof ends.
    pub access_expires_at: Timestamp,
    /// What to get the next proof with. It works as often as the client's [`Renewal`] says.
    pub refresh_token: String,
}
