//! What Web Push needs from the outside.

use super::{Endpoint, Subscription, Told};
use crate::chat::Preferences;
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::{ChatId, Seq, SessionId, UserId};
use async_trait::async_trait;
use std::fmt;
use std::time::Duration;

/// What to encrypt with for one browser (RFC 8291).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiverKeys {
    /// Its public key on P-256, uncompressed.
    pub p256dh: [u8; 65],
    /// A secret that it shares with whoever may send.
    pub auth: [u8; 16],
}

impl fmt::Debug for ReceiverKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiverKeys(…)")
    }
}

/// Which devices might be told of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CandidateQuery {
    /// Of the members of this chat.
    pub chat: ChatId,
    /// Who wrote.
    pub author: UserId,
    /// From this session on.
    pub from: SessionId,
    /// Now.
    pub now: Timestamp,
    /// That many at most.
    pub limit: usize,
}

/// A device that might be told of a message, and what that depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The device.
    pub subscription: Subscription,
    /// Up to where its owner has read the chat.
    pub read_seq: Seq,
    /// What its owner wants of the chat.
    pub preferences: Preferences,
    /// Whether its owner wants nothing of the author.
    pub blocks_author: bool,
}

/// Keeps where devices are reached: one subscription for each session, which is gone when the
/// session is, however it ended. Each call is one atomic change, and a change that returned is
/// there to stay. A subscription whose session has expired, or that has expired itself, is not
/// there. Every method may answer [`StoreError::Unavailable`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SubscriptionStore: Send + Sync {
    /// Sets the session's subscription in the place of the one that it had. An endpoint is one
    /// browser's, so whatever other session had it has none any more. `NotFound` if the user has no
    /// such session at `now`; `Conflict` if `capacity` other sessions of the user have one.
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

    /// Sets a subscription as [`SubscriptionStore::set`] does, in the place of the one that its
    /// session has at `old`. `NotFound` if that is not there any more.
    async fn replace(
        &self,
        old: Endpoint,
        new: Subscription,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes the session's subscription away, or only one with that endpoint; whether there was
    /// one.
    async fn remove(
        &self,
        session: SessionId,
        endpoint: Option<Endpoint>,
    ) -> Result<bool, StoreError>;

    /// Those of the chats in which somebody has a subscription, in the order of their ids.
    async fn reachable(&self, chats: Vec<ChatId>) -> Result<Vec<ChatId>, StoreError>;

    /// Subscriptions of those who are in the chat at this moment, but for the author, in the order
    /// of their sessions.
    async fn candidates(&self, query: CandidateQuery) -> Result<Vec<Candidate>, StoreError>;
}

/// Why a subscription could never be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Its public key is no point of the curve.
    Key,
    /// Its host leads to an address that may not be called.
    Address,
}

/// What became of something that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The push service has it.
    Taken,
    /// There is no such subscription any more: it answered 404 or 410.
    Gone,
    /// Not now; perhaps after this time, where the push service said so.
    Later(Option<Duration>),
    /// It will not be taken, or may not be sent there. Trying again will not help.
    Refused,
}

/// The way to push services. It calls public addresses only, judged by what it connects to, and
/// follows nobody elsewhere.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PushSender: Send + Sync {
    /// The public key that browsers know this installation by (RFC 8292), uncompressed.
    fn public_key(&self) -> [u8; 65];

    /// Whether something could be sent there. A host that cannot be looked up now may be later, so
    /// it passes.
    async fn vet(&self, endpoint: &Endpoint, keys: &ReceiverKeys) -> Result<(), Unfit>;

    /// Encrypts what is told and hands it to the push service, in bounded time.
    async fn send(&self, to: &Subscription, told: &Told) -> Delivery;
}
