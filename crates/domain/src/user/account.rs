//! Making accounts.

use super::{
    AccountRole, HashError, HashOrigin, NewUser, Password, PasswordError, PasswordHasher, UserName,
};
use crate::clock::Timestamp;
use crate::failure::{Failure, FieldFailure, Kind, StoreError};
use crate::text::TextError;

/// What it takes to make an account.
#[derive(Debug)]
pub struct AddUser<'a> {
    /// The name as typed.
    pub name: &'a str,
    /// The password as typed.
    pub password: &'a str,
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
    /// This installation has no such role.
    #[error("There is no such role.")]
    Role,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AddUserError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::NameTaken,
            error => Self::Store(error),
        }
    }
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
            AddUserError::Role => Self::field("role", "unknown_role", error),
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

/// Checks and hashes. Shared by administration and registration.
pub(crate) async fn new_user(
    hasher: &dyn PasswordHasher,
    command: AddUser<'_>,
    role: AccountRole,
    from: HashOrigin,
    now: Timestamp,
) -> Result<NewUser, AddUserError> {
    let name = UserName::new(command.name);
    // A password is compared with the name as typed even when that name is refused.
    let compared = name.clone().unwrap_or_else(|_| UserName::stored(String::new(), String::new()));
    let (name, password) = match (name, Password::new(command.password, &compared)) {
        (Ok(name), Ok(password)) => (name, password),
        (name, password) => {
            return Err(AddUserError::Fields { name: name.err(), password: password.err() });
        }
    };
    let password = hasher.hash(password, from).await?;
    Ok(NewUser { name, role, password, created_at: now })
}
