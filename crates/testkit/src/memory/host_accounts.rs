//! Accounts of people of hosts.

use super::MemoryDb;
use async_trait::async_trait;
use domain::failure::StoreError;
use domain::host::{HostAccountStore, HostPerson};
use domain::user::{NewUser, User};

#[async_trait]
impl HostAccountStore for MemoryDb {
    async fn of_person(&self, person: &HostPerson) -> Result<User, StoreError> {
        let state = self.state();
        let id = state.host_accounts.get(person).copied().ok_or(StoreError::NotFound)?;
        state.user(id).cloned()
    }

    async fn add_for(&self, person: HostPerson, user: NewUser) -> Result<User, StoreError> {
        let mut state = self.state();
        if state.host_accounts.contains_key(&person) {
            return Err(StoreError::Conflict);
        }
        let made = state.add_user(user)?;
        state.host_accounts.insert(person, made.id);
        Ok(made)
    }
}
