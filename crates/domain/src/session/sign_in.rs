//! Registration, and signing in with a password.

use super::{
    AccessClaims, Client, LogInError, NewSession, Origin, RefusedSignIn, RegisterError,
    Registration, SecurityEvent, Seed, Session, Sessions, SignedIn,
};
use crate::failure::{StoreError, WriteError};
use crate::ids::UserId;
use crate::invite::{InviteRefusal, hash};
use crate::limits;
use crate::user::{
    AccountRole, AddUser, AddUserError, Credentials, Email, HashOrigin, NewUser, PasswordChange,
    SignsInBy, User, UserName, new_user, not_added, number_of_name,
};
use std::net::IpAddr;
use std::time::Duration;

/// What somebody signs in by, as typed.
#[derive(Debug, Clone, Copy)]
pub enum Login<'a> {
    /// The account of that user name.
    Name(&'a str),
    /// The account that signs in by that e-mail address; see [`crate::user::Email`].
    Email(&'a str),
}

/// An attempt to sign in.
#[derive(Debug)]
pub struct SignIn<'a> {
    /// The account that is claimed.
    pub login: Login<'a>,
    /// The password as typed.
    pub password: &'a str,
    /// A code of the second factor, if the protocol has a field for it.
    pub code: Option<&'a str>,
    /// The client.
    pub client: Client,
    /// Its address. Of IPv6, the network.
    pub address: IpAddr,
}

impl Sessions {
    /// Checks that anybody may register. To be asked before a name is looked up: whoever may not register is not
    /// told which names are taken.
    pub async fn check_registration(&self) -> Result<(), RegisterError> {
        self.policy.passwords.check()?;
        match self.registration().await? {
            Registration::Open => Ok(()),
            Registration::Invite | Registration::Closed => Err(RegisterError::Closed),
        }
    }

    /// Checks a registration and hashes its password, without storing anything. This is what takes long, and
    /// may be cancelled if the client goes away; [`Self::open_account`] and [`Self::make_account`] then store
    /// the account.
    pub async fn prepare_account(
        &self,
        command: AddUser<'_>,
        origin: Origin,
    ) -> Result<NewUser, RegisterError> {
        self.check_registration().await?;
        self.checked_account(command, origin).await
    }

    /// The same for a protocol that has a field for the code of an invitation. The code is ignored if
    /// registration is open.
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
        // Refused before the password is hashed, which is expensive. It is decided again under the
        // invitation's lock when the account is stored.
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

    /// Stores a prepared account, and signs its owner in.
    pub async fn open_account(
        &self,
        user: NewUser,
        client: Client,
        address: IpAddr,
    ) -> Result<SignedIn, RegisterError> {
        let user = self.make_account(user).await?;
        Ok(self.open(user, client, address).await?)
    }

    /// Stores a prepared account whose owner signs in later. If they will sign in by an e-mail address, the
    /// name may get a number if it is taken.
    pub async fn make_account(&self, user: NewUser) -> Result<User, RegisterError> {
        let origin = user.origin.clone();
        let made = self.add_account(user).await?;
        self.ports.log.note(&SecurityEvent::Registered { name: made.name.to_string(), origin });
        Ok(made)
    }

    /// Stores an account. A conflict does not say what is taken, so it is looked up afterwards: an e-mail
    /// address that is taken is an error, and a name that is taken only if people sign in by it.
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

    /// Signs in with a name and its password, and with a code if the account has a second factor.
    pub async fn log_in(&self, command: SignIn<'_>) -> Result<SignedIn, LogInError> {
        let (user, _) = self.prove(&command).await?;
        let signed = self.open(user, command.client, command.address).await;
        signed.map_err(vanished)
    }

    /// The account of a name and its password, and whether it has a second factor. The code is checked only
    /// after the password, so that nobody else learns whether there is a second factor.
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

    /// The account of a name and its password. A name that does not exist takes as long as a wrong password: its
    /// password is compared, too, and the refusal is recorded.
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

    /// Records a refused attempt in the log and in the audit log: to sign in to that account, or to one that
    /// does not exist; or, without an origin, to step up.
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

    /// The account that a login means. A name or an address that breaks a rule is nobody's, so it is `NotFound`.
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

    /// Replaces the hash of a password by one of today's kind and cost.
    async fn renew_hash(&self, user: UserId, change: PasswordChange) -> Result<(), StoreError> {
        match self.ports.users.renew_hash(user, change).await {
            // The password was changed meanwhile, or another sign-in has renewed the hash.
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

    /// A new session of an account, for a client at an address. `life` is how long it lives without being
    /// refreshed.
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
            host_session: None,
        }
    }

    /// New tokens: an access token from now, and the refresh token of the session's present generation.
    pub(super) fn signed_in(&self, user: User, session: &Session) -> SignedIn {
        // A JWT has whole seconds, and the time that its owner is told must be the same.
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

/// For an error of opening a session: `NotFound` means that the account was disabled or deleted while its
/// password was being compared.
pub(super) fn vanished(error: StoreError) -> LogInError {
    match error {
        StoreError::NotFound => LogInError::Disabled,
        error => error.into(),
    }
}
