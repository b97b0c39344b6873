//! What second factors need from the outside.

use super::code::Step;
use super::secret::FactorSeed;
use crate::admin::Record;
use crate::failure::StoreError;
use crate::ids::UserId;
use async_trait::async_trait;

/// The second factor of an account, which is on or has only begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactor {
    /// What its secret is derived from.
    pub seed: FactorSeed,
    /// Whether a code has confirmed it. Until then nothing is asked for.
    pub is_on: bool,
    /// The last step whose code was used.
    pub last_step: Option<Step>,
}

impl SecondFactor {
    /// The same turned on by the code of that step; `None` if it is on already, or was begun anew since.
    pub fn confirmed(self, seed: FactorSeed, step: Step) -> Option<Self> {
        let is_that = !self.is_on && self.seed == seed;
        is_that.then_some(Self { is_on: true, last_step: Some(step), ..self })
    }

    /// The same after the code of that step was used; `None` if it is not on with this seed, or that step or a
    /// later one was used before.
    pub fn used(self, seed: FactorSeed, step: Step) -> Option<Self> {
        let counts = self.is_on && self.seed == seed && self.last_step < Some(step);
        counts.then_some(Self { last_step: Some(step), ..self })
    }
}

/// What turns a second factor on.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// What it was begun with.
    pub seed: FactorSeed,
    /// The step of the code that confirms it, which is used up by that.
    pub step: Step,
    /// The hashes of its recovery codes.
    pub codes: Vec<[u8; 32]>,
}

/// Keeps second factors. Each call is one atomic change, the line of the audit log that it is given included,
/// and a change that returned is there to stay. A deleted account has none. Every method may answer
/// [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SecondFactorStore: Send + Sync {
    /// The second factor of an account. `NotFound` if none was begun.
    async fn get(&self, user: UserId) -> Result<SecondFactor, StoreError>;

    /// Begins one, in the place of one that was only begun. `Conflict` if one is on, `NotFound` if there is no
    /// such account.
    async fn begin(&self, user: UserId, seed: FactorSeed) -> Result<(), StoreError>;

    /// Turns one on. Of several at once one succeeds. `Conflict` if it is on already, or was begun with another
    /// seed; `NotFound` if none was begun.
    async fn confirm(
        &self,
        user: UserId,
        confirmation: Confirmation,
        record: Record,
    ) -> Result<(), StoreError>;

    /// Uses the code of a step up. Of several at once one succeeds. `Conflict` if that step or a later one was
    /// used before, or the second factor is not on with this seed.
    async fn use_step(&self, user: UserId, seed: FactorSeed, step: Step) -> Result<(), StoreError>;

    /// Uses a recovery code up, by its hash. Of several at once one succeeds. `NotFound` if the account has no
    /// such code.
    async fn use_recovery_code(
        &self,
        user: UserId,
        hash: [u8; 32],
        record: Record,
    ) -> Result<(), StoreError>;

    /// Replaces the recovery codes by others. `NotFound` if no second factor is on.
    async fn set_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<[u8; 32]>,
        record: Record,
    ) -> Result<(), StoreError>;

    /// Turns one off, and forgets its recovery codes. `NotFound` if none is on.
    async fn remove(&self, user: UserId, record: Record) -> Result<(), StoreError>;
}
