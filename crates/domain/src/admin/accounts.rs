//! Administering other people's accounts.

use super::{AccountChange, AccountPage, AccountQuery, Actor, Administration, AuditAction, Record};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::session::StepUpRequired;
use crate::user::{
    Account, AccountRole, AddUser, AddUserError, Email, FindError, HashError, Password,
    PasswordError, PasswordsOff, UpdateProfile, UpdateProfileError, User, UserName, UserQuery,
    new_user, not_added,
};

/// A change of an account, as typed; `None` leaves a part as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountUpdate<'a> {
    /// The word of a role.
    pub role: Option<&'a str>,
    /// Whether it may sign in.
    pub active: Option<bool>,
    /// Its owner's profile.
    pub profile: UpdateProfile<'a>,
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// It is the admin's own account. This is refused so that the last admin cannot lock everybody out.
    #[error("You cannot do this to your own account.")]
    Oneself,
    /// There is no such account.
    #[error("There is no such user.")]
    NotFound,
    /// This installation has no such role.
    #[error("The role is none of {0}.")]
    Role(String),
    /// The admin has not proved their identity recently enough.
    #[error(transparent)]
    StepUp(#[from] StepUpRequired),
    /// The account has no second factor.
    #[error("This account has no second factor.")]
    NoSecondFactor,
    /// The profile breaks a rule.
    #[error(transparent)]
    Profile(#[from] UpdateProfileError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ManageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Oneself => Self::new(Kind::Conflict, "own_account", error),
            ManageError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            ManageError::Role(_) => Self::field("role", "unknown_role", error),
            ManageError::StepUp(error) => error.into(),
            ManageError::NoSecondFactor => Self::new(Kind::Conflict, "second_factor_off", error),
            ManageError::Profile(error) => error.into(),
            ManageError::Store(error) => error.into(),
        }
    }
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// There are none.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// The account may not be changed, or is not there.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// It breaks a rule.
    #[error("The password {0}.")]
    Password(#[from] PasswordError),
    /// It could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl From<SetPasswordError> for Failure {
    fn from(error: SetPasswordError) -> Self {
        match error {
            SetPasswordError::PasswordsOff(why) => why.into(),
            SetPasswordError::Manage(error) => error.into(),
            SetPasswordError::Password(why) => Self::field("password", why.code(), error),
            SetPasswordError::Hash(error) => error.into(),
        }
    }
}

impl Administration {
    /// Creates an account with the role of that word.
    pub async fn add_user(
        &self,
        actor: Actor,
        command: AddUser<'_>,
        role: &str,
    ) -> Result<User, AddUserError> {
        let role = self.role(role).map_err(|_| AddUserError::Role)?;
        let (hasher, now) = (&*self.ports.hasher, self.now());
        let user = new_user(hasher, command, role, actor.hash_origin(), now).await?;
        let record = self.record(actor, AuditAction::UserAdded, role.to_string());
        let name = user.name.clone();
        match self.ports.admin.add_user(user, record).await {
            Ok(made) => Ok(made),
            Err(error) => Err(not_added(&*self.ports.users, &name, error).await),
        }
    }

    /// One account with its private part, even if it is disabled.
    pub async fn user(&self, _: Actor, id: UserId) -> Result<Account, ManageError> {
        Ok(self.ports.users.account(id).await?)
    }

    /// The account with that name. `NotFound` also for a name that breaks a rule, since nobody can have it.
    pub async fn user_by_name(&self, actor: Actor, typed: &str) -> Result<Account, ManageError> {
        let name = UserName::sought(typed).map_err(|_| ManageError::NotFound)?;
        let found = self.ports.users.credentials(name.folded()).await?;
        self.user(actor, found.user.id).await
    }

    /// Accounts whose names contain `typed`, including disabled ones.
    pub async fn users(
        &self,
        _: Actor,
        typed: &str,
        query: AccountQuery,
    ) -> Result<AccountPage, FindError> {
        let folded = UserQuery::fold(typed)?;
        Ok(self.ports.admin.find_users(AccountQuery { folded, ..query }).await?)
    }

