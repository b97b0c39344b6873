//! Web Push subscriptions.

use super::MemoryDb;
use super::state::State;
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{ChatId, SessionId, UserId};
use domain::push::{Candidate, CandidateQuery, Endpoint, Subscription, SubscriptionStore};

impl State {
    /// Stores a subscription, in place of those that it replaces.
    fn put_subscription(&mut self, new: Subscription) {
        self.subscriptions.retain(|_, known| !replaces(&new, known));
        self.subscriptions.insert(new.session, new);
    }

    /// The subscriptions that have not expired and whose session is open.
    fn live_subscriptions(&self, now: Timestamp) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values().filter(move |subscription| {
            let session = self.sessions.get(&subscription.session);
            session.is_some_and(|session| session.expires_at >= now)
                && subscription.expires_at.is_none_or(|end| end >= now)
        })
    }
}

/// Each session has at most one subscription, and each endpoint, too.
fn replaces(new: &Subscription, known: &Subscription) -> bool {
    known.session == new.session || known.endpoint == new.endpoint
}

#[async_trait]
impl SubscriptionStore for MemoryDb {
    async fn set(
        &self,
        subscription: Subscription,
        capacity: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let Subscription { session, user, .. } = subscription;
        let owner = state.sessions.get(&session).filter(|found| found.expires_at >= now);
        if owner.is_none_or(|found| found.user != user) {
            return Err(StoreError::NotFound);
        }
        let others = state.live_subscriptions(now).filter(|known| known.user == user);
        if others.filter(|known| !replaces(&subscription, known)).count() >= capacity {
            return Err(StoreError::Conflict);
        }
        state.put_subscription(subscription);
        Ok(())
    }

    async fn get(&self, session: SessionId, now: Timestamp) -> Result<Subscription, StoreError> {
        let state = self.state();
        let found = state.live_subscriptions(now).find(|known| known.session == session);
        found.cloned().ok_or(StoreError::NotFound)
    }

    async fn find(&self, endpoint: Endpoint, now: Timestamp) -> Result<Subscription, StoreError> {
        let state = self.state();
        let found = state.live_subscriptions(now).find(|known| known.endpoint == endpoint);
        found.cloned().ok_or(StoreError::NotFound)
    }

    async fn replace(
        &self,
        old: Endpoint,
        new: Subscription,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let is_it = |known: &Subscription| known.session == new.session && known.endpoint == old;
        if !state.live_subscriptions(now).any(is_it) {
            return Err(StoreError::NotFound);
        }
        state.put_subscription(new);
        Ok(())
    }

    async fn remove(
        &self,
        session: SessionId,
        endpoint: Option<Endpoint>,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let known = state.subscriptions.get(&session);
        let is_there =
            known.is_some_and(|known| endpoint.is_none_or(|that| known.endpoint == that));
        if is_there {
            state.subscriptions.remove(&session);
        }
        Ok(is_there)
    }

    async fn reachable(&self, chats: Vec<ChatId>) -> Result<Vec<ChatId>, StoreError> {
        let state = self.state();
        let is_there = |chat: &ChatId| {
            let Ok(row) = state.chat(*chat) else { return false };
            state.subscriptions.values().any(|known| row.is_member(known.user))
        };
        let mut found: Vec<_> = chats.into_iter().filter(is_there).collect();
        found.sort_unstable();
        Ok(found)
    }

    async fn candidates(&self, query: CandidateQuery) -> Result<Vec<Candidate>, StoreError> {
        let state = self.state();
        let Ok(chat) = state.chat(query.chat) else { return Ok(Vec::new()) };
        let those = state.live_subscriptions(query.now).filter(|known| {
            let is_their_own = query.authors == [known.user];
            known.session >= query.from && !is_their_own && chat.is_member(known.user)
        });
        let candidates = those.take(query.limit).map(|subscription| {
            let member = chat.present_member(subscription.user)?;
            let authors = query.authors.iter().copied();
            let blocked =
                |author: &UserId| state.blocks.contains_key(&(subscription.user, *author));
            Ok(Candidate {
                subscription: subscription.clone(),
                read_seq: member.read_seq,
                preferences: member.preferences,
                blocked: authors.filter(blocked).collect(),
            })
        });
        candidates.collect()
    }
}
