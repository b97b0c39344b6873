//! OpenID providers: the authorization code flow with PKCE. Requests and answers are the crate `oauth2`'s; what a
//! token says is checked here as any token of a host.

mod addresses;
mod wire;

use self::addresses::{Addresses, Known};
use self::wire::IdToken;
use super::fetch::Fetcher;
use super::{Claims, Host, Hosts, Purpose, claim, log_out};
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::host::{
    Attempt, HostTokenError, ProvedIdentity, Provider, ProviderClient, ProviderError, ProviderName,
    Providers,
};
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse,
};
use serde_json::Value;
use std::sync::Arc;

/// The issuers that people sign in with.
pub struct OpenIdProviders {
    hosts: Arc<Hosts>,
    page: String,
    /// Where providers send people back to.
    back: RedirectUrl,
    all: Vec<Provider>,
    clients: Vec<AtProvider>,
    fetcher: Fetcher,
}

/// This server at one provider.
struct AtProvider {
    host: Arc<Host>,
    settings: Arc<ProviderClient>,
    known: Known,
}

type Answer = StandardTokenResponse<IdToken, BasicTokenType>;

type OAuth<Authorization, Token> = Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorization,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

impl OpenIdProviders {
    /// Those of the issuers that have a client. `page` is the address of the page, without a slash at the end; `None`
    /// if it is no address.
    pub fn new(hosts: Arc<Hosts>, page: String) -> Option<Self> {
        let back = RedirectUrl::new(format!("{page}/")).ok()?;
        let (mut all, mut clients) = (Vec::new(), Vec::new());
        for host in &hosts.0 {
            let Some(settings) = &host.client else { continue };
            all.push(Provider {
                name: settings.name.clone(),
                label: settings.label.clone(),
                issuer: host.issuer.clone(),
            });
            let (host, settings, known) = (host.clone(), settings.clone(), Known::default());
            clients.push(AtProvider { host, settings, known });
        }
        Some(Self { hosts, page, back, all, clients, fetcher: Fetcher::new() })
    }

    async fn asked(
        &self,
        provider: &ProviderName,
    ) -> Result<(&AtProvider, Arc<Addresses>), ProviderError> {
        let mut clients = self.clients.iter();
        let at = clients.find(|at| at.settings.name == *provider).ok_or(ProviderError::Unknown)?;
        let addresses = at.known.addresses(&self.fetcher, &at.host.issuer).await;
        Ok((at, addresses.ok_or(ProviderError::Unavailable)?))
    }