    /// Changes an account's role and profile, and enables or disables it, all in one change. Making somebody an
    /// admin, disabling an account and another e-mail address, which may be signed in by, need a recent proof of
    /// identity. A new role takes effect at once; disabling
    /// ends the account's sessions, and with them its sockets.
    pub async fn update_user(
        &self,
        actor: Actor,
        id: UserId,
        update: AccountUpdate<'_>,
    ) -> Result<Account, ManageError> {
        let role = update.role.map(|word| self.role(word)).transpose()?;
        let profile = update.profile.check()?;
        let demotes = role.is_some() || update.active == Some(false);
        if actor.account() == Some(id) && demotes {
            return Err(ManageError::Oneself);
        }
        if role == Some(AccountRole::Admin) || update.active == Some(false) {
            actor.check_proof(self.now())?;
        }
        if let Some(email) = &profile.email {
            self.check_address(actor, id, email).await?;
        }
        let roles = role.map(|role| (AuditAction::UserRole, role.to_string()));
        let active = update.active.map(|active| {
            (
                if active { AuditAction::UserEnabled } else { AuditAction::UserDisabled },
                String::new(),
            )
        });
        let said = profile.fields().join(", ");
        let said = (!said.is_empty()).then_some((AuditAction::UserProfile, said));
        let records = roles.into_iter().chain(active).chain(said);
        let records = records.map(|(action, detail)| self.record(actor, action, detail)).collect();
        let active = update.active;
        let change = AccountChange { role, active, profile, ..AccountChange::default() };
        self.change(id, change, records).await
    }

    /// As with one's own address ([`crate::user::Users::update_profile`]): one that stays needs no proof.
    async fn check_address(
        &self,
        actor: Actor,
        id: UserId,
        wanted: &Email,
    ) -> Result<(), ManageError> {
        match actor.check_proof(self.now()) {
            Ok(()) => Ok(()),
            Err(_) if self.ports.users.account(id).await?.email == *wanted => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// Sets an account's password and ends its sessions.
    pub async fn set_password(
        &self,
        actor: Actor,
        id: UserId,
        password: &str,
    ) -> Result<(), SetPasswordError> {
        self.passwords.check()?;
        // Who changes their own shows that they know the old one.
        if actor.account() == Some(id) {
            return Err(ManageError::Oneself.into());
        }
        actor.check_proof(self.now()).map_err(ManageError::from)?;
        let user = self.user(actor, id).await?.user;
        let password = Password::new(password, &user.name)?;
        let hash = self.ports.hasher.hash(password, actor.hash_origin()).await?;
        let records = vec![self.record(actor, AuditAction::UserPassword, String::new())];
        let change = AccountChange { password: Some(hash), ..AccountChange::default() };
        self.change(id, change, records).await?;
        Ok(())
    }

    /// Turns off the second factor of an account whose owner has lost it. Only the operator may do this: somebody
    /// who has stolen one admin's password must not be able to remove another admin's second factor.
    pub async fn turn_off_second_factor(&self, id: UserId) -> Result<(), ManageError> {
        let record = self.record(Actor::OPERATOR, AuditAction::UserSecondFactor, String::new());
        match self.ports.second_factors.remove(id, record).await {
            Err(StoreError::NotFound) => Err(ManageError::NoSecondFactor),
            removed => Ok(removed?),
        }
    }

    /// Ends every session of an account, and with them its sockets.
    pub async fn end_sessions(&self, actor: Actor, id: UserId) -> Result<(), ManageError> {
        let records = vec![self.record(actor, AuditAction::UserSessions, String::new())];
        let change = AccountChange { end_sessions: true, ..AccountChange::default() };
        self.change(id, change, records).await.map(drop)
    }

    async fn change(
        &self,
        id: UserId,
        change: AccountChange,
        records: Vec<Record>,
    ) -> Result<Account, ManageError> {
        let updated = self.ports.admin.update_user(id, change, records, self.now()).await?;
        for member in updated.members {
            let chat = member.chat;
            self.tell(EventBody::MemberUpdated(member), chat);
        }
        Ok(updated.account)
    }

    fn role(&self, word: &str) -> Result<AccountRole, ManageError> {
        let role = self.roles.find(word);
        role.ok_or_else(|| ManageError::Role(self.roles.words().join(", ")))
    }
}
