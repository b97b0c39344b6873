//! Replacing a subscription that the browser has dropped.
//!
//! A browser may do that while no page is open, so there is no access token. Instead, its service worker
//! presents what nobody else has: the old subscription's endpoint and secret.

use super::{Endpoint, NewSubscription, Pushes, SubscribeError, Subscription};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};

/// What a browser knows about its old subscription.
#[derive(Debug, Clone, Copy)]
pub struct OldSubscription<'a> {
    /// Its address at the push service.
    pub endpoint: &'a str,
    /// Its secret.
    pub auth: &'a [u8],
}

/// Why a subscription was not renewed.
#[derive(Debug, thiserror::Error)]
pub enum RenewError {
    /// There is none with that endpoint and secret.
    #[error("There is no such subscription.")]
    NotFound,
    /// The new one was refused.
    #[error(transparent)]
    New(#[from] SubscribeError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for RenewError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<RenewError> for Failure {
    fn from(error: RenewError) -> Self {
        match error {
            RenewError::NotFound => Self::new(Kind::NotFound, "subscription_not_found", error),
            RenewError::New(error) => error.into(),
            RenewError::Store(error) => error.into(),
        }
    }
}

impl Pushes {
    /// Replaces a subscription that still exists, for the same session and with the same content.
    pub async fn renew(
        &self,
        old: OldSubscription<'_>,
        new: NewSubscription<'_>,
    ) -> Result<Subscription, RenewError> {
        let now = self.ports.clock.now();
        // The old subscription's secret is checked first: checking the new one resolves host names, which
        // strangers must not be able to cause.
        let known = self.shown(old, now).await?;
        let (endpoint, keys) = self.check(new, now).await?;
        let renewed = Subscription { endpoint, keys, expires_at: new.expires_at, ..known.clone() };
        self.ports.subscriptions.replace(known.endpoint, renewed.clone(), now).await?;
        Ok(renewed)
    }

    async fn shown(
        &self,
        old: OldSubscription<'_>,
        now: Timestamp,
    ) -> Result<Subscription, RenewError> {
        let endpoint = Endpoint::new(old.endpoint, self.reach).map_err(|_| RenewError::NotFound)?;
        let known = self.ports.subscriptions.find(endpoint, now).await?;
        if is_same(&known.keys.auth, old.auth) { Ok(known) } else { Err(RenewError::NotFound) }
    }
}

/// Compares two secrets in constant time.
fn is_same(secret: &[u8], shown: &[u8]) -> bool {
    let differences = secret.iter().zip(shown).fold(0, |all, (one, other)| all | (one ^ other));
    secret.len() == shown.len() && std::hint::black_box(differences) == 0
}
