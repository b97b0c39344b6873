//! Accounts.

use super::MemoryDb;
use super::state::{State, UserRow};
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits::PEOPLE_SEARCHED;
use domain::user::{
    Account, Credentials, Email, NewUser, PasswordChange, Profile, ProfileChange, User, UserPage,
    UserQuery, UserStore,
};

impl State {
    pub(super) fn add_user(&mut self, new: NewUser) -> Result<User, StoreError> {
        let taken = |row: &UserRow| row.user.name.folded() == new.name.folded();
        if self.users.values().any(taken) {
            return Err(StoreError::Conflict);
        }
        let user = User {
            id: UserId::stored(self.next_id()),
            name: new.name,
            role: new.role,
            profile: Profile::default(),
            active: true,
            created_at: new.created_at,
            last_seen_at: None,
            deleted_at: None,
        };
        let (password, email) = (new.password, Email::default());
        let row = UserRow { user: user.clone(), password, email, role_set_at: None };
        self.users.insert(user.id, row);
        Ok(user)
    }

    /// Those of the accounts that this is so for and whose names contain the text, after one.
    pub(super) fn find_users(&self, query: &UserQuery, is_so: impl Fn(&User) -> bool) -> UserPage {
        let there = self.users.values().map(|row| &row.user);
        let mut there = there.filter(|user| query.after.is_none_or(|after| user.id > after));
        let mut looked_at = there.by_ref().take(PEOPLE_SEARCHED);
        let mut last = None;
        let mut found = looked_at
            .by_ref()
            .inspect(|user| last = Some(user.id))
            .filter(|user| is_so(user))
            .filter(|user| user.profile.searched(&user.name).contains(&query.folded));
        let users: Vec<_> = found.by_ref().take(query.limit).cloned().collect();
        let next = if found.next().is_some() {
            users.last().map(|user| user.id)
        } else {
            there.next().and(last)
        };
        UserPage { users, next }
    }
}

impl UserRow {
    pub(super) fn shown(&self) -> Account {
        Account { user: self.user.clone(), email: self.email.clone() }
    }

    pub(super) fn say(&mut self, change: ProfileChange) {
        Account { user: self.user, email: self.email } = change.apply(self.shown());
    }
}

#[async_trait]
impl UserStore for MemoryDb {
    async fn add(&self, new: NewUser) -> Result<User, StoreError> {
        self.state().add_user(new)
    }

    async fn get(&self, id: UserId) -> Result<User, StoreError> {
        self.state().user(id).cloned()
    }

    async fn get_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let wanted = state.users.values().filter(|row| ids.contains(&row.user.id));
        Ok(wanted.map(|row| row.user.clone()).collect())
    }

    async fn credentials(&self, folded_name: &str) -> Result<Credentials, StoreError> {
        let state = self.state();
        let named =
            |row: &&UserRow| row.user.deleted_at.is_none() && row.user.name.folded() == folded_name;
        let row = state.users.values().find(named).ok_or(StoreError::NotFound)?;
        Ok(Credentials { user: row.user.clone(), password: row.password.clone() })
    }

    async fn find(&self, query: UserQuery) -> Result<UserPage, StoreError> {
        Ok(self.state().find_users(&query, |user| user.active))
    }

    async fn set_password(
        &self,
        id: UserId,
        PasswordChange { was, new }: PasswordChange,
        keep: Option<SessionId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.account(id)?;
        if row.password != was {
            return Err(StoreError::Conflict);
        }
        row.password = new;
        state.end_sessions(id, keep, at);
        Ok(())
    }

    async fn renew_hash(
        &self,
        id: UserId,
        PasswordChange { was, new }: PasswordChange,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.account(id)?;
        if row.password != was {
            return Err(StoreError::Conflict);
        }
        row.password = new;
        Ok(())
    }

    async fn account(&self, id: UserId) -> Result<Account, StoreError> {
        Ok(self.state().account(id)?.shown())
    }

    async fn set_profile(&self, id: UserId, change: ProfileChange) -> Result<Account, StoreError> {
        let mut state = self.state();
        let row = state.account(id)?;
        row.say(change);
        Ok(row.shown())
    }

    async fn set_last_seen(&self, ids: &[UserId], at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        for id in ids {
            if let Ok(row) = state.account(*id) {
                let seen = &mut row.user.last_seen_at;
                // `None` is less than any time.
                *seen = (*seen).max(Some(at));
            }
        }
        Ok(())
    }
}
