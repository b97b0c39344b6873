//! The port of idempotency: its store.

use super::{KeptAnswer, NewRequest, RepeatRefusal};
use crate::clock::Timestamp;
use crate::failure::{StoreError, WriteError};
use async_trait::async_trait;

/// What became of a request that was to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is carried out now, by whoever asked.
    New,
    /// It was carried out before, with this answer.
    Answered(KeptAnswer),
}

/// Keeps requests that may be repeated, of each account by its key. Each call is one atomic change. Every method may
/// return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Begins a request as [`NewRequest::decide`] says. Of several calls at once with one key, one begins it, and the
    /// others are refused as under way.
    async fn begin(&self, request: NewRequest) -> Result<Begun, WriteError<RepeatRefusal>>;

    /// Keeps the answer of a request that was begun, or forgets it if there is none to keep. Does nothing if somebody
    /// else has taken it over since.
    async fn end(&self, request: NewRequest, answer: Option<KeptAnswer>) -> Result<(), StoreError>;

    /// Forgets those that began before that time, at most [`crate::limits::FORGOTTEN_TOGETHER`] of them, the oldest
    /// first. Whether there may be more. Those of an account go with it, by
    /// [`crate::own_data::OwnDataStore::delete_requests`].
    async fn forget(&self, before: Timestamp) -> Result<bool, StoreError>;
}
