//! Second factors.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::admin::Record;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::second_factor::{Confirmation, FactorSeed, SecondFactor, SecondFactorStore, Step};

impl State {
    /// A second factor that is on.
    fn second_factor(&mut self, user: UserId) -> Result<&mut SecondFactor, StoreError> {
        self.second_factors.get_mut(&user).filter(|found| found.is_on).ok_or(StoreError::NotFound)
    }

    pub(super) fn forget_second_factor(&mut self, user: UserId) {
        self.second_factors.remove(&user);
        self.recovery_codes.retain(|(of, _)| *of != user);
    }

    fn set_recovery_codes(&mut self, user: UserId, codes: Vec<[u8; 32]>) {
        self.recovery_codes.retain(|(of, _)| *of != user);
        self.recovery_codes.extend(codes.into_iter().map(|hash| (user, hash)));
    }
}

#[async_trait]
impl SecondFactorStore for MemoryDb {
    async fn get(&self, user: UserId) -> Result<SecondFactor, StoreError> {
        self.state().second_factors.get(&user).copied().ok_or(StoreError::NotFound)
    }

    async fn begin(&self, user: UserId, seed: FactorSeed) -> Result<(), StoreError> {
        let mut state = self.state();
        state.account(user)?;
        if state.second_factor(user).is_ok() {
            return Err(StoreError::Conflict);
        }
        let begun = SecondFactor { seed, is_on: false, last_step: None };
        state.second_factors.insert(user, begun);
        Ok(())
    }

    async fn confirm(
        &self,
        user: UserId,
        confirmation: Confirmation,
        record: Record,
    ) -> Result<(), StoreError> {
        let (mut state, Confirmation { seed, step, codes }) = (self.state(), confirmation);
        let found = state.second_factors.get_mut(&user).ok_or(StoreError::NotFound)?;
        *found = found.confirmed(seed, step).ok_or(StoreError::Conflict)?;
        state.set_recovery_codes(user, codes);
        state.write_log(user.get(), record);
        Ok(())
    }

    async fn use_step(&self, user: UserId, seed: FactorSeed, step: Step) -> Result<(), StoreError> {
        let mut state = self.state();
        let found = state.second_factors.get_mut(&user).ok_or(StoreError::Conflict)?;
        *found = found.used(seed, step).ok_or(StoreError::Conflict)?;
        Ok(())
    }

    async fn use_recovery_code(
        &self,
        user: UserId,
        hash: [u8; 32],
        record: Record,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if !state.recovery_codes.remove(&(user, hash)) {
            return Err(StoreError::NotFound);
        }
        state.write_log(user.get(), record);
        Ok(())
    }

    async fn set_recovery_codes(
        &self,
        user: UserId,
        codes: Vec<[u8; 32]>,
        record: Record,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.second_factor(user)?;
        state.set_recovery_codes(user, codes);
        state.write_log(user.get(), record);
        Ok(())
    }

    async fn remove(&self, user: UserId, record: Record) -> Result<(), StoreError> {
        let mut state = self.state();
        state.second_factor(user)?;
        state.forget_second_factor(user);
        state.write_log(user.get(), record);
        Ok(())
    }
}
