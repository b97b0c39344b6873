//! Whether the server has been set up.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::failure::{StoreError, WriteError};
use domain::session::{AlreadySetUp, Registration, SetUpState, SetUpStore};
use domain::user::{AccountRole, NewUser, User};

impl State {
    fn set_up_state(&self) -> SetUpState {
        let admin = |user: &User| user.role == AccountRole::Admin && user.deleted_at.is_none();
        let has_admin = self.users.values().any(|row| admin(&row.user));
        SetUpState { done: self.set_up.is_some(), has_admin }
    }
}

#[async_trait]
impl SetUpStore for MemoryDb {
    async fn state(&self) -> Result<SetUpState, StoreError> {
        Ok(self.state().set_up_state())
    }

    async fn registration(&self) -> Result<Option<Registration>, StoreError> {
        Ok(self.state().set_up.flatten())
    }

    async fn set_up(
        &self,
        user: NewUser,
        registration: Option<Registration>,
    ) -> Result<User, WriteError<AlreadySetUp>> {
        let mut state = self.state();
        state.set_up_state().admit().map_err(WriteError::Refused)?;
        let made = state.add_user(user)?;
        state.set_up = Some(registration);
        Ok(made)
    }
}
