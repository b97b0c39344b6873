//! The recipients of a burst of messages are listed once.

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::event::{Audience, Event, EventBody, EventBus};
use domain::failure::StoreError;
use domain::ids::{ChatId, SessionId};
use domain::internet::Reach;
use domain::push::{
    Candidate, CandidateQuery, Content, Endpoint, NewSubscription, PushPorts, Pushes, Subscription,
    SubscriptionStore,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::world::World;
use web_push::QueueingBus;

/// The subscriptions of a world, which counts how often recipients are listed.
struct Counting {
    subscriptions: Arc<dyn SubscriptionStore>,
    listed: Arc<AtomicUsize>,
}

#[async_trait]
impl SubscriptionStore for Counting {
    async fn set(
        &self,
        subscription: Subscription,
        capacity: usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.subscriptions.set(subscription, capacity, now).await
    }

    async fn get(&self, session: SessionId, now: Timestamp) -> Result<Subscription, StoreError> {
        self.subscriptions.get(session, now).await
    }

    async fn find(&self, endpoint: Endpoint, now: Timestamp) -> Result<Subscription, StoreError> {
        self.subscriptions.find(endpoint, now).await
    }

    async fn replace(
        &self,
        old: Endpoint,
        new: Subscription,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.subscriptions.replace(old, new, now).await
    }

    async fn remove(
        &self,
        session: SessionId,
        endpoint: Option<Endpoint>,
    ) -> Result<bool, StoreError> {
        self.subscriptions.remove(session, endpoint).await
    }

    async fn reachable(&self, chats: Vec<ChatId>) -> Result<Vec<ChatId>, StoreError> {
        self.subscriptions.reachable(chats).await
    }

    async fn candidates(&self, query: CandidateQuery) -> Result<Vec<Candidate>, StoreError> {
        self.listed.fetch_add(1, Ordering::SeqCst);
        self.subscriptions.candidates(query).await
    }
}

#[tokio::test]
async fn recipients_of_a_burst_are_listed_once() {
    let world = World::default();
    let (ada, ben) = (world.person("Ada").await, world.person("Ben").await);
    let (chat, other) = (world.group(&ada, &[&ben]).await, world.group(&ben, &[&ada]).await);
    for who in [&ada, &ben] {
        let endpoint = format!("https://push.example.org/{}", who.session);
        let (p256dh, auth) = (&[4; 65], &[1; 16]);
        let new = NewSubscription { endpoint: &endpoint, p256dh, auth, expires_at: None };
        world.pushes.subscribe(who, new, Content::Sender).await.unwrap();
    }
    let listed = Arc::new(AtomicUsize::new(0));
    let ports = PushPorts {
        subscriptions: Arc::new(Counting {
            subscriptions: world.stores.subscriptions.clone(),
            listed: listed.clone(),
        }),
        sender: world.sender.clone(),
        messages: world.stores.messages.clone(),
        users: world.stores.users.clone(),
        clock: world.clock.clone(),
    };
    let pushes = Arc::new(Pushes::new(ports, Reach::Public));
    let (bus, mut rounds) = QueueingBus::new(world.bus.clone(), pushes);
    let mut told = 0;
    for nth in 0..10 {
        for (chat, author) in [(chat, &ada), (other, &ben), (chat, &ben)] {
            let message = world.say(author, chat, &nth.to_string()).await;
            let audience = Audience::Members(chat);
            bus.publish(Event { audience, body: EventBody::MessageCreated(message) });
            told += 1;
        }
    }
    // What is queued when it is to stop is sent at once.
    rounds.run(std::future::ready(())).await;
    assert_eq!(world.sender.take().len(), told);
    assert_eq!(listed.load(Ordering::SeqCst), 2, "once for each chat");
}
