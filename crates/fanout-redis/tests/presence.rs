//! Presence over Redis keeps the contract, and several nodes agree.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::event::{Event, EventBus};
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId, Version};
use domain::limits::OFFLINE_GRACE;
use domain::nodes::{Doubt, Sockets};
use domain::presence::{ConnectionId, PresenceChange, PresenceStore, Settled};
use fanout_redis::{Nodes, Options, join};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::redis_cluster::RedisCluster;
use testkit::redis_server::RedisServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A node with a Redis of its own, which ends with it.
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

    async fn settle(&self, now: Timestamp) -> Result<Settled, StoreError> {
        self.node.presence.settle(now).await
    }
}

testkit::presence_tests!(alone);

mod on_a_cluster {
    testkit::presence_tests!(crate::alone_on_a_cluster);
}

const ANNA: UserId = UserId::stored(1);
const BEN: UserId = UserId::stored(2);
const CLEO: UserId = UserId::stored(3);
const FIRST: ConnectionId = ConnectionId(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

async fn settled(node: &Nodes, now: Timestamp) -> Vec<(UserId, bool)> {
    let Settled { changes, .. } = node.presence.settle(now).await.unwrap();
    changes.into_iter().map(|change| (change.user, change.online)).collect()
}

async fn is_online(node: &Nodes, user: UserId) -> bool {
    node.presence.online(&[user]).await.unwrap() == [user]
}

#[tokio::test]
async fn all_nodes_learn_of_a_change_and_one_notes_it() {
    let redis = RedisServer::start();
    let (one, other) = (node(&redis), node(&redis));
    assert_eq!(settled(&other, at(0)).await, []);
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert!(is_online(&one, ANNA).await && !is_online(&other, ANNA).await);
    let changes = vec![PresenceChange { user: ANNA, online: true, at: at(1) }];
    let told = Settled { changes: changes.clone(), to_note: vec![ANNA] };
    assert_eq!(one.presence.settle(at(1)).await.unwrap(), told);
    let heard = Settled { changes, to_note: Vec::new() };
    assert_eq!(other.presence.settle(at(5)).await.unwrap(), heard, "when it was found out");
    assert!(is_online(&other, ANNA).await);
    // The same connection number on another node is another connection.
    other.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&other, at(2)).await, []);
    one.presence.disconnect(ANNA, FIRST, at(3)).await.unwrap();
    assert_eq!(settled(&one, at(3)).await, []);
    assert_eq!(settled(&one, at(100)).await, [], "she is on the other");
    other.presence.disconnect(ANNA, FIRST, at(100)).await.unwrap();
    assert_eq!(settled(&other, at(100)).await, []);
    assert_eq!(settled(&one, at(100).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
    assert_eq!(settled(&other, at(100).plus(OFFLINE_GRACE)).await, [(ANNA, false)]);
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
    assert_eq!(settled(&third, at(2)).await, [(ANNA, false)]);
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
    assert_eq!(settled(&one, at(0)).await, [(BEN, true)]);
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
    for node in [&one, &other] {
        assert_eq!(settled(node, at(101)).await, [(ANNA, false)]);
    }
    assert!(!is_online(&other, ANNA).await && is_online(&other, BEN).await);
    for node in [&one, &other] {
        assert_eq!(settled(node, at(200)).await, [], "Ben never was away");
    }
}

/// As if a node had been silent for so long that its lease ended.
fn end_leases(redis: &RedisServer) {
    let script = "EVAL \"for _, k in ipairs(redis.call('KEYS', '*:lease:*')) do \
        redis.call('DEL', k) end return 1\" 0";
    assert_eq!(redis.ask(script), ":1");
}

#[tokio::test]
async fn a_node_that_was_away_learns_what_it_has_missed() {
    let redis = RedisServer::start();
    let (one, other) = (node(&redis), node(&redis));
    for user in [ANNA, CLEO] {
        one.presence.connect(user, FIRST).await.unwrap();
    }
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true), (CLEO, true)]);
    assert_eq!(settled(&other, at(0)).await, [], "nobody was there yet who could be told");
    for user in [ANNA, CLEO] {
        one.presence.disconnect(user, FIRST, at(1)).await.unwrap();
    }
    one.presence.connect(BEN, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(10)).await, [(ANNA, false), (BEN, true), (CLEO, false)]);
    one.presence.connect(CLEO, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(11)).await, [(CLEO, true)]);
    end_leases(&redis);
    assert_eq!(settled(&one, at(12)).await, []);
    let Settled { changes, .. } = other.presence.settle(at(13)).await.unwrap();
    let change = |user, online| PresenceChange { user, online, at: at(10) };
    assert_eq!(changes, [change(ANNA, false), change(BEN, true)], "Cleo is there as she was");
}

#[tokio::test]
async fn who_came_before_redis_lost_everything_is_known_when_all_are_back() {
    for first_back in 0..2 {
        let redis = RedisServer::start();
        let nodes = [node(&redis), node(&redis)];
        let [one, other] = &nodes;
        assert_eq!(settled(other, at(0)).await, []);
        one.presence.connect(ANNA, FIRST).await.unwrap();
        assert_eq!(settled(one, at(0)).await, [(ANNA, true)]);
        redis.ask("FLUSHALL");
        one.presence.connect(BEN, FIRST).await.unwrap();
        settled(&nodes[first_back], at(1)).await;
        settled(&nodes[1 - first_back], at(1)).await;
        settled(other, at(2)).await;
        assert!(is_online(other, ANNA).await && is_online(other, BEN).await);
        for node in &nodes {
            assert_eq!(settled(node, at(40)).await, [], "they never were away");
        }
    }
}

