//! What sessions need from the outside.

use super::{AccessClaims, Device, EndedSession, Seed, Session, SignedSession};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{SessionId, UserId};
use async_trait::async_trait;

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// What keeps its refresh tokens apart from those of any other session that ever was.
    pub seed: Seed,
    /// What it runs on, as it says itself.
    pub device: Device,
    /// Now.
    pub created_at: Timestamp,
    /// When it ends unless it is refreshed before.
    pub expires_at: Timestamp,
    /// The hash of a key that opens it for as long as it lives; see [`super::Sessions::log_in_for_key`].
    pub key: Option<[u8; 32]>,
}

/// Keeps sessions. Each call is one atomic change, and a change that returned is there to stay.
/// A session that has expired or ended is not there. Every method may answer
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Opens a session. Past [`crate::limits::SESSIONS_PER_USER`] the account's session that was
    /// unused for longest ends. `NotFound` if there is no such account, or it is disabled.
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

    /// Ends a session and remembers that it did, for [`Self::ended_since`]. `NotFound` if the user
    /// has no such session.
    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Sessions that ended (not: expired) at `since` or after it.
    async fn ended_since(&self, since: Timestamp) -> Result<Vec<EndedSession>, StoreError>;

    /// Keeps a ticket, by its hash, until `expires_at`. `NotFound` if there is no such session.
    async fn add_ticket(
        &self,
        hash: [u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes a ticket away and answers its session. Of several at once one gets it.
    /// `NotFound` if it is not there, expired before `now`, or its session has ended.
    async fn take_ticket(&self, hash: [u8; 32], now: Timestamp) -> Result<SessionId, StoreError>;

    /// Forgets sessions and tickets that expired before `now`, and endings from before `ended`.
    async fn purge(&self, now: Timestamp, ended: Timestamp) -> Result<(), StoreError>;
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
}
