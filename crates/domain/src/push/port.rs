//! The ports of Web Push: the store of subscriptions, and sending.

use super::{Endpoint, Subscription, Told};
use crate::chat::Preferences;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, Seq, SessionId, UserId};
use async_trait::async_trait;
use std::fmt;
use std::time::Duration;

/// The keys to encrypt with for one browser (RFC 8291).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiverKeys {
    /// Its public key on P-256, uncompressed.
    pub p256dh: [u8; 65],
    /// A secret that it shares with those who may send to it.
    pub auth: [u8; 16],
}

impl fmt::Debug for ReceiverKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiverKeys(…)")
    }
}

/// A query for the devices that might be notified of messages of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateQuery {
    /// Devices of this chat's members.
    pub chat: ChatId,
    /// The messages' authors. If there is only one, their devices are left out.
    pub authors: Vec<UserId>,
    /// Only sessions from this id on.
    pub from: SessionId,
    /// The current time.
    pub now: Timestamp,
    /// At most this many.
    pub limit: usize,
}

/// A device that might be notified of messages, and what that depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The device.
    pub subscription: Subscription,
    /// The last message that its owner has read.
    pub read_seq: Seq,
    /// Its owner's preferences for the chat.
    pub preferences: Preferences,
    /// Those of the authors whom its owner has blocked, ordered by id.
    pub blocked: Vec<UserId>,
}

/// Stores subscriptions: at most one for each session, which is deleted with the session, however it ends. Each
/// call is one atomic change, which is durable once the call returns. A subscription counts as missing once it or
/// its session has expired. Every method may return [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SubscriptionStore: Send + Sync {
    /// Sets the session's subscription, replacing the one that it had. An endpoint belongs to one browser, so
    /// another session with the same endpoint loses its subscription. `NotFound` if the user has no such
    /// session at `now`; `Conflict` if `capacity` other sessions of the user have one.
    async fn set(
        &self,
        subscription: Subscription,
        capacity: usize,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// The session's subscription. `NotFound` if it has none.
    async fn get(&self, session: SessionId, now: Timestamp) -> Result<Subscription, StoreError>;

    /// The subscription with that endpoint. `NotFound` if there is none.
    async fn find(&self, endpoint: Endpoint, now: Timestamp) -> Result<Subscription, StoreError>;

    /// Like [`SubscriptionStore::set`], but only if the session's subscription has the endpoint `old`;
    /// otherwise `NotFound`.
    async fn replace(
        &self,
        old: Endpoint,
        new: Subscription,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes the session's subscription; with an endpoint, only if it has that one. Returns whether one was
    /// removed.
    async fn remove(
        &self,
        session: SessionId,
        endpoint: Option<Endpoint>,
    ) -> Result<bool, StoreError>;

    /// Those of the chats that have a member with a subscription, ordered by id.
    async fn reachable(&self, chats: Vec<ChatId>) -> Result<Vec<ChatId>, StoreError>;

    /// Subscriptions of the chat's current members, ordered by session; of a single author, not their own.
    async fn candidates(&self, query: CandidateQuery) -> Result<Vec<Candidate>, StoreError>;
}

/// Why a subscription could never be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Its public key is not a point on the curve.
    Key,
    /// Its host resolves to an address that may not be called.
    Address,
}

/// The push service's answer to a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It accepted the notification.
    Taken,
    /// The subscription no longer exists: it answered 404 or 410.
    Gone,
    /// Try again later: after this time, if it gave one.
    Later(Option<Duration>),
    /// It refused, or the address may not be called. Trying again will not help.
    Refused,
}

/// Sends to push services. It calls only public addresses, checked when it connects, and follows no redirects.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PushSender: Send + Sync {
    /// This installation's public VAPID key (RFC 8292), uncompressed.
    fn public_key(&self) -> [u8; 65];

    /// Checks whether a notification could be sent there. A host that cannot be resolved now passes, because it
    /// may be resolvable later.
    async fn vet(&self, endpoint: &Endpoint, keys: &ReceiverKeys) -> Result<(), Unfit>;

    /// Encrypts the notification and sends it to the push service, in bounded time.
    async fn send(&self, to: &Subscription, told: &Told) -> Delivery;
}
