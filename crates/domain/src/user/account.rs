//! Making, disabling and repairing accounts.

use super::{
    AccountRole, HashError, NewUser, Password, PasswordError, PasswordHasher, User, UserName,
    UserStore, Users, may_manage_accounts,
};
use crate::clock::Timestamp;
use crate::failure::{Failure, FieldFailure, Kind, StoreError};
use crate::ids::UserId;
use crate::session::Caller;
use crate::text::TextError;

/// What it takes to make an account.
#[derive(Debug)]
pub struct AddUser<'a> {
    /// The name as typed.
    pub name: &'a str,
    /// The password as typed.
    pub password: &'a str,
    /// What it may do.
    pub role: AccountRole,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// The name, the password or both break a rule.
    #[error("the name or the password breaks a rule")]
    Fields {
        /// What is wrong with the name.
        name: Option<TextError>,
        /// What is wrong with the password.
        password: Option<PasswordError>,
    },
    /// Somebody has that name, perhaps in another spelling.
    #[error("This user name is taken.")]
    NameTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AddUserError> for Failure {
    fn from(error: AddUserError) -> Self {
        match error {
            AddUserError::Fields { name, password } => Self::fields(
                name.map(|e| field("username", e.code(), &e))
                    .into_iter()
                    .chain(password.map(|e| field("password", e.code(), &e)))
                    .collect(),
            ),
            AddUserError::NameTaken => Self {
                kind: Kind::Conflict,
                code: "name_taken",
                ..Self::field("username", "name_taken", &error)
            },
            AddUserError::Hash(error) => error.into(),
            AddUserError::Store(error) => error.into(),
        }
    }
}

fn field(field: &'static str, code: &'static str, why: &dyn std::error::Error) -> FieldFailure {
    FieldFailure { field, code, detail: format!("The {field} {why}.") }
}

impl From<HashError> for Failure {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::new(
                Kind::Unavailable,
                "busy",
                "Too many people are signing in right now; try again in a moment.",
            ),
            HashError::Failed => {
                Self::new(Kind::Internal, "internal", "The server made a mistake.")
            }
        }
    }
}

/// Checks, hashes and stores. Shared by the command line and by registration.
pub(crate) async fn add_user(
    store: &dyn UserStore,
    hasher: &dyn PasswordHasher,
    command: AddUser<'_>,
    now: Timestamp,
) -> Result<User, AddUserError> {
    let name = UserName::new(command.name);
    // A password is compared with the name as typed even when that name is refused.
    let compared = name.clone().unwrap_or_else(|_| UserName::stored(String::new(), String::new()));
    let (name, password) = match (name, Password::new(command.password, &compared)) {
        (Ok(name), Ok(password)) => (name, password),
        (name, password) => {
            return Err(AddUserError::Fields { name: name.err(), password: password.err() });
        }
    };
    let password = hasher.hash(password).await?;
    let user = NewUser { name, role: command.role, password, created_at: now };
    store.add(user).await.map_err(|error| match error {
        StoreError::Conflict => AddUserError::NameTaken,
        error => error.into(),
    })
}

/// Why an account was not enabled or disabled.
#[derive(Debug, thiserror::Error)]
pub enum SetActiveError {
    /// Only admins may.
    #[error("Only an admin may do this.")]
    NotAdmin,
    /// Nobody disables the account they are using: the last admin could lock everybody out.
    #[error("You cannot disable your own account here.")]
    Oneself,
    /// There is no such account.
    #[error("There is no such user.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<SetActiveError> for Failure {
    fn from(error: SetActiveError) -> Self {
        match error {
            SetActiveError::NotAdmin => Self::new(Kind::Forbidden, "admin_only", error),
            SetActiveError::Oneself => Self::new(Kind::Conflict, "own_account", error),
            SetActiveError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            SetActiveError::Store(error) => error.into(),
        }
    }
}

/// Why a password was not set by the operator.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// There is no account of that name.
    #[error("There is no such user.")]
    NotFound,
    /// It breaks a rule.
    #[error("The password {0}.")]
    Password(#[from] PasswordError),
    /// It could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl Users {
    /// Makes an account, for the operator: who may call this is decided by who may run the binary.
    pub async fn add(&self, command: AddUser<'_>) -> Result<User, AddUserError> {
        add_user(&*self.store, &*self.hasher, command, self.clock.now()).await
    }

    /// Enables or disables an account; disabling ends its sessions, and with them its sockets.
    pub async fn set_active(
        &self,
        caller: &Caller,
        id: UserId,
        active: bool,
    ) -> Result<User, SetActiveError> {
        if !may_manage_accounts(caller) {
            return Err(SetActiveError::NotAdmin);
        }
        if caller.user == id && !active {
            return Err(SetActiveError::Oneself);
        }
        self.store.set_active(id, active, self.clock.now()).await.map_err(|error| match error {
            StoreError::NotFound => SetActiveError::NotFound,
            error => SetActiveError::Store(error),
        })
    }

    /// Enables or disables the account of that name, for the operator.
    pub async fn set_active_by_name(
        &self,
        name: &str,
        active: bool,
    ) -> Result<User, SetActiveError> {
        let to_error = |error| match error {
            StoreError::NotFound => SetActiveError::NotFound,
            error => SetActiveError::Store(error),
        };
        let user = self.by_name(name).await.map_err(to_error)?;
        self.store.set_active(user.id, active, self.clock.now()).await.map_err(to_error)
    }

    /// Sets the password of the account of that name and ends all its sessions, for the operator.
    pub async fn set_password_by_name(
        &self,
        name: &str,
        password: &str,
    ) -> Result<(), SetPasswordError> {
        let to_error = |error| match error {
            StoreError::NotFound => SetPasswordError::NotFound,
            error => SetPasswordError::Store(error),
        };
        let user = self.by_name(name).await.map_err(to_error)?;
        let hash = self.hasher.hash(Password::new(password, &user.name)?).await?;
        self.store.set_password(user.id, hash, None, self.clock.now()).await.map_err(to_error)
    }

    /// Nobody has a name that breaks a rule.
    async fn by_name(&self, typed: &str) -> Result<User, StoreError> {
        let name = UserName::new(typed).map_err(|_| StoreError::NotFound)?;
        Ok(self.store.credentials(name.folded()).await?.user)
    }
}
