//! Presence over Redis keeps the contract, and several nodes agree.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::event::{Event, EventBus};
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId, Version};
use domain::limits::OFFLINE_GRACE;
use domain::nodes::{Doubt, Sockets};
use domain::presence::{ConnectionId, PresenceChange, PresenceStore};
use fanout_redis::{Nodes, Options, join};
use std::sync::Arc;
use testkit::redis_cluster::RedisCluster;
use testkit::redis_server::RedisServer;

/// A node on a Redis of its own, which is gone with it.
struct Alone<R> {
    node: Nodes,
    _redis: R,
}

struct Nowhere;

impl EventBus for Nowhere {
    fn publish(&self, _: Event) {}
}

impl Sockets for Nowhere {
    fn deliver(&self, _: Event) {}
    fn reached(&self, _: ChatId, _: Version) {}
    fn compare(&self, _: Doubt) {}
}

fn node(redis: &RedisServer) -> Nodes {
    node_at(redis.url())
}

fn node_at(url: String) -> Nodes {
    let options = Options { url, installation: "test".to_owned() };
    join(&options, Arc::new(Nowhere), Arc::new(Nowhere)).unwrap()
}

async fn alone() -> Arc<dyn PresenceStore> {
    let redis = RedisServer::start();
    Arc::new(Alone { node: node(&redis), _redis: redis })
}

async fn alone_on_a_cluster() -> Arc<dyn PresenceStore> {
    let redis = RedisCluster::start();
    Arc::new(Alone { node: node_at(redis.url()), _redis: redis })
}

#[async_trait]
impl<R: Send + Sync> PresenceStore for Alone<R> {
    async fn connect(&self, user: UserId, connection: ConnectionId) -> Result<(), StoreError> {
        self.node.presence.connect(user, connection).await
    }

    async fn disconnect(
        &self,
        user: UserId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.node.presence.disconnect(user, connection, now).await
    }

    async fn online(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        self.node.presence.online(users).await
    }

    async fn settle(&self, now: Timestamp) -> Result<Vec<PresenceChange>, StoreError> {
        self.node.presence.settle(now).await
    }
}

testkit::presence_tests!(alone);

mod on_a_cluster {
    testkit::presence_tests!(crate::alone_on_a_cluster);
}

const ANNA: UserId = UserId::stored(1);
const BEN: UserId = UserId::stored(2);
const FIRST: ConnectionId = ConnectionId(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

async fn settled(node: &Nodes, now: Timestamp) -> Vec<(UserId, bool)> {
    let changes = node.presence.settle(now).await.unwrap();
    changes.into_iter().map(|change| (change.user, change.online)).collect()
}

async fn is_online(node: &Nodes, user: UserId) -> bool {
    node.presence.online(&[user]).await.unwrap() == [user]
}

#[tokio::test]
async fn one_node_announces_and_all_know() {
    let redis = RedisServer::start();
    let (one, other) = (node(&redis), node(&redis));
    assert_eq!(settled(&other, at(0)).await, []);
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert!(is_online(&one, ANNA).await && !is_online(&other, ANNA).await);
    assert_eq!(settled(&one, at(1)).await, [(ANNA, true)]);
    assert_eq!(settled(&other, at(1)).await, []);
    assert!(is_online(&other, ANNA).await);
    // The same connection number of another node is another connection.
    other.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&other, at(2)).await, []);
    one.presence.disconnect(ANNA, FIRST, at(3)).await.unwrap();
    assert_eq!(settled(&one, at(3)).await, []);
    assert_eq!(settled(&one, at(100)).await, [], "she is on the other");
    other.presence.disconnect(ANNA, FIRST, at(100)).await.unwrap();
    assert_eq!(settled(&other, at(100)).await, []);
    assert_eq!(settled(&one, at(100).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
    assert_eq!(settled(&other, at(100).plus(OFFLINE_GRACE)).await, []);
    assert!(!is_online(&one, ANNA).await && !is_online(&other, ANNA).await);
}

#[tokio::test]
async fn people_of_a_dead_node_are_gone_once() {
    let redis = RedisServer::start();
    let (one, other, third) = (node(&redis), node(&redis), node(&redis));
    one.presence.connect(ANNA, FIRST).await.unwrap();
    one.presence.connect(BEN, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true), (BEN, true)]);
    assert_eq!(settled(&one, at(1)).await, []);
    other.presence.connect(BEN, FIRST).await.unwrap();
    assert_eq!(settled(&other, at(1)).await, []);
    assert_eq!(settled(&third, at(1)).await, []);
    // As when nobody renews its lease for so long; the first node let everybody wait for the others.
    let script = "EVAL \"for _, k in ipairs(redis.call('KEYS', '*:quiet')) do redis.call('DEL', k) end \
        local l = redis.call('KEYS', '*:lease:*') local n = 0 for _, k in ipairs(l) do \
        local h = string.gsub(k, ':lease:', ':node:') \
        if redis.call('HLEN', h) == 2 then redis.call('DEL', k) n = n + 1 end end return n\" 0";
    assert_eq!(redis.ask(script), ":1", "one node has two people");
    assert_eq!(settled(&other, at(2)).await, [(ANNA, false)], "Ben is on another");
    assert_eq!(settled(&third, at(2)).await, []);
    assert!(!is_online(&third, ANNA).await && is_online(&third, BEN).await);
}