#[tokio::test]
async fn who_went_before_redis_lost_everything_is_known_in_five_seconds() {
    for first_back in 0..2 {
        let redis = RedisServer::start();
        let nodes = [node(&redis), node(&redis)];
        let [one, other] = &nodes;
        one.presence.connect(ANNA, FIRST).await.unwrap();
        assert_eq!(settled(one, at(0)).await, [(ANNA, true)]);
        assert_eq!(settled(other, at(0)).await, [], "she was there before it");
        one.presence.disconnect(ANNA, FIRST, at(0)).await.unwrap();
        assert_eq!(settled(one, at(99)).await, [(ANNA, false)]);
        redis.ask("FLUSHALL");
        assert_eq!(settled(&nodes[first_back], at(100)).await, []);
        assert_eq!(settled(&nodes[1 - first_back], at(100)).await, []);
        assert!(is_online(other, ANNA).await, "as it was, for now");
        for node in &nodes {
            settled(node, at(105)).await;
            assert!(!is_online(node, ANNA).await);
            assert_eq!(settled(node, at(140)).await, []);
        }
    }
}

#[tokio::test]
async fn what_a_node_has_missed_and_the_log_no_longer_has_it_learns_later() {
    let redis = RedisServer::start();
    let (one, other) = (node(&redis), node(&redis));
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true)]);
    assert_eq!(settled(&other, at(0)).await, []);
    one.presence.connect(BEN, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(1)).await, [(BEN, true)]);
    let script = "EVAL \"for _, k in ipairs(redis.call('KEYS', '*:log')) do \
        redis.call('XTRIM', k, 'MAXLEN', 0) end return 1\" 0";
    assert_eq!(redis.ask(script), ":1");
    end_leases(&redis);
    assert_eq!(settled(&other, at(2)).await, []);
    assert_eq!(settled(&other, at(20)).await, [(BEN, true)]);
    assert_eq!(settled(&other, at(40)).await, []);
}

#[tokio::test]
async fn a_node_that_began_without_redis_learns_who_is_there() {
    let mut redis = RedisServer::start();
    let one = node(&redis);
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true)]);
    redis.kill();
    let other = node(&redis);
    assert_eq!(settled(&other, at(1)).await, []);
    redis.restart();
    // It finds that its connection is closed.
    assert_eq!(settled(&one, at(2)).await, []);
    assert_eq!(settled(&one, at(2)).await, []);
    assert_eq!(settled(&other, at(2)).await, [(ANNA, true)]);
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
    assert_eq!(announced, [(BEN, true); 2], "and of Anna nobody says anything");
    assert!(is_online(&one, BEN).await && is_online(&other, ANNA).await);
}

#[tokio::test]
async fn what_a_node_said_before_it_entered_anew_is_void() {
    let redis = RedisServer::start();
    let one = node(&redis);
    one.presence.connect(ANNA, FIRST).await.unwrap();
    assert_eq!(settled(&one, at(0)).await, [(ANNA, true)]);
    assert_eq!(settled(&one, at(0)).await, [], "that she was announced is known");
    // As if an earlier arrival, delayed on its way, came after the latest one.
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

/// The URL of a proxy to Redis that ends the connection instead of passing on the call of a script with that number.
async fn cut_at(redis: &RedisServer, number: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, server) = (format!("redis://{}", listener.local_addr().unwrap()), redis.url());
    let calls = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(server.trim_start_matches("redis://")).await.unwrap();
            let ((mut from_near, mut to_near), (mut from_far, mut to_far)) =
                (near.into_split(), far.into_split());
            let calls = calls.clone();
            tokio::spawn(async move {
                let asks = async {
                    let mut buffer = vec![0; 256 * 1024];
                    while let Ok(length @ 1..) = from_near.read(&mut buffer).await {
                        let asked = &buffer[..length];
                        let scripts = asked.windows(7).filter(|word| *word == b"EVALSHA").count();
                        let before = calls.fetch_add(scripts, Ordering::SeqCst);
                        if (before + 1..=before + scripts).contains(&number) {
                            break;
                        }
                        to_far.write_all(asked).await.unwrap();
                    }
                };
                tokio::select! {
                    () = asks => {}
                    _ = tokio::io::copy(&mut from_far, &mut to_near) => {}
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn what_a_turn_returned_is_noted_though_a_later_one_failed() {
    let redis = RedisServer::start();
    // From now on Redis knows the scripts.
    settled(&node(&redis), at(0)).await;
    // The node enters, and takes three turns.
    let one = node_at(cut_at(&redis, 4).await);
    let people: Vec<_> = (1..=2_500).map(UserId::stored).collect();
    for user in &people {
        one.presence.connect(*user, FIRST).await.unwrap();
    }
    let first = one.presence.settle(at(1)).await.unwrap().to_note;
    assert!(!first.is_empty(), "what the turns returned that were answered");
    let rest = one.presence.settle(at(2)).await.unwrap().to_note;
    let noted: BTreeSet<_> = first.into_iter().chain(rest).collect();
    assert!(noted.into_iter().eq(people), "everybody was noted");
}
