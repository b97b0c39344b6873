//! What keys need from the outside.

use super::{AddKeyRefusal, NewServiceKey, Place, RevokeKeys, ServiceKey};
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::ids::SessionId;
use async_trait::async_trait;

/// Keeps keys. A key is a session: it is gone with that, however that ended, and only a session that is there
/// has one. Each call is one atomic change, lines of the audit log included. Every method may answer
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ServiceKeyStore: Send + Sync {
    /// Adds a key, as [`NewServiceKey::decide`] says: of the account of that name which was made for keys, or
    /// with a new one. `Conflict` as with [`crate::user::UserStore::add`], if somebody else has the name; then
    /// nothing is added.
    async fn add(&self, key: NewServiceKey) -> Result<ServiceKey, WriteError<AddKeyRefusal>>;

    /// Those that are there, in the order in which they were added:
    /// [`SERVICE_KEYS`](crate::limits::SERVICE_KEYS) at most.
    async fn list(&self, now: Timestamp) -> Result<Vec<ServiceKey>, StoreError>;

    /// Ends the sessions that these keys are, as [`crate::session::SessionStore::end`] does, and returns which
    /// they were. `NotFound` if there are none.
    async fn revoke(&self, keys: RevokeKeys) -> Result<Vec<SessionId>, StoreError>;

    /// The key of this hash. `NotFound` if there is none, or its session ended or expired before `now`.
    async fn find(&self, hash: [u8; 32], now: Timestamp) -> Result<ServiceKey, StoreError>;

    /// Notes that a key was used, and moves its end. Does nothing if it is gone.
    async fn note_use(
        &self,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Whether something is a whisper, or of one. What is not there is not.
    async fn is_whisper(&self, place: Place) -> Result<bool, StoreError>;
}