#[tokio::test]
async fn nothing_is_invented_while_redis_is_away_or_after_it_lost_everything() {
    let mut redis = RedisServer::start();
    let (one, other) = (node(&redis), node(&redis));
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true)]);
    other.presence.connect(BEN, FIRST).await.unwrap();
    assert_eq!(settled(&other, at(0)).await, [(BEN, true)]);
    redis.ask("FLUSHALL");
    assert_eq!(settled(&one, at(1)).await, []);
    assert_eq!(settled(&other, at(1)).await, []);
    assert!(is_online(&other, ANNA).await);
    redis.kill();
    one.presence.disconnect(ANNA, FIRST, at(2)).await.unwrap();
    assert_eq!(settled(&one, at(90)).await, []);
    assert_eq!(settled(&other, at(90)).await, []);
    assert!(is_online(&other, ANNA).await, "as it was");
    redis.restart();
    assert_eq!(settled(&other, at(100)).await, [], "the other nodes have some time to come back");
    assert_eq!(settled(&one, at(101)).await, [(ANNA, false)]);
    assert_eq!(settled(&other, at(101)).await, []);
    assert!(!is_online(&other, ANNA).await && is_online(&other, BEN).await);
    assert_eq!(settled(&one, at(200)).await, [], "Ben never was away");
}

#[tokio::test]
async fn presence_moves_to_another_server_of_a_cluster_as_it_is() {
    let redis = RedisCluster::start();
    let (one, other) = (node_at(redis.url()), node_at(redis.url()));
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true)]);
    for node in [&one, &other] {
        assert_eq!(settled(node, at(0)).await, []);
    }
    redis.move_slot_of("confab:{test:presence}");
    other.presence.connect(BEN, FIRST).await.unwrap();
    let mut announced = Vec::new();
    // The first turn finds that presence is not there any more, and in the third all know what the
    // second announced.
    for second in 1..=3 {
        for node in [&one, &other] {
            announced.extend(settled(node, at(second)).await);
        }
    }
    assert_eq!(announced, [(BEN, true)], "and of Anna nobody says anything");
    assert!(is_online(&one, BEN).await && is_online(&other, ANNA).await);
}

#[tokio::test]
async fn what_a_node_said_before_it_entered_anew_is_void() {
    let redis = RedisServer::start();
    let one = node(&redis);
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true)]);
    assert_eq!(settled(&one, at(0)).await, [], "that she was announced is known");
    // As when an earlier entrance, which was under way for long, arrives after the latest.
    let script = "EVAL \"for _, k in ipairs(redis.call('KEYS', '*:lease:*')) do \
        redis.call('SET', k, 'before', 'KEEPTTL') \
        redis.call('DEL', (string.gsub(k, ':lease:', ':node:'))) end return 1\" 0";
    assert_eq!(redis.ask(script), ":1");
    assert_eq!(settled(&one, at(1)).await, [], "it enters anew");
    let other = node(&redis);
    other.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&other, at(2)).await, []);
    other.presence.disconnect(ANNA, FIRST, at(3)).await.unwrap();
    assert_eq!(settled(&other, at(100)).await, [], "she is on the first, as it said");
}
