//! What sessions need from the outside.

use super::{
    AccessClaims, AlreadySetUp, Client, EndReason, OpenSession, Origin, Registration, Seed,
    Session, SessionChanges, SetUpState, SignedSession,
};
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::host::Secrets;
use crate::ids::{SessionId, UserId};
use crate::second_factor::{OneTimeCode, Step, TotpSecret};
use crate::user::{AccountRole, NewUser, User};
use async_trait::async_trait;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// What keeps its refresh tokens apart from those of any other session that ever was.
    pub seed: Seed,
    /// What signs in with it.
    pub client: Client,
    /// Where. Of IPv6 it is the network.
    pub address: IpAddr,
    /// Now.
    pub created_at: Timestamp,
    /// When it ends unless it is refreshed before.
    pub expires_at: Timestamp,
    /// When its owner proved who they are ([`Session::proved_at`]).
    pub proved_at: Option<Timestamp>,
    /// The hash of a key that opens it for as long as it lives; see [`super::Sessions::log_in_for_key`].
    pub key: Option<[u8; 32]>,
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
    /// To which account; `None` if there is none.
    pub account: Option<UserId>,
    /// Where from, if that is known.
    pub origin: Option<Origin>,
    /// Now.
    pub at: Timestamp,
    /// Why, in a word.
    pub why: &'static str,
}

/// Keeps sessions. Each call is one atomic change, and a change that returned is there to stay.
/// A session that has expired or ended is not there. Every method may answer
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session. Past [`crate::limits::SESSIONS_PER_USER`] the account's session that was unused for longest
    /// ends. `NotFound` if there is no such account, or it is disabled. The audit log
    /// has a line about each.
    async fn open(&self, session: NewSession) -> Result<Session, StoreError>;

    /// The session and its account. `NotFound` if it ended, expired before `now`, or never was.
    async fn get(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError>;

    /// The session whose key has this hash, and its account. `NotFound` as with [`Self::get`].
    async fn by_key(&self, hash: [u8; 32], now: Timestamp) -> Result<SignedSession, StoreError>;

    /// The account's sessions, the one used last first.
    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Moves from one generation of refresh tokens to the next and notes the time and the new end.
    /// Of several at once one succeeds. `Conflict` if the session is not at `generation`,
    /// `NotFound` if it is not there.
    async fn rotate(
        &self,
        id: SessionId,
        generation: i64,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Session, StoreError>;

    /// Notes that a session was proved to be its owner's. `NotFound` if the user has no such session. The
    /// audit log has a line about it.
    async fn prove(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a session and remembers that it did, for [`Self::changes_since`]. `NotFound` if the user
    /// has no such session. The audit log has a line about it.
    async fn end(&self, user: UserId, id: SessionId, ending: Ending) -> Result<(), StoreError>;

    /// Writes a line of the audit log about an attempt to sign in. Attempts on accounts that do not exist
    /// are counted in one line an hour, which says neither what was typed nor where. Both take as long, so
    /// that the time tells nobody which names exist.
    async fn note_refusal(&self, refused: RefusedSignIn) -> Result<(), StoreError>;

    /// Forgets lines of the audit log about signing in that are from before that time, the oldest first
    /// and some thousand at a call.
    async fn forget_sign_ins(&self, before: Timestamp) -> Result<(), StoreError>;

    /// Sessions that ended (not: expired), and the present roles of accounts whose role was set, at
    /// `since` or after it; without it only the store's time. Of both at most `limit`; with more,
    /// `complete` is `false`. Endings and roles are stamped by the same clock of the store, whatever
    /// time their callers gave.
    async fn changes_since(
        &self,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<SessionChanges, StoreError>;

    /// Those of the sessions that are there at `now`, by id, each once.
    async fn open_among(
        &self,
        ids: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError>;

    /// Keeps a ticket, by its hash, until `expires_at`. `NotFound` if there is no such session.
    async fn add_ticket(
        &self,
        hash: [u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes a ticket away and returns its session. Of several at once one gets it.
    /// `NotFound` if it is not there, expired before `now`, or its session has ended.
    async fn take_ticket(&self, hash: [u8; 32], now: Timestamp) -> Result<SessionId, StoreError>;

    /// Forgets sessions and tickets that expired before `now`, and endings that are `memory` old or
    /// older by the store's clock.
    async fn purge(&self, now: Timestamp, memory: Duration) -> Result<(), StoreError>;
}

/// The sockets of this node, by the sessions that they were opened with. No method waits.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SessionSockets: Send + Sync {
    /// Whether any is open.
    fn any(&self) -> bool;

    /// The sessions by which sockets are open, each once.
    fn sessions(&self) -> Vec<SessionId>;

    /// Closes the sockets of these sessions.
    fn close_sessions(&self, ended: &HashSet<SessionId>);

    /// Says which roles these people have now, to their sockets. Saying it again does nothing.
    fn set_roles(&self, roles: &[(UserId, AccountRole)]);

    /// Sessions that ended, and roles that were set, before `at` have been told.
    fn confirm(&self, at: Instant);
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good, and its time is over.
    #[error("the token has expired")]
    Expired,
    /// It is not one of ours.
    #[error("the token is not valid")]
    Invalid,
}

/// To whoever needs only bytes that cannot be guessed.
impl Secrets for Arc<dyn TokenSigner> {
    fn random(&self) -> [u8; 32] {
        (**self).random()
    }
    fn digest(&self, message: &[u8]) -> [u8; 32] {
        (**self).digest(message)
    }
}

/// Makes and checks what cannot be guessed or forged.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// Bytes from the system's source of randomness.
    fn random(&self) -> [u8; 32];

    /// A signed access token (a JWT).
    fn sign_access(&self, claims: &AccessClaims) -> String;

    /// What an access token says, if it was signed here and has not expired at `now`.
    fn read_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;

    /// A keyed digest (HMAC-SHA-256) under a secret of this installation.
    fn digest(&self, message: &[u8]) -> [u8; 32];

    /// The code of an authenticator app with that secret at that step (RFC 4226 with SHA-1).
    fn one_time_code(&self, secret: &TotpSecret, step: Step) -> OneTimeCode;
}

/// Knows whether the server was set up, and who may register. Every method may answer
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SetUpStore: Send + Sync {
    /// What decides whether it can be set up.
    async fn state(&self) -> Result<SetUpState, StoreError>;

    /// Who may register, as whoever set it up decided; `None` before, and where it was not for them to say.
    async fn registration(&self) -> Result<Option<Registration>, StoreError>;

    /// Adds the first admin as [`crate::user::UserStore::add`] does, and keeps what they decided, if
    /// [`SetUpState::admit`] lets them: of two at once, one is added. Whoever is refused, for whatever reason,
    /// leaves it to be set up.
    async fn set_up(
        &self,
        user: NewUser,
        registration: Option<Registration>,
    ) -> Result<User, WriteError<AlreadySetUp>>;
}
