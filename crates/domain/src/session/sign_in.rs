//! Making an account and signing in with one.

use super::{
    AccessClaims, Client, NewSession, Origin, RefusedSignIn, Registration, SecurityEvent, Seed,
    Session, Sessions, SignedIn,
};
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::ids::UserId;
use crate::invite::{InviteRefusal, hash};
use crate::limits;
use crate::second_factor::CodeRefusal;
use crate::user::{
    AccountRole, AddUser, AddUserError, Credentials, Email, HashError, HashOrigin, NewUser,
    PasswordChange, PasswordsOff, SignsInBy, User, UserName, new_user, not_added, number_of_name,
};
use std::net::IpAddr;
use std::time::Duration;

/// What somebody says they are, as typed.
#[derive(Debug, Clone, Copy)]
pub enum Login<'a> {
    /// The account of that user name.
    Name(&'a str),
    /// The account that signs in by that e-mail address; see [`crate::user::Email`].
    Email(&'a str),
}

/// A login, its password, and what they were typed on.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// Who they say they are.
    pub login: Login<'a>,
    /// The password as typed.
    pub password: &'a str,
    /// A code of the second factor, where the protocol can say one.
    pub code: Option<&'a str>,
    /// What it was typed on.
    pub client: Client,
    /// Where. Of IPv6 it is the network.
    pub address: IpAddr,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Nobody makes an account with a password.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// This installation makes accounts for its people itself.
    #[error("Registration is closed on this server.")]
    Closed,
    /// Whoever registers must be invited.
    #[error("This server needs an invitation to register.")]
    InviteRequired,
    /// The invitation lets nobody in.
    #[error(transparent)]
    Invite(InviteRefusal),
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
            RegisterError::PasswordsOff(why) => why.into(),
            RegisterError::Closed => Self::new(Kind::Forbidden, "registration_closed", error),
            RegisterError::InviteRequired => Self::new(Kind::Forbidden, "invite_required", error),
            RegisterError::Invite(why) => why.into(),
            RegisterError::User(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// No password signs anybody in.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// No such name, or not its password: which of them is nobody's business.
    #[error("The user name or the password is wrong.")]
    Credentials,
    /// The password is right and the account disabled.
    #[error("This account is disabled.")]
    Disabled,
    /// The password is right, and the code of the second factor missing or wrong.
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

impl Sessions {
    /// Checks what it takes to make an account for somebody there, and hashes the password.
    /// Nothing is stored yet, so whoever has left by then need not be waited for.
    pub async fn prepare_account(
        &self,
        command: AddUser<'_>,
        origin: Origin,
    ) -> Result<NewUser, RegisterError> {
        self.policy.passwords.check()?;
        if self.registration().await? != Registration::Open {
            return Err(RegisterError::Closed);
        }
        self.checked_account(command, origin).await
    }

    /// The same for whoever may show the code of an invitation, which counts where registration is by
    /// invitation.
    pub async fn prepare_invited(
        &self,
        command: AddUser<'_>,
        origin: Origin,
        code: Option<&str>,
    ) -> Result<NewUser, RegisterError> {
        self.policy.passwords.check()?;
        match self.registration().await? {
            Registration::Open => return self.checked_account(command, origin).await,
            Registration::Closed => return Err(RegisterError::Closed),
            Registration::Invite => {}
        }
        let code = code.filter(|code| !code.trim().is_empty());
        let invite = hash(&*self.ports.signer, code.ok_or(RegisterError::InviteRequired)?);
        // Before a password is hashed. Whether there is still room is decided once more at the end.
        let found = self.ports.invites.find(invite).await;
        let found = found.map_err(|error| match error {
            StoreError::NotFound => RegisterError::Invite(InviteRefusal::Unknown),
            error => error.into(),
        })?;
        found.admit(self.ports.clock.now()).map_err(RegisterError::Invite)?;
        let user = self.checked_account(command, origin).await?;
        Ok(NewUser { invite: Some(invite), ..user })
    }

    async fn checked_account(
        &self,
        command: AddUser<'_>,
        origin: Origin,
    ) -> Result<NewUser, RegisterError> {
        let (now, from) = (self.ports.clock.now(), HashOrigin::Address(origin.address));
        if UserName::new(command.name).is_ok_and(|name| self.policy.reserved.contains(&name)) {
            return Err(AddUserError::NameReserved.into());
        }
        let user = new_user(&*self.ports.hasher, command, AccountRole::User, from, now).await?;
        Ok(NewUser { origin: Some(origin), ..user })
    }

    /// Makes an account that was prepared, and signs its owner in.
    pub async fn open_account(
        &self,
        user: NewUser,
        client: Client,
        address: IpAddr,
    ) -> Result<SignedIn, RegisterError> {
        let user = self.make_account(user).await?;
        Ok(self.open(user, client, address).await?)
    }

    /// Makes an account that was prepared, for somebody who signs in later. Where its owner signs in by an
    /// e-mail address, the name may get a number that makes it free.
    pub async fn make_account(&self, user: NewUser) -> Result<User, RegisterError> {
        let origin = user.origin.clone();
        let made = self.add_account(user).await?;
        self.ports.log.note(&SecurityEvent::Registered { name: made.name.to_string(), origin });
        Ok(made)
    }

    async fn add_account(&self, user: NewUser) -> Result<User, RegisterError> {
        let email = match user.signs_in_by {
            SignsInBy::Name => None,
            SignsInBy::Email => user.email.folded(),
        };
        let Some(email) = email else {
            let (users, name) = (&*self.ports.users, user.name.clone());
            if let Some(invite) = user.invite {
                return self.add_invited(invite, user).await;
            }
            return match users.add(user).await {
                Ok(made) => Ok(made),
                Err(error) => Err(not_added(users, &name, error).await.into()),
            };
        };
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            let name = user.name.numbered(number_of_name(attempt, || self.ports.signer.random()));
            match self.ports.users.add(NewUser { name, ..user.clone() }).await {
                Ok(made) => return Ok(made),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            match self.ports.users.credentials_by_email(&email).await {
                Ok(_) => return Err(AddUserError::EmailTaken.into()),
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AddUserError::NameTaken.into())
    }

    async fn add_invited(&self, invite: [u8; 32], user: NewUser) -> Result<User, RegisterError> {
        let (name, now) = (user.name.clone(), self.ports.clock.now());
        match self.ports.invites.register(invite, user, now).await {
            Ok(made) => Ok(made),
            Err(WriteError::Refused(why)) => Err(RegisterError::Invite(why)),
            Err(WriteError::Store(error)) => {
                Err(not_added(&*self.ports.users, &name, error).await.into())
            }
        }
    }

    /// Signs in with a name and its password, and a code where the account has a second factor.
    pub async fn log_in(&self, command: SignIn<'_>) -> Result<SignedIn, LogInError> {
        let (user, _) = self.prove(&command).await?;
        let signed = self.open(user, command.client, command.address).await;
        signed.map_err(vanished)
    }

    /// The account of a name and its password, and whether it has a second factor. Nothing is said of that, nor
    /// asked for, unless the password is right.
    pub(super) async fn prove(&self, command: &SignIn<'_>) -> Result<(User, bool), LogInError> {
        self.policy.passwords.check()?;
        let found = self.prove_password(command).await?;
        match self.check_code(found.id, command.code).await {
            Ok(has_second_factor) => Ok((found, has_second_factor)),
            Err(WriteError::Refused(why)) => {
                let origin = Origin::of(&command.client, command.address);
                self.note_refusal(Some(origin), Some(found), why.code()).await?;
                Err(LogInError::SecondFactor(why))
            }
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    async fn prove_password(&self, command: &SignIn<'_>) -> Result<User, LogInError> {
        let found = match self.credentials(command.login).await {
            Ok(found) => Some(found),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let hash = found.as_ref().map(|found| found.password.clone());
        let from = HashOrigin::Address(command.address);
        let typed = command.password.to_owned();
        let verified = self.ports.hasher.verify(typed, hash, from).await?;
        let right = found.as_ref().filter(|_| verified.right);
        let refused = match right {
            None => Some((LogInError::Credentials, "wrong_credentials")),
            Some(found) if !found.user.active => Some((LogInError::Disabled, "account_disabled")),
            Some(_) => None,
        };
        if let Some((refusal, why)) = refused {
            let origin = Origin::of(&command.client, command.address);
            self.note_refusal(Some(origin), found.map(|found| found.user), why).await?;
            return Err(refusal);
        }
        let found = found.ok_or(LogInError::Credentials)?;
        if let Some(new) = verified.renewed {
            self.renew_hash(found.user.id, PasswordChange { was: found.password, new }).await?;
        }
        Ok(found.user)
    }

    /// Writes down that somebody was refused to sign in to that account, or to none; or, where nothing is said of
    /// where, to prove once more that a session is theirs.
    pub(super) async fn note_refusal(
        &self,
        origin: Option<Origin>,
        user: Option<User>,
        why: &'static str,
    ) -> Result<(), StoreError> {
        let account = user.as_ref().map(|user| user.id);
        let name = user.map(|user| user.name.to_string());
        self.ports.log.note(&SecurityEvent::Refused { name, origin: origin.clone(), why });
        let refused = RefusedSignIn { account, origin, at: self.ports.clock.now(), why };
        self.ports.sessions.note_refusal(refused).await
    }

    /// Nobody has a name or an address that breaks a rule.
    async fn credentials(&self, login: Login<'_>) -> Result<Credentials, StoreError> {
        match login {
            Login::Name(typed) => {
                let name = UserName::sought(typed).map_err(|_| StoreError::NotFound)?;
                self.ports.users.credentials(name.folded()).await
            }
            Login::Email(typed) => {
                let email = Email::new(typed).map_err(|_| StoreError::NotFound)?;
                let folded = email.folded().ok_or(StoreError::NotFound)?;
                self.ports.users.credentials_by_email(&folded).await
            }
        }
    }

    /// Keeps a password by a hash as they are made today.
    async fn renew_hash(&self, user: UserId, change: PasswordChange) -> Result<(), StoreError> {
        match self.ports.users.renew_hash(user, change).await {
            // Another password by now, or another log-in was quicker.
            Ok(()) | Err(StoreError::Conflict | StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn open(
        &self,
        user: User,
        client: Client,
        address: IpAddr,
    ) -> Result<SignedIn, StoreError> {
        let life = self.policy.session_life;
        let session = self.new_session(&user, (client, address), life);
        let session = self.open_session(&user, session).await?;
        Ok(self.signed_in(user, &session))
    }

    pub(super) async fn open_session(
        &self,
        user: &User,
        session: NewSession,
    ) -> Result<Session, StoreError> {
        let origin = Origin::of(&session.client, session.address);
        let session = self.ports.sessions.open(session).await?;
        self.ports.log.note(&SecurityEvent::LoggedIn { name: user.name.to_string(), origin });
        Ok(session)
    }

    /// A session of that account, to be opened by that client from that address.
    pub(super) fn new_session(
        &self,
        user: &User,
        (client, address): (Client, IpAddr),
        life: Duration,
    ) -> NewSession {
        let now = self.ports.clock.now();
        let mut seed = Seed([0; 16]);
        seed.0.copy_from_slice(&self.ports.signer.random()[..16]);
        let (expires_at, proved_at) = (now.plus(life), Some(now));
        let user = user.id;
        NewSession {
            user,
            seed,
            client,
            address,
            created_at: now,
            expires_at,
            proved_at,
            key: None,
        }
    }

    /// The tokens of the session's present generation.
    pub(super) fn signed_in(&self, user: User, session: &Session) -> SignedIn {
        // A JWT counts whole seconds; what its owner is told is what it says.
        let now = self.ports.clock.now().whole_second();
        let expires_at = now.plus(self.policy.access_life);
        let claims = AccessClaims {
            user: user.id,
            session: session.id,
            protocol: session.client.protocol.clone(),
            issued_at: now,
            expires_at,
        };
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