    fn client(
        &self,
        settings: &ProviderClient,
        addresses: &Addresses,
    ) -> OAuth<EndpointSet, EndpointSet> {
        let client = Client::new(ClientId::new(settings.client_id.clone()))
            .set_auth_type(addresses.proof.clone())
            .set_auth_uri(addresses.authorization.clone())
            .set_token_uri(addresses.token.clone())
            .set_redirect_uri(self.back.clone());
        match &settings.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.clone())),
            None => client,
        }
    }

    /// What the provider gives for a code.
    async fn redeemed(
        &self,
        (settings, addresses): (&ProviderClient, &Addresses),
        (code, attempt): (&str, &Attempt),
    ) -> Result<Answer, ProviderError> {
        let client = self.client(settings, addresses);
        let fetcher = self.fetcher.clone();
        let http = move |request| {
            let fetcher = fetcher.clone();
            async move { fetcher.call(request).await }
        };
        let asked = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()))
            .request_async(&http);
        let provider = settings.name.as_str();
        asked.await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => {
                let why = refusal.error().as_ref();
                tracing::warn!(provider, why, "an identity provider refused a code");
                match refusal.error() {
                    BasicErrorResponseType::InvalidGrant => ProviderError::Code,
                    _ => ProviderError::Failed,
                }
            }
            RequestTokenError::Request(error) => {
                tracing::warn!(provider, %error, "an identity provider was not asked");
                ProviderError::Unavailable
            }
            // What it answered may have a token in it.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                tracing::warn!(provider, "an identity provider's answer is not one of OAuth");
                ProviderError::Unavailable
            }
        })
    }

    /// What the token of an answer says, if it is of this attempt.
    async fn claims(
        &self,
        at: &AtProvider,
        (answer, attempt): (&Answer, &Attempt),
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let token = answer.extra_fields().id_token.as_deref().ok_or(HostTokenError::Invalid)?;
        let (host, claims) = self.hosts.claims((token, Purpose::SignIn), now).await?;
        let text = |name| claims.get(name).and_then(Value::as_str);
        if log_out(&claims).is_some() {
            return Err(HostTokenError::LogOut.into());
        }
        // Whoever the token was made for, if it says so, among several whom it is for.
        let is_for_another = text("azp").is_some_and(|azp| azp != at.settings.client_id);
        if host.issuer != at.host.issuer {
            return Err(HostTokenError::Issuer.into());
        }
        if is_for_another {
            return Err(HostTokenError::Audience.into());
        }
        if text("nonce") != Some(&attempt.nonce) {
            return Err(ProviderError::Nonce);
        }
        Ok(claims)
    }

    /// Adds what the token does not say of somebody, and the provider knows.
    async fn completed(
        &self,
        (at, addresses): (&AtProvider, &Addresses),
        answer: &Answer,
        claims: Claims,
    ) -> Result<Claims, ProviderError> {
        let names = &at.host.claims;
        let mut wanted = vec![&names.name, &names.email];
        wanted.extend((!at.host.admin_roles.is_empty()).then_some(&names.role));
        let is_complete = wanted.iter().all(|name| claim(&claims, name).is_some());
        let Some(address) = addresses.user_info.as_ref().filter(|_| !is_complete) else {
            return Ok(claims);
        };
        let token = answer.access_token().secret();
        let said = self.fetcher.get_with(address, Some(token)).await;
        let provider = at.settings.name.as_str();
        let said = said.inspect_err(|error| {
            tracing::warn!(provider, %error, "an identity provider was not asked for a person");
        });
        let said = said.ok().and_then(|said| serde_json::from_slice::<Claims>(&said).ok());
        let mut said = said.ok_or(ProviderError::Unavailable)?;
        // It is about the same person, or somebody else's answer.
        if said.get("sub") != claims.get("sub") {
            return Err(HostTokenError::Subject.into());
        }
        said.extend(claims);
        Ok(said)
    }
}

#[async_trait]
impl Providers for OpenIdProviders {
    fn all(&self) -> &[Provider] {
        &self.all
    }

    fn page(&self) -> &str {
        &self.page
    }

    async fn authorization(
        &self,
        provider: &ProviderName,
        attempt: &Attempt,
    ) -> Result<String, ProviderError> {
        let (at, addresses) = self.asked(provider).await?;
        let client = self.client(&at.settings, &addresses);
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let state = attempt.state.clone();
        let mut request = client
            .authorize_url(move || CsrfToken::new(state))
            .add_scopes(at.settings.scopes.iter().cloned().map(Scope::new))
            .add_extra_param("nonce", &attempt.nonce)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if attempt.again {
            request = request.add_extra_param("prompt", "login").add_extra_param("max_age", "0");
        }
        Ok(request.url().0.into())
    }

    async fn identity(
        &self,
        provider: &ProviderName,
        (code, attempt): (&str, &Attempt),
        now: Timestamp,
    ) -> Result<ProvedIdentity, ProviderError> {
        let (at, addresses) = self.asked(provider).await?;
        let answer = self.redeemed((&at.settings, &addresses), (code, attempt)).await?;
        let claims = self.claims(at, (&answer, attempt), now).await?;
        let proved_at = claims.get("auth_time").and_then(Value::as_i64);
        let proved_at = proved_at.and_then(|seconds| seconds.checked_mul(1_000_000));
        let claims = self.completed((at, &addresses), &answer, claims).await?;
        let identity = at.host.identity(&claims)?;
        Ok(ProvedIdentity { identity, proved_at: proved_at.map(Timestamp::from_micros) })
    }

    async fn log_out(&self, provider: &ProviderName) -> Result<String, ProviderError> {
        let (at, addresses) = self.asked(provider).await?;
        let Some(end) = &addresses.end_session else { return Ok(self.back.as_str().to_owned()) };
        let mut end = end.clone();
        end.query_pairs_mut()
            .append_pair("client_id", &at.settings.client_id)
            .append_pair("post_logout_redirect_uri", self.back.as_str());
        Ok(end.into())
    }
}
