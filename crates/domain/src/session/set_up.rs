//! Setting up a server: its first admin creates an account, and decides who may register from then on.

use super::{Client, Origin, SecurityEvent, Sessions, SignedIn, hex, same};
use crate::failure::{Failure, Kind, StoreError, WriteError};
use crate::user::{
    AccountRole, AddUser, AddUserError, HashOrigin, NewUser, PasswordsOff, new_user, not_added,
};
use std::net::IpAddr;

/// Who may create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever has an invitation, by a protocol that can pass its code.
    Invite,
    /// Nobody; admins create accounts.
    Closed,
}

impl Registration {
    /// Its word in the API and in databases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }

    /// The value with that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Open, Self::Invite, Self::Closed].into_iter().find(|one| one.as_str() == word)
    }
}

/// A request to set up the server.
#[derive(Debug)]
pub struct SetUp<'a> {
    /// The code of the link that the server's log shows.
    pub code: &'a str,
    /// The first admin's account, as typed.
    pub account: AddUser<'a>,
    /// The word for who may register from now on; required unless a setting decides it.
    pub registration: Option<&'a str>,
    /// The client that it comes from.
    pub client: Client,
    /// The client's address; for IPv6, its network's.
    pub address: IpAddr,
}

/// What decides whether a server can still be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUpState {
    /// Whether it was set up.
    pub done: bool,
    /// Whether there is an admin, active or disabled, whose account is not deleted.
    pub has_admin: bool,
}

/// The server has been set up, or has an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This server has been set up.")]
pub struct AlreadySetUp;

impl SetUpState {
    /// Whether the first admin may be created: only while there is no admin and the link was not used.
    pub fn admit(self) -> Result<(), AlreadySetUp> {
        if self.done || self.has_admin { Err(AlreadySetUp) } else { Ok(()) }
    }
}

/// Why the server was not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The first admin signs in with a provider, too.
    #[error(transparent)]
    PasswordsOff(#[from] PasswordsOff),
    /// The code is not that of the link.
    #[error("This link does not set this server up. The server's log shows the right one.")]
    Code,
    /// There is nothing left to set up.
    #[error(transparent)]
    Done(#[from] AlreadySetUp),
    /// It does not say who may register.
    #[error("Say who may make an account: open, invite or closed.")]
    Registration,
    /// It says who may register although a setting decides it.
    #[error("The setting CONFAB_REGISTRATION says who may make an account.")]
    RegistrationIsSet,
    /// The account was refused.
    #[error(transparent)]
    User(#[from] AddUserError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SetUpError> for Failure {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::PasswordsOff(why) => why.into(),
            SetUpError::Code => Self::new(Kind::Forbidden, "set_up_link_invalid", error),
            SetUpError::Done(why) => Self::new(Kind::Conflict, "already_set_up", why),
            SetUpError::Registration => Self::field("registration", "unknown_registration", error),
            SetUpError::RegistrationIsSet => {
                Self::new(Kind::Conflict, "registration_is_a_setting", error)
            }
            SetUpError::User(error) => error.into(),
            SetUpError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// The rest of the link by which the first admin is made, as the page knows it; `None` once there is
    /// nothing to set up, and where there are no passwords. It is the same on every node, and after a restart.
    pub async fn set_up_link(&self) -> Result<Option<String>, StoreError> {
        let has_passwords = self.policy.passwords.check().is_ok();
        if !has_passwords || self.ports.set_up.state().await?.admit().is_err() {
            return Ok(None);
        }
        let code = self.set_up_code();
        // The page asks who may register only if no setting decides it.
        Ok(Some(match self.policy.registration {
            None => format!("#/set-up/{code}"),
            Some(registration) => format!("#/set-up/{code}/{}", registration.as_str()),
        }))
    }

    /// Creates the first admin, and signs them in. Their name may be a reserved one.
    pub async fn set_up(&self, command: SetUp<'_>) -> Result<SignedIn, SetUpError> {
        self.policy.passwords.check()?;
        if !same(command.code.trim(), &self.set_up_code()) {
            return Err(SetUpError::Code);
        }
        let registration = self.chosen(command.registration)?;
        self.ports.set_up.state().await?.admit()?;
        let (now, from) = (self.ports.clock.now(), HashOrigin::Address(command.address));
        let hasher = &*self.ports.hasher;
        let user = new_user(hasher, command.account, AccountRole::Admin, from, now).await?;
        let origin = Some(Origin::of(&command.client, command.address));
        let name = user.name.clone();
        let user = NewUser { origin: origin.clone(), ..user };
        let made = match self.ports.set_up.set_up(user, registration).await {
            Ok(made) => made,
            Err(WriteError::Refused(why)) => return Err(why.into()),
            Err(WriteError::Store(error)) => {
                return Err(not_added(&*self.ports.users, &name, error).await.into());
            }
        };
        self.ports.log.note(&SecurityEvent::Registered { name: made.name.to_string(), origin });
        Ok(self.open(made, command.client, command.address).await?)
    }

    /// Who may register now: as a setting says, or else as the first admin decided; until then, anybody.
    pub(super) async fn registration(&self) -> Result<Registration, StoreError> {
        match self.policy.registration {
            Some(set) => Ok(set),
            None => Ok(self.ports.set_up.registration().await?.unwrap_or(Registration::Open)),
        }
    }

    /// The decision to store about who may register; nothing if a setting decides it.
    fn chosen(&self, word: Option<&str>) -> Result<Option<Registration>, SetUpError> {
        match (word, self.policy.registration) {
            (None, Some(_)) => Ok(None),
            (Some(_), Some(_)) => Err(SetUpError::RegistrationIsSet),
            (word, None) => {
                let chosen = word.and_then(Registration::parse);
                Ok(Some(chosen.ok_or(SetUpError::Registration)?))
            }
        }
    }

    /// The link's code. It is derived from the server's secret, so only those who can read the log know it.
    fn set_up_code(&self) -> String {
        hex(&self.ports.signer.digest(b"set-up code")[..16])
    }
}
