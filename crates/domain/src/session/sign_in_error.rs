//! Why somebody is not registered, or not signed in with a password.

use crate::failure::{Failure, Kind, StoreError};
use crate::invite::InviteRefusal;
use crate::second_factor::CodeRefusal;
use crate::user::{AddUserError, HashError, PasswordsOff};

/// Why a registration is refused.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Nobody makes an account with a password.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// This installation makes accounts for its people itself.
    #[error("Registration is closed on this server.")]
    Closed,
    /// An invitation is needed, and none was given.
    #[error("This server needs an invitation to register.")]
    InviteRequired,
    /// The invitation is unknown, expired or used up.
    #[error(transparent)]
    Invite(InviteRefusal),
    /// The account was refused.
    #[error(transparent)]
    User(#[from] AddUserError),
    /// The database failed. If that was after the account was made, signing in will work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::PasswordsOff(why) => why.into(),
            RegisterError::Closed => Self::new(Kind::Forbidden, "registration_closed", error),
            RegisterError::InviteRequired => Self::new(Kind::Forbidden, "invite_required", error),
            RegisterError::Invite(why) => why.into(),
            RegisterError::User(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

/// Why signing in is refused.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No password signs anybody in.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// No such name, or not its password: which of them is nobody's business.
    #[error("The user name or the password is wrong.")]
    Credentials,
    /// The password is right, but the account is disabled.
    #[error("This account is disabled.")]
    Disabled,
    /// The password is right, but the code of the second factor is missing or wrong.
    #[error(transparent)]
    SecondFactor(CodeRefusal),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LogInError> for Failure {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::PasswordsOff(why) => why.into(),
            LogInError::Credentials => Self::new(Kind::Unauthenticated, "wrong_credentials", error),
            LogInError::Disabled => Self::new(Kind::Forbidden, "account_disabled", error),
            LogInError::SecondFactor(why) => Self::new(Kind::Unauthenticated, why.code(), why),
            LogInError::Hash(error) => error.into(),
            LogInError::Store(error) => error.into(),
        }
    }
}
