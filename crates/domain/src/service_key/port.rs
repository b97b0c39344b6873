//! The port of service keys: their store.

use super::{AddKeyRefusal, NewServiceKey, Place, RevokeKeys, ServiceKey};
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use crate::ids::SessionId;
use async_trait::async_trait;

/// Stores keys. Each key belongs to a session, and is deleted with it, however it ends. Each call is one
/// atomic change together with its entries in the audit log. Every method may return
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ServiceKeyStore: Send + Sync {
    /// Adds a key as [`NewServiceKey::decide`] says: to the service account of that name, or with a new one.
    /// `Conflict` as with [`crate::user::UserStore::add`] if another account has the name; then nothing is
    /// added.
    async fn add(&self, key: NewServiceKey) -> Result<ServiceKey, WriteError<AddKeyRefusal>>;

    /// All keys, in the order in which they were added; at most [`SERVICE_KEYS`](crate::limits::SERVICE_KEYS).
    async fn list(&self, now: Timestamp) -> Result<Vec<ServiceKey>, StoreError>;

    /// Ends these keys' sessions, like [`crate::session::SessionStore::end`], and returns them. `NotFound` if
    /// there are none.
    async fn revoke(&self, keys: RevokeKeys) -> Result<Vec<SessionId>, StoreError>;

    /// The key with this hash. `NotFound` if there is none, or its session ended or expired before `now`.
    async fn find(&self, hash: [u8; 32], now: Timestamp) -> Result<ServiceKey, StoreError>;

    /// Records that a key was used, and extends its session. Does nothing if the key no longer exists.
    async fn note_use(
        &self,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Whether something is a whisper chat, or belongs to one. False if it does not exist.
    async fn is_whisper(&self, place: Place) -> Result<bool, StoreError>;
}
