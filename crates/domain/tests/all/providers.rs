//! Attempts to sign in with a provider: whose they are, and for how long.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::Kind;
use domain::host::{
    Attempt, ExternalId, HostIdentity, HostPerson, Issuer, ProvedIdentity, Provider, ProviderError,
    ProviderName, Providers,
};
use domain::limits::PROVIDER_ATTEMPT_LIFE;
use domain::session::{
    Client, ExchangeError, ReturnFromProvider, SessionPolicy, SessionPorts, Sessions, SignedIn,
};
use futures_executor::block_on;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use testkit::memory::TestSigner;
use testkit::world::{World, refusal};

/// Two providers that send a browser to its own state, and take the verifier for a code.
struct Two(Vec<Provider>);

impl Two {
    fn new() -> Self {
        let provider = |name: &str| Provider {
            name: ProviderName::new(name).unwrap(),
            label: name.to_owned(),
            issuer: Issuer::new(name).unwrap(),
        };
        Self(vec![provider("acme"), provider("other")])
    }
}

#[async_trait]
impl Providers for Two {
    fn all(&self) -> &[Provider] {
        &self.0
    }
    fn page(&self) -> &'static str {
        "https://example.org"
    }
    async fn authorization(
        &self,
        _: &ProviderName,
        attempt: &Attempt,
    ) -> Result<String, ProviderError> {
        Ok(format!("{} {} {}", attempt.state, attempt.verifier, attempt.again))
    }
    async fn identity(
        &self,
        provider: &ProviderName,
        (code, attempt): (&str, &Attempt),
        _: Timestamp,
    ) -> Result<ProvedIdentity, ProviderError> {
        if code != attempt.verifier {
            return Err(ProviderError::Code);
        }
        let issuer = Issuer::new(provider.as_str()).unwrap();
        let person = HostPerson { issuer, subject: ExternalId::new("17").unwrap() };
        let (name, email, is_admin, picture, session) = (None, None, None, None, None);
        let identity = HostIdentity { person, name, email, is_admin, picture, session };
        Ok(ProvedIdentity { identity, proved_at: None })
    }
    async fn log_out(&self, _: &ProviderName) -> Result<String, ProviderError> {
        Err(ProviderError::Unavailable)
    }
}

/// One of several nodes on the same stores, with the same secret.
fn node(world: &World) -> Sessions {
    let stores = &world.stores;
    let ports = SessionPorts {
        users: stores.users.clone(),
        sessions: stores.sessions.clone(),
        hasher: world.hasher.clone(),
        signer: TestSigner::new(1),
        clock: world.clock.clone(),
        invites: stores.invites.clone(),
        host_accounts: stores.host_accounts.clone(),
        set_up: stores.set_up.clone(),
        second_factors: stores.second_factors.clone(),
        host_tokens: None,
        providers: Some(Arc::new(Two::new())),
        bus: world.bus.clone(),
        log: world.log.clone(),
    };
    Sessions::new(ports, SessionPolicy::default())
}

/// What a browser has that came back: the provider, what it kept, the state, and the code.
#[derive(Clone)]
struct Back {
    provider: &'static str,
    kept: String,
    state: String,
    code: String,
}

async fn begun(node: &Sessions, provider: &'static str, again: bool) -> Back {
    let begun = node.begin_at_provider(provider, again).await.unwrap();
    let told: Vec<_> = begun.address.split(' ').map(str::to_owned).collect();
    assert_eq!(told[2], again.to_string());
    Back { provider, kept: begun.kept, state: told[0].clone(), code: told[1].clone() }
}

async fn finish(node: &Sessions, back: &Back) -> Result<SignedIn, ExchangeError> {
    let (kept, state, answer) = (Some(&*back.kept), &*back.state, Ok(&*back.code));
    let (client, address) = (Client::default(), Ipv4Addr::LOCALHOST.into());
    let provider = back.provider;
    let back = ReturnFromProvider { provider, kept, state, answer, issuer: None, client, address };
    node.finish_at_provider(back).await
}

const NOT_BEGUN: (Kind, &str) = (Kind::Forbidden, "sign_in_not_begun");

#[test]
fn an_attempt_lasts_ten_minutes_on_every_node() {
    block_on(async {
        let world = World::default();
        let (one, two) = (node(&world), node(&world));
        let back = begun(&one, "acme", false).await;
        assert!(back.state.starts_with("acme."), "{}", back.state);
        world.clock.advance(PROVIDER_ATTEMPT_LIFE);
        finish(&two, &back).await.unwrap();
        world.clock.advance(Duration::from_micros(1));
        assert_eq!(refusal(finish(&two, &back).await), NOT_BEGUN);
        assert_eq!(PROVIDER_ATTEMPT_LIFE, Duration::from_secs(600));
    });
}

#[test]
fn an_attempt_is_of_one_provider_and_one_browser() {
    block_on(async {
        let world = World::default();
        let node = node(&world);
        let (back, other) = (begun(&node, "acme", false).await, begun(&node, "acme", true).await);
        assert!(back.kept != other.kept && back.state != other.state && back.code != other.code);
        for wrong in [
            Back { provider: "other", ..back.clone() },
            Back { kept: other.kept.clone(), ..back.clone() },
            Back { kept: back.kept.replacen("acme", "other", 1), ..back.clone() },
            Back { kept: back.kept.replacen(".0.", ".1.", 1), ..back.clone() },
            Back { kept: String::new(), ..back.clone() },
        ] {
            assert_eq!(refusal(finish(&node, &wrong).await), NOT_BEGUN, "{}", wrong.kept);
        }
        let unknown = refusal(finish(&node, &Back { provider: "third", ..back.clone() }).await);
        assert_eq!(unknown, (Kind::NotFound, "provider_unknown"));
        let stolen = refusal(finish(&node, &Back { code: other.code, ..back.clone() }).await);
        assert_eq!(stolen, (Kind::Unauthenticated, "provider_code_refused"));
        finish(&node, &back).await.unwrap();
        assert!(world.sessions.providers().is_empty(), "others have none");
        let none = world.sessions.begin_at_provider("acme", false).await;
        assert_eq!(none.unwrap_err(), ProviderError::Unknown);
    });
}
