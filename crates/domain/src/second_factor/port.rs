//! The port of second factors: their store.

use super::code::Step;
use super::entities::{Confirmation, SecondFactor};
use super::secret::FactorSeed;
use crate::admin::Record;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// Stores second factors. Each call is one atomic change together with its entry in the audit log, and
/// durable once the call returns. A deleted account has none. Every method may return
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SecondFactorStore: Send + Sync {
    /// The second factor of an account. `NotFound` if none was begun.
    async fn get(&self, user: UserId) -> Result<SecondFactor, StoreError>;

    /// Begins one, replacing one that was not confirmed. `Conflict` if one is on; `NotFound` if there is no such
    /// account.
    async fn begin(&self, user: UserId, seed: FactorSeed) -> Result<(), StoreError>;

    /// Turns one on. Of several calls at once, one succeeds. `Conflict` if it is on already, or was begun with
    /// another seed; `NotFound` if none was begun.
    async fn confirm(
        &self,
        user: UserId,
        confirmation: Confirmation,
        record: Record,
    ) -> Result<(), StoreError>;

    /// Marks the code of a time step as used. Of several calls at once, one succeeds. `Conflict` if the code of
    /// that step or a later one was used before, or if the second factor is not on with this seed.
    async fn use_step(&self, user: UserId, seed: FactorSeed, step: Step) -> Result<(), StoreError>;

    /// Deletes a recovery code, given by its hash, because it was used. Of several calls at once, one succeeds.
    /// `NotFound` if the account has no such code.
    async fn use_recovery_code(
        &self,
        user: UserId,
        hash: [u8; 32],
        record: Record,
    ) -> Result<(), StoreError>;

    /// Replaces the recovery codes. `NotFound` if no second factor is on.
    async fn set_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<[u8; 32]>,
        record: Record,
    ) -> Result<(), StoreError>;

    /// Turns one off, and deletes its recovery codes. `NotFound` if none is on.
    async fn remove(&self, user: UserId, record: Record) -> Result<(), StoreError>;
}
