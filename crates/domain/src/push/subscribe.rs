//! Subscribing a device to Web Push.

use super::{Content, Endpoint, EndpointError, Pushes, ReceiverKeys, Subscription, Unfit};
use crate::clock::Timestamp;
use crate::failure::{Failure, Kind, StoreError};
use crate::limits;
use crate::session::Caller;

/// A subscription as a browser provides it.
#[derive(Debug, Clone, Copy)]
pub struct NewSubscription<'a> {
    /// Its address at the push service.
    pub endpoint: &'a str,
    /// Its public key.
    pub p256dh: &'a [u8],
    /// Its secret.
    pub auth: &'a [u8],
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// Why a device was not subscribed.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The endpoint was refused.
    #[error("The endpoint {0}.")]
    Endpoint(#[from] EndpointError),
    /// The public key is invalid.
    #[error("The key p256dh must be an uncompressed point of P-256: 65 bytes, as base64url.")]
    PublicKey,
    /// The secret is invalid.
    #[error("The key auth must have 16 bytes, as base64url.")]
    Secret,
    /// It has expired already.
    #[error("The subscription has expired.")]
    Expired,
    /// The session ended meanwhile.
    #[error("The session has ended.")]
    SessionEnded,
    /// The account has too many subscribed devices.
    #[error("You may be told on {} devices at most.", limits::PUSH_DEVICES_PER_USER)]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for SubscribeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::SessionEnded,
            StoreError::Conflict => Self::TooMany,
            error => Self::Store(error),
        }
    }
}

impl From<Unfit> for SubscribeError {
    fn from(why: Unfit) -> Self {
        match why {
            Unfit::Key => Self::PublicKey,
            Unfit::Address => Self::Endpoint(EndpointError::NotPublic),
        }
    }
}

impl From<SubscribeError> for Failure {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Endpoint(why) => Self::field("endpoint", why.code(), error),
            SubscribeError::PublicKey => Self::field("keys.p256dh", "not_a_key", error),
            SubscribeError::Secret => Self::field("keys.auth", "not_a_key", error),
            SubscribeError::Expired => Self::field("expires_at", "not_in_the_future", error),
            SubscribeError::SessionEnded => {
                Self::new(Kind::Unauthenticated, "token_invalid", error)
            }
            SubscribeError::TooMany => Self::new(Kind::Conflict, "too_many_devices", error),
            SubscribeError::Store(error) => error.into(),
        }
    }
}

impl Pushes {
    /// The public key that browsers must subscribe with.
    pub fn public_key(&self) -> [u8; 65] {
        self.ports.sender.public_key()
    }

    /// Subscribes the caller's device, replacing an earlier subscription, and returns the new one.
    pub async fn subscribe(
        &self,
        caller: &Caller,
        new: NewSubscription<'_>,
        content: Content,
    ) -> Result<Subscription, SubscribeError> {
        let now = self.ports.clock.now();
        let (endpoint, keys) = self.check(new, now).await?;
        let &Caller { session, user, .. } = caller;
        let expires_at = new.expires_at;
        let subscription = Subscription { session, user, endpoint, keys, content, expires_at };
        let capacity = limits::PUSH_DEVICES_PER_USER;
        self.ports.subscriptions.set(subscription.clone(), capacity, now).await?;
        Ok(subscription)
    }

    /// Checks a new subscription, and returns its endpoint and keys.
    pub(super) async fn check(
        &self,
        new: NewSubscription<'_>,
        now: Timestamp,
    ) -> Result<(Endpoint, ReceiverKeys), SubscribeError> {
        let endpoint = Endpoint::new(new.endpoint, self.reach)?;
        let p256dh = new.p256dh.try_into().map_err(|_| SubscribeError::PublicKey)?;
        let auth = new.auth.try_into().map_err(|_| SubscribeError::Secret)?;
        if new.expires_at.is_some_and(|end| end < now) {
            return Err(SubscribeError::Expired);
        }
        let keys = ReceiverKeys { p256dh, auth };
        self.ports.sender.vet(&endpoint, &keys).await?;
        Ok((endpoint, keys))
    }

    /// The subscription of the caller's device, if it has one.
    pub async fn subscription(&self, caller: &Caller) -> Result<Option<Subscription>, StoreError> {
        match self.ports.subscriptions.get(caller.session, self.ports.clock.now()).await {
            Ok(subscription) => Ok(Some(subscription)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes the subscription of the caller's device.
    pub async fn unsubscribe(&self, caller: &Caller) -> Result<(), StoreError> {
        self.ports.subscriptions.remove(caller.session, None).await.map(drop)
    }
}
