//! Keys that an issuer publishes, as they were last fetched.

use super::error::HostIssuerError;
use super::fetch::{FetchError, Fetcher, permitted};
use super::keys::{self, Key};
use domain::host::{HostTokenError, Issuer};
use domain::limits::{
    HOST_KEYS_AGE, HOST_KEYS_LOGGED_EVERY, HOST_KEYS_PATIENCE, HOST_KEYS_REFETCH_EVERY,
};
use jsonwebtoken::Algorithm;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Where the keys are.
pub(super) enum Place {
    /// At this address.
    Set(String),
    /// Where the OpenID configuration of the issuer says.
    Discovery,
}

/// The keys of an issuer. Those that were fetched go on while the issuer is away.
pub(super) struct Fetched {
    issuer: Issuer,
    place: Place,
    algorithms: Vec<Algorithm>,
    fetcher: Fetcher,
    /// How long nothing is fetched after an attempt.
    every: Duration,
    known: RwLock<Known>,
    /// Whoever holds it fetches, and everybody else waits for that.
    attempts: Mutex<Attempts>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Option<Arc<Vec<Key>>>,
    fetched_at: Option<Instant>,
}

#[derive(Default)]
struct Attempts {
    last: Option<Instant>,
    /// When a failure was last written to the log.
    logged: Option<Instant>,
}

impl Fetched {
    pub(super) fn new(
        issuer: Issuer,
        place: Place,
        algorithms: Vec<Algorithm>,
    ) -> Result<Self, HostIssuerError> {
        let is_good = match &place {
            Place::Set(address) => permitted(address).is_some(),
            Place::Discovery => permitted(issuer.as_str()).is_some(),
        };
        if !is_good {
            return Err(HostIssuerError::Address);
        }
        let (known, attempts) = Default::default();
        let (fetcher, every) = (Fetcher::new(), HOST_KEYS_REFETCH_EVERY);
        Ok(Self { issuer, place, algorithms, fetcher, every, known, attempts })
    }

    /// Lets attempts follow each other sooner.
    #[cfg(test)]
    pub(super) fn set_every(&mut self, every: Duration) {
        self.every = every;
    }

    /// Whether tokens may be signed by that algorithm.
    pub(super) fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// The keys, perhaps old; what is too old is fetched anew meanwhile, since the issuer may have withdrawn
    /// some.
    pub(super) async fn keys(self: &Arc<Self>) -> Result<Arc<Vec<Key>>, HostTokenError> {
        let Known { keys, fetched_at } = self.known();
        let Some(keys) = keys else { return self.newest().await };
        if fetched_at.is_none_or(|at| at.elapsed() >= HOST_KEYS_AGE) {
            let own = Arc::clone(self);
            drop(tokio::spawn(async move { own.fetch_unless_tried().await }));
        }
        Ok(keys)
    }

    /// The keys after an attempt to fetch them, unless there was one just now: it takes no more than somebody
    /// who makes up ids of keys to let a server ask as often as they like.
    pub(super) async fn newest(&self) -> Result<Arc<Vec<Key>>, HostTokenError> {
        // Whoever fetches gives up in this time, twice where the address of the keys is looked up first.
        let patience = 2 * HOST_KEYS_PATIENCE + Duration::from_secs(1);
        let _ = timeout(patience, self.fetch_unless_tried()).await;
        self.known().keys.ok_or(HostTokenError::Keys)
    }

    async fn fetch_unless_tried(&self) {
        let mut attempts = self.attempts.lock().await;
        if attempts.last.is_some_and(|last| last.elapsed() < self.every) {
            return;
        }
        attempts.last = Some(Instant::now());
        let fetched = self.fetch().await;
        attempts.last = Some(Instant::now());
        match fetched {
            Ok(keys) => {
                let keys = Some(Arc::new(keys));
                let known = Known { keys, fetched_at: Some(Instant::now()) };
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
            }
            Err(error) => {
                if attempts.logged.is_none_or(|at| at.elapsed() >= HOST_KEYS_LOGGED_EVERY) {
                    attempts.logged = Some(Instant::now());
                    let issuer = self.issuer.as_str();
                    tracing::warn!(issuer, %error, "the keys of a host were not fetched");
                }
            }
        }
    }

    async fn fetch(&self) -> Result<Vec<Key>, FetchError> {
        let set = match &self.place {
            Place::Set(address) => self.fetcher.get(address).await?,
            Place::Discovery => self.fetcher.get(&self.discovered().await?).await?,
        };
        keys::of_set(&self.algorithms, &set).ok_or(FetchError::Content("it is no JWK set"))
    }

    /// The address of the keys, as the issuer's configuration has it.
    async fn discovered(&self) -> Result<String, FetchError> {
        let said = self.fetcher.configuration(&self.issuer).await?;
        let keys = said.get("jwks_uri").and_then(Value::as_str).map(str::to_owned);
        keys.ok_or(FetchError::Content("the OpenID configuration has no jwks_uri"))
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests;
