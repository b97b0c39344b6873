//! Where a provider is asked for what, as its OpenID configuration has it.

use super::super::fetch::{FetchError, Fetcher, permitted};
use domain::host::Issuer;
use domain::limits::{HOST_KEYS_REFETCH_EVERY, PROVIDER_ADDRESSES_AGE};
use oauth2::url::Url;
use oauth2::{AuthType, AuthUrl, TokenUrl};
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// The addresses of a provider.
pub(super) struct Addresses {
    pub(super) authorization: AuthUrl,
    pub(super) token: TokenUrl,
    pub(super) user_info: Option<String>,
    pub(super) end_session: Option<Url>,
    /// How a client with a secret proves who it is.
    pub(super) proof: AuthType,
}

/// The addresses as they were last read. Whoever holds it reads them, and everybody else waits for that.
#[derive(Default)]
pub(super) struct Known(Mutex<Read>);

#[derive(Default)]
struct Read {
    addresses: Option<(Instant, Arc<Addresses>)>,
    tried: Option<Instant>,
}

impl Known {
    /// The addresses; those that are old go on while the provider is away. `None` if they were never read.
    pub(super) async fn addresses(
        &self,
        fetcher: &Fetcher,
        issuer: &Issuer,
    ) -> Option<Arc<Addresses>> {
        let mut read = self.0.lock().await;
        let is_fresh = |(at, _): &(Instant, _)| at.elapsed() < PROVIDER_ADDRESSES_AGE;
        let was_tried = read.tried.is_some_and(|at| at.elapsed() < HOST_KEYS_REFETCH_EVERY);
        if !was_tried && !read.addresses.as_ref().is_some_and(is_fresh) {
            match fetcher.configuration(issuer).await.and_then(|said| Addresses::of(&said)) {
                Ok(found) => read.addresses = Some((Instant::now(), Arc::new(found))),
                Err(error) => {
                    let issuer = issuer.as_str();
                    tracing::warn!(issuer, %error, "an identity provider's addresses were not read");
                }
            }
            read.tried = Some(Instant::now());
        }
        read.addresses.as_ref().map(|(_, addresses)| addresses.clone())
    }
}

impl Addresses {
    fn of(said: &Value) -> Result<Self, FetchError> {
        let text = |name: &str| {
            let address = said.get(name).and_then(Value::as_str);
            address.filter(|address| permitted(address).is_some()).map(str::to_owned)
        };
        let authorization = text("authorization_endpoint").and_then(|text| AuthUrl::new(text).ok());
        let token = text("token_endpoint").and_then(|text| TokenUrl::new(text).ok());
        let without =
            FetchError::Content("it has no https authorization_endpoint and token_endpoint");
        let (Some(authorization), Some(token)) = (authorization, token) else {
            return Err(without);
        };
        let ways = said.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |way: &str| ways.is_some_and(|ways| ways.iter().any(|one| one == way));
        let proof = match takes("client_secret_post") && !takes("client_secret_basic") {
            true => AuthType::RequestBody,
            false => AuthType::BasicAuth,
        };
        let end_session = text("end_session_endpoint").and_then(|text| Url::parse(&text).ok());
        let user_info = text("userinfo_endpoint");
        Ok(Self { authorization, token, user_info, end_session, proof })
    }
}
