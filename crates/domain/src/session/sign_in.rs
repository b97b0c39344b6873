//! Making an account and signing in with one.

use super::{AccessClaims, Device, NewSession, Seed, Session, Sessions, SignedIn};
use crate::failure::{Failure, Kind, StoreError};
use crate::user::{AccountRole, AddUser, AddUserError, HashError, User, UserName, new_user};
use std::time::Duration;

/// A name, a password, and what they were typed on.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// The name as typed.
    pub name: &'a str,
    /// The password as typed.
    pub password: &'a str,
    /// What it was typed on.
    pub device: Device,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// This installation makes accounts for its people itself.
    #[error("Registration is closed on this server.")]
    Closed,
    /// The account was refused.
    #[error(transparent)]
    User(#[from] AddUserError),
    /// The database failed after the account was made; signing in will work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => Self::new(Kind::Forbidden, "registration_closed", error),
            RegisterError::User(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No such name, or not its password: which of them is nobody's business.
    #[error("The user name or the password is wrong.")]
    Credentials,
    /// The password is right and the account disabled.
    #[error("This account is disabled.")]
    Disabled,
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
            LogInError::Credentials => Self::new(Kind::Unauthenticated, "wrong_credentials", error),
            LogInError::Disabled => Self::new(Kind::Forbidden, "account_disabled", error),
            LogInError::Hash(error) => error.into(),
            LogInError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// Makes an account for whoever asks, and signs them in.
    pub async fn register(&self, command: SignIn<'_>) -> Result<SignedIn, RegisterError> {
        let SignIn { name, password, device } = command;
        let user = self.make_account(AddUser { name, password }).await?;
        Ok(self.open(user, device).await?)
    }

    /// Makes an account for whoever asks, who signs in later.
    pub async fn make_account(&self, command: AddUser<'_>) -> Result<User, RegisterError> {
        if !self.policy.open_registration {
            return Err(RegisterError::Closed);
        }
        let now = self.ports.clock.now();
        let user = new_user(&*self.ports.hasher, command, AccountRole::User, now).await?;
        Ok(self.ports.users.add(user).await.map_err(AddUserError::from)?)
    }

    /// Signs in with a name and its password.
    pub async fn log_in(&self, command: SignIn<'_>) -> Result<SignedIn, LogInError> {
        let user = self.prove(&command).await?;
        self.open(user, command.device).await.map_err(vanished)
    }

    /// The account of a name and its password.
    pub(super) async fn prove(&self, command: &SignIn<'_>) -> Result<User, LogInError> {
        let found = match UserName::sought(command.name) {
            Ok(name) => match self.ports.users.credentials(name.folded()).await {
                Ok(found) => Some(found),
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error.into()),
            },
            // Nobody has a name that breaks a rule.
            Err(_) => None,
        };
        let hash = found.as_ref().map(|found| found.password.clone());
        let right = self.ports.hasher.verify(command.password.to_owned(), hash).await?;
        let user = found.filter(|_| right).ok_or(LogInError::Credentials)?.user;
        if !user.active {
            return Err(LogInError::Disabled);
        }
        Ok(user)
    }

    async fn open(&self, user: User, device: Device) -> Result<SignedIn, StoreError> {
        let session = self.new_session(&user, device, self.policy.session_life);
        let session = self.ports.sessions.open(session).await?;
        Ok(self.signed_in(user, &session))
    }

    /// A session of that account, to be opened.
    pub(super) fn new_session(&self, user: &User, device: Device, life: Duration) -> NewSession {
        let now = self.ports.clock.now();
        let mut seed = Seed([0; 16]);
        seed.0.copy_from_slice(&self.ports.signer.random()[..16]);
        let expires_at = now.plus(life);
        NewSession { user: user.id, seed, device, created_at: now, expires_at, key: None }
    }

    /// The tokens of the session's present generation.
    pub(super) fn signed_in(&self, user: User, session: &Session) -> SignedIn {
        // A JWT counts whole seconds; what its owner is told is what it says.
        let now = self.ports.clock.now().whole_second();
        let expires_at = now.plus(self.policy.access_life);
        let claims =
            AccessClaims { user: user.id, session: session.id, issued_at: now, expires_at };
        SignedIn {
            user,
            session: session.id,
            access_token: self.ports.signer.sign_access(&claims),
            access_expires_at: expires_at,
            refresh_token: self.refresh_token(session),
        }
    }
}

/// The account went while its password was compared.
pub(super) fn vanished(error: StoreError) -> LogInError {
    match error {
        StoreError::NotFound => LogInError::Disabled,
        error => error.into(),
    }
}
