//! Accounts.

use super::MemoryDb;
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::user::{Credentials, NewUser, PasswordHash, User, UserPage, UserQuery, UserStore};

#[async_trait]
impl UserStore for MemoryDb {
    async fn add(&self, new: NewUser) -> Result<User, StoreError> {
        let mut state = self.state();
        let taken = |known: &Credentials| known.user.name.folded() == new.name.folded();
        if state.users.values().any(taken) {
            return Err(StoreError::Conflict);
        }
        let user = User {
            id: UserId::stored(state.next_id()),
            name: new.name,
            role: new.role,
            active: true,
            created_at: new.created_at,
            last_seen_at: None,
        };
        state.users.insert(user.id, Credentials { user: user.clone(), password: new.password });
        Ok(user)
    }

    async fn get(&self, id: UserId) -> Result<User, StoreError> {
        self.state().user(id).cloned()
    }

    async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let wanted = state.users.values().filter(|known| ids.contains(&known.user.id));
        Ok(wanted.map(|known| known.user.clone()).collect())
    }

    async fn credentials(&self, folded_name: &str) -> Result<Credentials, StoreError> {
        let state = self.state();
        let mut users = state.users.values();
        let found = users.find(|known| known.user.name.folded() == folded_name);
        found.cloned().ok_or(StoreError::NotFound)
    }

    async fn find(&self, query: UserQuery) -> Result<UserPage, StoreError> {
        let state = self.state();
        let mut found = state
            .users
            .values()
            .map(|known| &known.user)
            .filter(|user| user.active && user.name.folded().contains(&query.folded))
            .filter(|user| query.after.is_none_or(|after| user.id > after));
        let users = found.by_ref().take(query.limit).cloned().collect();
        Ok(UserPage { users, more: found.next().is_some() })
    }

    async fn set_password(
        &self,
        id: UserId,
        password: PasswordHash,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        state.users.get_mut(&id).ok_or(StoreError::NotFound)?.password = password;
        state.end_sessions(id, keep, at);
        Ok(())
    }

    async fn set_active(
        &self,
        id: UserId,
        active: bool,
        at: Timestamp,
    ) -> Result<User, StoreError> {
        let mut state = self.state();
        let user = &mut state.users.get_mut(&id).ok_or(StoreError::NotFound)?.user;
        user.active = active;
        let user = user.clone();
        if !active {
            state.end_sessions(id, None, at);
        }
        Ok(user)
    }

    async fn set_last_seen(&self, ids: &[UserId], at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        for id in ids {
            if let Some(known) = state.users.get_mut(id) {
                let seen = &mut known.user.last_seen_at;
                // `None` is less than any time.
                *seen = (*seen).max(Some(at));
            }
        }
        Ok(())
    }
}
