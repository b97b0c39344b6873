//! Making an account and signing in with one.

use super::{AccessClaims, Device, NewSession, Seed, Session, Sessions, SignedIn};
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::UserId;
use crate::user::{
    AccountRole, AddUser, AddUserError, HashError, HashOrigin, NewUser, PasswordChange, User,
    UserName, new_user,
};
use std::net::IpAddr;
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
    /// Where. Of IPv6 it is the network.
    pub address: IpAddr,
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
        let SignIn { name, password, device, address } = command;
        let user = self.prepare_account(AddUser { name, password }, address).await?;
        self.open_account(user, device).await
    }

    /// Checks what it takes to make an account for somebody at that address, and hashes the password.
    /// Nothing is stored yet, so whoever has left by then need not be waited for.
    pub async fn prepare_account(
        &self,
        command: AddUser<'_>,
        address: IpAddr,
    ) -> Result<NewUser, RegisterError> {
        if !self.policy.open_registration {
            return Err(RegisterError::Closed);
        }
        let (now, from) = (self.ports.clock.now(), HashOrigin::Address(address));
        Ok(new_user(&*self.ports.hasher, command, AccountRole::User, from, now).await?)
    }

    /// Makes an account that was prepared, and signs its owner in.
    pub async fn open_account(
        &self,
        user: NewUser,
        device: Device,
    ) -> Result<SignedIn, RegisterError> {
        let user = self.make_account(user).await?;
        Ok(self.open(user, device).await?)
    }

    /// Makes an account that was prepared, for somebody who signs in later.
    pub async fn make_account(&self, user: NewUser) -> Result<User, RegisterError> {
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
        let from = HashOrigin::Address(command.address);
        let typed = command.password.to_owned();
        let verified = self.ports.hasher.verify(typed, hash, from).await?;
        let found = found.filter(|_| verified.right).ok_or(LogInError::Credentials)?;
        if !found.user.active {
            return Err(LogInError::Disabled);
        }
        if let Some(new) = verified.renewed {
            self.renew_hash(found.user.id, PasswordChange { was: found.password, new }).await?;
        }
        Ok(found.user)
    }

    /// Keeps a password by a hash as they are made today.
    async fn renew_hash(&self, user: UserId, change: PasswordChange) -> Result<(), StoreError> {
        match self.ports.users.renew_hash(user, change).await {
            // Another password by now, or another log-in was quicker.
            Ok(()) | Err(StoreError::Conflict | StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
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
