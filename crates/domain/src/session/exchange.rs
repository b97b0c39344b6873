//! Exchanging a host's token for a session.

use super::{Client, NewSession, Origin, SecurityEvent, Sessions, SignedIn};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::host::{BringInError, Entry, HostIdentity, HostTokenError, ProviderError};
use std::net::IpAddr;

/// A host's token, and the client that sent it.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The token.
    pub token: &'a str,
    /// The client that signs in.
    pub client: Client,
    /// The client's address; for IPv6, its network's.
    pub address: IpAddr,
}

/// Why the exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No setting names an issuer.
    #[error("This server takes no tokens of a host.")]
    NotConfigured,
    /// The token is not valid.
    #[error(transparent)]
    Token(#[from] HostTokenError),
    /// The provider signed nobody in.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The token is good, and the account disabled or deleted.
    #[error("This account is disabled.")]
    Disabled,
    /// The account could not be created.
    #[error(transparent)]
    BringIn(#[from] BringInError),
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
            ExchangeError::Provider(error) => error.into(),
            ExchangeError::BringIn(error) => error.into(),
            ExchangeError::Store(error) => error.into(),
        }
    }
}

impl Sessions {
    /// Signs in the person whom a host's token names. The first time, this creates an account, even if
    /// registration is closed: configuring the issuer admits its people. Later, the account is updated with
    /// what the host says now; see [`HostIdentity::update`].
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
        self.enter(identity, (command.client, command.address), Some(self.ports.clock.now())).await
    }

    /// Signs in somebody of a host who proved at that time who they are.
    pub(super) async fn enter(
        &self,
        identity: HostIdentity,
        (client, address): (Client, IpAddr),
        proved_at: Option<Timestamp>,
    ) -> Result<SignedIn, ExchangeError> {
        let origin = Origin::of(&client, address);
        let people = &self.host_people;
        let known = match people.known(&identity.person).await? {
            Some(known) => known,
            None => {
                let added = people.add(&identity, &Entry::Person(origin.clone())).await?;
                let (name, origin) = (added.user.name.to_string(), Some(origin.clone()));
                self.ports.log.note(&SecurityEvent::Registered { name, origin });
                added
            }
        };
        if !known.user.active || known.user.deleted_at.is_some() {
            self.note_refusal(Some(origin), Some(known.user), "account_disabled").await?;
            return Err(ExchangeError::Disabled);
        }
        let signed = async {
            let user = people.follow(&identity, known).await?.user;
            let life = self.policy.session_life;
            let session = self.new_session(&user, (client, address), life);
            let host_session = identity.session.clone();
            let session = NewSession { proved_at, host_session, ..session };
            let session = self.open_session(&user, session).await?;
            Ok(self.signed_in(user, &session))
        };
        match signed.await {
            // The account was deleted meanwhile.
            Err(StoreError::NotFound) => Err(ExchangeError::Disabled),
            signed => Ok(signed?),
        }
    }
}
