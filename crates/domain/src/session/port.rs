//! What sessions need from outside.

use super::{
    AccessClaims, AlreadySetUp, Client, EndReason, OpenSession, Origin, Registration, Seed,
    Session, SessionChanges, SetUpState, SignedSession,
};
use crate::admin::Record;
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::host::{ExternalId, HostSession, Issuer, Secrets};
use crate::ids::{SessionId, UserId};
use crate::second_factor::{OneTimeCode, Step, TotpSecret};
use crate::user::{AccountRole, NewUser, User};
use async_trait::async_trait;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose it is.
    pub user: UserId,
    /// A random value that its refresh tokens are derived from (ADR 3).
    pub seed: Seed,
    /// The client that signs in.
    pub client: Client,
    /// Its address, for the audit log. Of IPv6, the network.
    pub address: IpAddr,
    /// Now.
    pub created_at: Timestamp,
    /// When it ends unless it is refreshed before.
    pub expires_at: Timestamp,
    /// When its owner proved who they are ([`Session::proved_at`]).
    pub proved_at: Option<Timestamp>,
    /// The hash of a key that opens it for as long as it lives; see [`super::Sessions::log_in_for_key`].
    pub key: Option<[u8; 32]>,
    /// The session at a host that it came of, if the host said so.
    pub host_session: Option<HostSession>,
}

/// A session that ended at a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAtHost {
    /// The host.
    pub issuer: Issuer,
    /// Whose it was, if the host says so.
    pub subject: Option<ExternalId>,
    /// Which.
    pub session: HostSession,
}

/// How a session ends.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// Now.
    pub at: Timestamp,
    /// Why.
    pub why: EndReason,
}

/// An attempt to sign in that was refused.
#[derive(Debug, Clone)]
pub struct RefusedSignIn {
    /// The account that was meant; `None` if there is no such account.
    pub account: Option<UserId>,
    /// Where it came from, if that is known.
    pub origin: Option<Origin>,
    /// Now.
    pub at: Timestamp,
    /// The reason as a code, such as `wrong_credentials`.
    pub why: &'static str,
}

