//! Accounts.

use super::MemoryDb;
use super::state::{State, UserRow};
use async_trait::async_trait;
use domain::admin::Record;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits::PEOPLE_SEARCHED;
use domain::user::{
    Account, Credentials, Email, NewUser, PasswordChange, ProfileChange, SignsInBy, User, UserName,
    UserPage, UserQuery, UserStore,
};

impl State {
    pub(super) fn add_user(&mut self, new: NewUser) -> Result<User, StoreError> {
        let id = UserId::stored(self.next_id());
        self.name_is_free(&new.name, id)?;
        self.is_unlike_others(&new.name, None)?;
        let login_email = self.login_email(&new.email, id);
        if new.signs_in_by == SignsInBy::Email && login_email.is_none() {
            return Err(StoreError::Conflict);
        }
        let user = User {
            id,
            name: new.name,
            role: new.role,
            profile: new.profile,
            active: true,
            created_at: new.created_at,
            last_seen_at: None,
            deleted_at: None,
            external_id: None,
        };
        let (password, email) = (new.password, new.email);
        let (user_row, role_set_at, data) = (user.clone(), None, None);
        let row = UserRow { user: user_row, password, email, login_email, data, role_set_at };
        self.users.insert(user.id, row);
        if let Some(origin) = new.origin {
            self.write_log(id.get(), Record::registered(id, origin, user.created_at));
        }
        Ok(user)
    }

    /// `Conflict` if another account than this one has that name.
    fn name_is_free(&self, name: &UserName, id: UserId) -> Result<(), StoreError> {
        let has = |row: &UserRow| row.user.id != id && row.user.name.folded() == name.folded();
        if self.users.values().any(has) { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// `Conflict` if the name looks like that of another account than this one.
    pub(super) fn is_unlike_others(
        &self,
        name: &UserName,
        own: Option<UserId>,
    ) -> Result<(), StoreError> {
        let others = self.users.values().filter(|row| Some(row.user.id) != own);
        let mut named = others.filter(|row| row.user.deleted_at.is_none());
        let alike = named.any(|row| name.looks_like(&row.user.name));
        if alike { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// What an account signs in by that has this address: nothing if another one does already.
    pub(super) fn login_email(&self, email: &Email, id: UserId) -> Option<String> {
        let folded = email.folded()?;
        let taken = |row: &UserRow| row.user.id != id && row.login_email.as_ref() == Some(&folded);
        if self.users.values().any(taken) { None } else { Some(folded) }
    }

    /// A page of the accounts for which `is_so` holds and whose names contain the text. Like the databases,
    /// it looks at no more than `PEOPLE_SEARCHED` accounts, so a page may be short or empty and still have a
    /// next one.
    pub(super) fn find_users(&self, query: &UserQuery, is_so: impl Fn(&User) -> bool) -> UserPage {
        let there = self.users.values().map(|row| &row.user);
        let mut there = there
            .filter(|user| query.after.is_none_or(|after| user.id > after))
            .filter(|user| query.sharing_with.is_none_or(|person| self.share(person, user.id)));
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

impl State {
    pub(super) fn set_profile(
        &mut self,
        id: UserId,
        change: ProfileChange,
    ) -> Result<Account, StoreError> {
        let present = self.account(id)?.shown();
        let name = change.name.as_ref().filter(|n| n.folded() != present.user.name.folded());
        if let Some(name) = name {
            self.is_unlike_others(name, Some(id))?;
        }
        let changed = change.apply(present);
        self.name_is_free(&changed.user.name, id)?;
        let login_email = self.login_email(&changed.email, id);
        let row = self.account(id)?;
        let Account { user, email } = changed;
        (row.user, row.email, row.login_email) = (user, email, login_email);
        Ok(row.shown())
    }
}

impl UserRow {
    pub(super) fn shown(&self) -> Account {
        Account { user: self.user.clone(), email: self.email.clone() }
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

    async fn credentials_by_email(&self, folded: &str) -> Result<Credentials, StoreError> {
        let state = self.state();
        let signs_in = |row: &&UserRow| row.login_email.as_deref() == Some(folded);
        let row = state.users.values().find(signs_in).ok_or(StoreError::NotFound)?;
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
        state.write_log(id.get(), Record::password_changed(id, at));
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
        self.state().set_profile(id, change)
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
