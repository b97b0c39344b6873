//! Signing in with an OpenID provider.
//!
//! Nothing is stored between sending a browser away and its return, so that any node may answer: the browser keeps a
//! random number under this server's seal, and the secrets of the attempt follow from it.

use super::{Client, ExchangeError, Origin, Sessions, SignedIn, hex, same};
use crate::clock::Timestamp;
use crate::host::{Attempt, ProvedIdentity, Provider, ProviderError, ProviderName, Providers};
use crate::limits::PROVIDER_ATTEMPT_LIFE;
use crate::user::Passwords;
use std::net::IpAddr;

/// Where a browser is sent to sign in, and what it keeps meanwhile.
#[derive(Debug)]
pub struct BegunAtProvider {
    /// The provider's address.
    pub address: String,
    /// For this browser alone, and only for [`PROVIDER_ATTEMPT_LIFE`].
    pub kept: String,
}

/// What a browser brings back from a provider.
#[derive(Debug)]
pub struct ReturnFromProvider<'a> {
    /// The word for the provider.
    pub provider: &'a str,
    /// What the browser kept; see [`BegunAtProvider`].
    pub kept: Option<&'a str>,
    /// What the provider handed back of the attempt.
    pub state: &'a str,
    /// The provider's code, or else its word for why there is none.
    pub answer: Result<&'a str, &'a str>,
    /// Who says so, if they said it (RFC 9207).
    pub issuer: Option<&'a str>,
    /// What signs in.
    pub client: Client,
    /// Where. Of IPv6 it is the network.
    pub address: IpAddr,
}

impl Sessions {
    /// The providers that people sign in with.
    pub fn providers(&self) -> &[Provider] {
        self.ports.providers.as_deref().map_or(&[], Providers::all)
    }

    /// Whether people sign in by passwords.
    pub fn passwords(&self) -> Passwords {
        self.policy.passwords
    }

    /// The address of the page, without a slash at the end, where there are providers.
    pub fn page_address(&self) -> Option<&str> {
        self.ports.providers.as_deref().map(Providers::page)
    }

    /// Begins to sign somebody in with a provider; `again` asks them who they are although the provider knows.
    pub async fn begin_at_provider(
        &self,
        provider: &str,
        again: bool,
    ) -> Result<BegunAtProvider, ProviderError> {
        let (providers, provider) = self.provider(provider)?;
        let seed = hex(&self.ports.signer.random()[..16]);
        let begun = self.ports.clock.now().as_micros();
        let said = format!("{}.{begun}.{}.{seed}", provider.name.as_str(), u8::from(again));
        let address = providers.authorization(&provider.name, &self.attempt(&said, again)).await?;
        let seal = self.sealed("seal", &said);
        Ok(BegunAtProvider { address, kept: format!("{said}.{seal}") })
    }

    /// Signs in whom a provider signed in, as [`Sessions::exchange`] does. When the session was proved is when its
    /// owner last proved at the provider who they are, and never where the provider does not say when.
    pub async fn finish_at_provider(
        &self,
        command: ReturnFromProvider<'_>,
    ) -> Result<SignedIn, ExchangeError> {
        let (client, address) = (command.client.clone(), command.address);
        let proved = match self.proved_by_provider(&command).await {
            Ok(proved) => proved,
            Err(why) => {
                let origin = Origin::of(&client, address);
                self.note_refusal(Some(origin), None, why.code()).await?;
                return Err(why.into());
            }
        };
        let ProvedIdentity { identity, proved_at } = proved;
        let now = self.ports.clock.now();
        self.enter(identity, (client, address), proved_at.map(|at| at.min(now))).await
    }

    /// Where a browser is sent to end its session at a provider.
    pub async fn log_out_at_provider(&self, provider: &str) -> Result<String, ProviderError> {
        let (providers, provider) = self.provider(provider)?;
        providers.log_out(&provider.name).await
    }

    async fn proved_by_provider(
        &self,
        command: &ReturnFromProvider<'_>,
    ) -> Result<ProvedIdentity, ProviderError> {
        let (providers, provider) = self.provider(command.provider)?;
        let now = self.ports.clock.now();
        let kept = command.kept.ok_or(ProviderError::NotBegun)?;
        let attempt = self.kept_attempt(kept, &provider.name, now)?;
        let is_other = |issuer| issuer != provider.issuer.as_str();
        if !same(command.state, &attempt.state) || command.issuer.is_some_and(is_other) {
            return Err(ProviderError::NotBegun);
        }
        match command.answer {
            Ok(code) => providers.identity(&provider.name, (code, &attempt), now).await,
            Err("access_denied") => Err(ProviderError::Denied),
            Err(_) => Err(ProviderError::Failed),
        }
    }

    fn provider(&self, name: &str) -> Result<(&dyn Providers, &Provider), ProviderError> {
        let providers = self.ports.providers.as_deref().ok_or(ProviderError::Unknown)?;
        let found = providers.all().iter().find(|provider| provider.name.as_str() == name);
        Ok((providers, found.ok_or(ProviderError::Unknown)?))
    }

    /// The attempt of what a browser kept, if this server sealed it lately for that provider.
    fn kept_attempt(
        &self,
        kept: &str,
        provider: &ProviderName,
        now: Timestamp,
    ) -> Result<Attempt, ProviderError> {
        let (said, seal) = kept.rsplit_once('.').ok_or(ProviderError::NotBegun)?;
        if !same(seal, &self.sealed("seal", said)) {
            return Err(ProviderError::NotBegun);
        }
        let parts: Vec<_> = said.split('.').collect();
        let [name, begun, again, _seed] = parts[..] else { return Err(ProviderError::NotBegun) };
        let begun = begun.parse().map(Timestamp::from_micros);
        let begun = begun.map_err(|_| ProviderError::NotBegun)?;
        if name != provider.as_str() || now.since(begun) > PROVIDER_ATTEMPT_LIFE {
            return Err(ProviderError::NotBegun);
        }
        Ok(self.attempt(said, again == "1"))
    }

    /// The page finds the provider in front of the state's dot.
    fn attempt(&self, said: &str, again: bool) -> Attempt {
        let name = said.split('.').next().unwrap_or_default();
        Attempt {
            state: format!("{name}.{}", self.sealed("state", said)),
            nonce: self.sealed("nonce", said),
            verifier: self.sealed("verifier", said),
            again,
        }
    }

    fn sealed(&self, what: &str, said: &str) -> String {
        hex(&self.ports.signer.digest(format!("provider {what}\0{said}").as_bytes()))
    }
}