/// Keeps sessions. Each call is one atomic change, and a change is durable once the call has returned.
/// A session that has expired or ended counts as absent. Every method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session. Past [`crate::limits::SESSIONS_PER_USER`] the account's session that was unused for longest
    /// ends. `NotFound` if there is no such account, or it is disabled. The audit log
    /// has a line about each.
    async fn open(&self, session: NewSession) -> Result<Session, StoreError>;

    /// The session and its account. `NotFound` if it ended, expired before `now`, or never was.
    async fn get(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError>;

    /// As [`Self::get`], for requests that only read: what another node, or the command line, changed within
    /// [`crate::limits::SESSION_RECENT`] may be missing. What this store changed itself is not.
    async fn get_recent(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError>;

    /// The session whose key has this hash, and its account. `NotFound` as with [`Self::get`].
    async fn by_key(&self, hash: [u8; 32], now: Timestamp) -> Result<SignedSession, StoreError>;

    /// The account's sessions, the most recently used first.
    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Moves a session from one generation of refresh tokens to the next, and sets the time of its last use
    /// and its new end. Of several calls at once, one succeeds. `Conflict` if the session is not at
    /// `generation`, `NotFound` if it is absent.
    async fn rotate(
        &self,
        id: SessionId,
        generation: i64,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Session, StoreError>;

    /// Records that a session was proved to be its owner's. `NotFound` if the user has no such session. The audit
    /// log gets an entry.
    async fn prove(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a session, and remembers that for [`Self::changes_since`]. `NotFound` if the user has no such
    /// session. The audit log gets an entry.
    async fn end(&self, user: UserId, id: SessionId, ending: Ending) -> Result<(), StoreError>;

    /// Ends the sessions of that issuer's people that came of a session at the host, of that person only if one is
    /// named, and remembers that for [`Self::changes_since`]. The audit log gets the entry for each account that had
    /// one.
    async fn end_from_host(&self, ended: EndedAtHost, record: Record) -> Result<(), StoreError>;

    /// Writes an entry of the audit log about a refused attempt to sign in. Attempts on accounts that do not
    /// exist are counted in one entry an hour, which has neither what was typed nor the address. Both take
    /// equally long, so that the time does not tell which names exist.
    async fn note_refusal(&self, refused: RefusedSignIn) -> Result<(), StoreError>;

    /// Deletes entries of the audit log about signing in that are older than `before`, the oldest first and
    /// at most [`crate::limits::AUDIT_FORGOTTEN`] in one call.
    async fn forget_sign_ins(&self, before: Timestamp) -> Result<(), StoreError>;

    /// Sessions that ended (not those that expired), and the present roles of accounts whose role was set, at
    /// `since` or later; without `since` only the store's time. At most `limit` of each; if there are more,
    /// `complete` is `false`. Both are stamped by the store's own clock, whatever time callers gave, so that
    /// nodes whose clocks differ miss nothing.
    async fn changes_since(
        &self,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<SessionChanges, StoreError>;

    /// Those of the sessions that are open at `now`, by ascending id, each once.
    async fn open_among(
        &self,
        ids: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError>;

    /// Stores the hash of a ticket until `expires_at`. `NotFound` if there is no such session.
    async fn add_ticket(
        &self,
        hash: [u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes a ticket and returns its session. Of several calls at once, one gets it. `NotFound` if there is no
    /// such ticket, it expired before `now`, or its session has ended.
    async fn take_ticket(&self, hash: [u8; 32], now: Timestamp) -> Result<SessionId, StoreError>;

    /// Deletes sessions and tickets that expired before `now`, and the records of ended sessions that are
    /// `memory` old or older by the store's clock: at most [`crate::limits::FORGOTTEN_TOGETHER`] of each. Whether
    /// there may be more.
    async fn purge(&self, now: Timestamp, memory: Duration) -> Result<bool, StoreError>;
}

/// The sockets of this node, by the sessions that they were opened with. No method blocks.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SessionSockets: Send + Sync {
    /// Whether any socket is open.
    fn any(&self) -> bool;

    /// The sessions of all open sockets, each once.
    fn sessions(&self) -> Vec<SessionId>;

    /// Closes the sockets of these sessions.
    fn close_sessions(&self, ended: &HashSet<SessionId>);

    /// Tells the sockets of these people which role they have now. Repeating it changes nothing.
    fn set_roles(&self, roles: &[(UserId, AccountRole)]);

    /// All sessions that ended, and all roles that were set, before `at` have been reported. A socket that
    /// hears no confirmation for [`crate::limits::SESSION_UNSURE`] serves nothing more.
    fn confirm(&self, at: Instant);
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was signed here, and has expired.
    #[error("the token has expired")]
    Expired,
    /// It was not signed here.
    #[error("the token is not valid")]
    Invalid,
}

/// For callers that need only secrets, and should not be able to sign tokens.
impl Secrets for Arc<dyn TokenSigner> {
    fn random(&self) -> [u8; 32] {
        (**self).random()
    }
    fn digest(&self, message: &[u8]) -> [u8; 32] {
        (**self).digest(message)
    }
}

/// Makes values that cannot be guessed, and signs and checks tokens that cannot be forged.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// Bytes from the system's source of randomness.
    fn random(&self) -> [u8; 32];

    /// A signed access token (a JWT).
    fn sign_access(&self, claims: &AccessClaims) -> String;

    /// The claims of an access token, if it was signed here and has not expired at `now`.
    fn read_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;

    /// A keyed digest (HMAC-SHA-256) under a secret of this installation. Callers put the purpose first, so
    /// that a digest for one is never valid for another.
    fn digest(&self, message: &[u8]) -> [u8; 32];

    /// The code of an authenticator app with that secret at that step (RFC 4226 with SHA-1).
    fn one_time_code(&self, secret: &TotpSecret, step: Step) -> OneTimeCode;
}

/// Knows whether the server has been set up, and who may register (ADR 59). Every method may return
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SetUpStore: Send + Sync {
    /// The facts that decide whether it can be set up.
    async fn state(&self) -> Result<SetUpState, StoreError>;

    /// Who may register, as the person who set it up decided; `None` before that, and if a setting decides it.
    async fn registration(&self) -> Result<Option<Registration>, StoreError>;

    /// Adds the first admin as [`crate::user::UserStore::add`] does, and stores what they decided, if
    /// [`SetUpState::admit`] allows it. Of two calls at once, one succeeds. If it is refused, for whatever
    /// reason, the server can still be set up.
    async fn set_up(
        &self,
        user: NewUser,
        registration: Option<Registration>,
    ) -> Result<User, WriteError<AlreadySetUp>>;
}
