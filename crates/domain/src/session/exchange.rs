//! Signing in with a host's token.

use super::sign_in::number_of_name;
use super::{Client, Origin, SecurityEvent, Sessions, SignedIn};
use crate::failure::{Failure, Kind, StoreError};
use crate::host::{HostIdentity, HostPerson, HostTokenError};
use crate::limits;
use crate::user::{
    AddUserError, HashError, HashOrigin, NewUser, Password, PasswordHash, User, UserName,
};
use std::net::IpAddr;

/// A host's token, and what it came from.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The token.
    pub token: &'a str,
    /// What signs in.
    pub client: Client,
    /// Where. Of IPv6 it is the network.
    pub address: IpAddr,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No setting names an issuer.
    #[error("This server takes no tokens of a host.")]
    NotConfigured,
    /// The token proves nothing.
    #[error(transparent)]
    Token(#[from] HostTokenError),
    /// The token is good, and the account disabled or deleted.
    #[error("This account is disabled.")]
    Disabled,
    /// No account was made.
    #[error(transparent)]
    User(#[from] AddUserError),
    /// No password could be made up for a new account.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::NotConfigured => Self::new(Kind::NotFound, "host_not_configured", error),
            ExchangeError::Disabled => Self::new(Kind::Forbidden, "account_disabled", error),
            ExchangeError::Token(error) => error.into(),
            ExchangeError::User(error) => error.into(),
            ExchangeError::Hash(error) => error.into(),
            ExchangeError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// Signs in whom a host's token is about. At first sight an account is made, whatever the policy says of
    /// registration: who configured the issuer let its people in. Later its name and address are its owner's.
    pub async fn exchange(&self, command: Exchange<'_>) -> Result<SignedIn, ExchangeError> {
        let Some(tokens) = &self.ports.host_tokens else {
            return Err(ExchangeError::NotConfigured);
        };
        let origin = Origin::of(&command.client, command.address);
        let identity = match tokens.read(command.token, self.ports.clock.now()) {
            Ok(identity) => identity,
            Err(why) => {
                self.note_refusal(origin, None, why.code()).await?;
                return Err(why.into());
            }
        };
        let user = match self.ports.host_accounts.of_person(&identity.person).await {
            Ok(user) => user,
            Err(StoreError::NotFound) => self.add_of_host(identity, origin.clone()).await?,
            Err(error) => return Err(error.into()),
        };
        if !user.active || user.deleted_at.is_some() {
            self.note_refusal(origin, Some(user), "account_disabled").await?;
            return Err(ExchangeError::Disabled);
        }
        match self.open(user, command.client, command.address).await {
            // It went since it was looked up.
            Err(StoreError::NotFound) => Err(ExchangeError::Disabled),
            signed => Ok(signed?),
        }
    }

    /// Makes the account of somebody who is new. If somebody has the name, or one that looks like it, a number
    /// is put behind it.
    async fn add_of_host(
        &self,
        identity: HostIdentity,
        origin: Origin,
    ) -> Result<User, ExchangeError> {
        let now = self.ports.clock.now();
        let wanted = identity.wanted_name(&self.policy.reserved);
        let password = self.unknown_password(&wanted, origin.address).await?;
        let new = NewUser {
            email: identity.wanted_email(),
            origin: Some(origin.clone()),
            ..NewUser::named(wanted.clone(), password, now)
        };
        let person = identity.person;
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            let name = wanted.numbered(self.number_for(&person, attempt));
            let user = NewUser { name, ..new.clone() };
            match self.ports.host_accounts.add_for(person.clone(), user).await {
                Ok(made) => {
                    let (name, origin) = (made.name.to_string(), Some(origin));
                    self.ports.log.note(&SecurityEvent::Registered { name, origin });
                    return Ok(made);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            // The person came twice at once, or somebody has the name.
            match self.ports.host_accounts.of_person(&person).await {
                Err(StoreError::NotFound) => {}
                found => return Ok(found?),
            }
        }
        Err(AddUserError::NameTaken.into())
    }

    /// Where the number is not counted up, it follows from who it is.
    fn number_for(&self, person: &HostPerson, attempt: u32) -> u32 {
        let told = [person.issuer.as_str(), "\0", person.subject.as_str(), "\0"].concat();
        let told = [b"host name\0", told.as_bytes(), &attempt.to_be_bytes()].concat();
        number_of_name(attempt, || self.ports.signer.digest(&told))
    }

    /// The hash of random bytes that are forgotten, so that no password is right, and a wrong one takes as long
    /// as anybody's.
    async fn unknown_password(
        &self,
        name: &UserName,
        address: IpAddr,
    ) -> Result<PasswordHash, HashError> {
        let typed = super::hex(&self.ports.signer.random());
        let password = Password::new(&typed, name).map_err(|_| HashError::Failed)?;
        self.ports.hasher.hash(password, HashOrigin::Address(address)).await
    }
}
