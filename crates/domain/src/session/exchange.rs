//! Signing in with a host's token.

use super::sign_in::number_of_name;
use super::{Client, Origin, SecurityEvent, Sessions, SignedIn};
use crate::event::{Audience, Event, EventBody};
use crate::failure::{Failure, Kind, StoreError};
use crate::host::{
    HostAccount, HostIdentity, HostPerson, HostTokenError, HostUpdate, NewHostAccount,
};
use crate::limits;
use crate::user::{
    AccountRole, AddUserError, HashError, HashOrigin, NewUser, Password, PasswordHash, User,
    UserName,
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
    /// registration: who configured the issuer let its people in. Later the account follows what the host says
    /// anew; see [`HostIdentity::update`].
    pub async fn exchange(&self, command: Exchange<'_>) -> Result<SignedIn, ExchangeError> {
        let Some(tokens) = &self.ports.host_tokens else {
            return Err(ExchangeError::NotConfigured);
        };
        let origin = Origin::of(&command.client, command.address);
        let identity = match tokens.read(command.token, self.ports.clock.now()).await {
            Ok(identity) => identity,
            Err(why) => {
                self.note_refusal(Some(origin), None, why.code()).await?;
                return Err(why.into());
            }
        };
        let known = match self.ports.host_accounts.of_person(&identity.person).await {
            Ok(known) => known,
            Err(StoreError::NotFound) => self.add_of_host(&identity, origin.clone()).await?,
            Err(error) => return Err(error.into()),
        };
        if !known.user.active || known.user.deleted_at.is_some() {
            self.note_refusal(Some(origin), Some(known.user), "account_disabled").await?;
            return Err(ExchangeError::Disabled);
        }
        let signed = async {
            let user = self.follow_host(&identity, known).await?;
            self.open(user, command.client, command.address).await
        };
        match signed.await {
            // It went since it was looked up.
            Err(StoreError::NotFound) => Err(ExchangeError::Disabled),
            signed => Ok(signed?),
        }
    }

    /// Makes the account of somebody who is new. If somebody has the name, or one that looks like it, a number
    /// is put behind it.
    async fn add_of_host(
        &self,
        identity: &HostIdentity,
        origin: Origin,
    ) -> Result<HostAccount, ExchangeError> {
        let reserved = &self.policy.reserved;
        let (person, wanted) = (&identity.person, identity.wanted_name(reserved));
        let new = self.new_of_host(identity, &wanted, origin.clone()).await?;
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            let name = wanted.numbered(self.number_for(person, attempt));
            let user = NewUser { name, ..new.user.clone() };
            match self.ports.host_accounts.add_for(NewHostAccount { user, ..new.clone() }).await {
                Ok(user) => {
                    let (name, origin) = (user.name.to_string(), Some(origin));
                    self.ports.log.note(&SecurityEvent::Registered { name, origin });
                    return Ok(HostAccount { user, said: Some(new.said) });
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            // The person came twice at once, or somebody has the name.
            match self.ports.host_accounts.of_person(person).await {
                Err(StoreError::NotFound) => {}
                found => return Ok(found?),
            }
        }
        Err(AddUserError::NameTaken.into())
    }

    async fn new_of_host(
        &self,
        identity: &HostIdentity,
        wanted: &UserName,
        origin: Origin,
    ) -> Result<NewHostAccount, ExchangeError> {
        let (now, role) = (self.ports.clock.now(), identity.wanted_role());
        let password = self.unknown_password(wanted, origin.address).await?;
        let user = NewUser {
            role,
            email: identity.wanted_email(),
            origin: Some(origin),
            ..NewUser::named(wanted.clone(), password, now)
        };
        let is_admin = role == AccountRole::Admin;
        Ok(NewHostAccount {
            person: identity.person.clone(),
            user,
            said: identity.said(&self.policy.reserved, None),
            records: is_admin.then(|| identity.role_set(role, now)).into_iter().collect(),
        })
    }

    /// Brings an account up to date with what its host says.
    async fn follow_host(
        &self,
        identity: &HostIdentity,
        known: HostAccount,
    ) -> Result<User, StoreError> {
        let now = self.ports.clock.now();
        let Some(mut update) = identity.update(&known, &self.policy.reserved, now) else {
            return Ok(known.user);
        };
        if let Some(folded) = update.email().and_then(crate::user::Email::folded) {
            match self.ports.users.credentials_by_email(&folded).await {
                // Somebody else signs in by it.
                Ok(other) if other.user.id != known.user.id => update.change.profile.email = None,
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let Some(wanted) = update.change.profile.name.clone() else {
            return self.update_of_host(identity, update).await;
        };
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            let name = wanted.numbered(self.number_for(&identity.person, attempt));
            match self.update_of_host(identity, update.clone().named(Some(name))).await {
                Err(StoreError::Conflict) => {}
                done => return done,
            }
        }
        self.update_of_host(identity, update.named(None)).await
    }

    async fn update_of_host(
        &self,
        identity: &HostIdentity,
        update: HostUpdate,
    ) -> Result<User, StoreError> {
        let now = self.ports.clock.now();
        let updated = self.ports.host_accounts.update_for(&identity.person, update, now).await?;
        for member in updated.members {
            let audience = Audience::Members(member.chat);
            self.ports.bus.publish(Event { audience, body: EventBody::MemberUpdated(member) });
        }
        Ok(updated.account.user)
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
