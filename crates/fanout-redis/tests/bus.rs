//! What nodes tell each other, and how they recover what they missed.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::{Chat, ChatKind, Description, Permissions};
use domain::clock::Timestamp;
use domain::event::{Audience, Event, EventBody, EventBus};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::nodes::{Doubt, Sockets, Subscriptions, Topic};
use fanout_redis::{Bus, Options, join};
use std::sync::Arc;
use std::time::Duration;
use testkit::redis_cluster::RedisCluster;
use testkit::redis_server::RedisServer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

const CHAT: ChatId = ChatId::stored(1);
const OTHER: ChatId = ChatId::stored(2);
const ANNA: UserId = UserId::stored(7);
const DEADLINE: Duration = Duration::from_secs(30);

/// Makes three tests of each scenario: on one server, on a cluster, and on a cluster like Redis 6.
macro_rules! on_each {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            #[tokio::test]
            async fn one_server() {
                super::$scenario(super::RedisServer::start()).await;
            }
            #[tokio::test]
            async fn a_cluster() {
                super::$scenario(super::RedisCluster::start()).await;
            }
            #[tokio::test]
            async fn a_cluster_without_shards() {
                super::$scenario(super::RedisCluster::start_without_shards()).await;
            }
        }
    )+};
}

on_each! {
    a_node_hears_what_it_follows_and_nothing_else,
    a_new_chat_is_told_to_each_node_once,
    what_is_for_several_people_is_told_once,
    who_comes_while_something_happens_misses_nothing,
    what_was_not_told_is_made_known_later,
    a_topic_that_is_needed_again_is_compared,
    a_connection_that_is_cut_is_noticed_and_everything_compared,
}

/// A Redis for one test.
trait Redis {
    fn url(&self) -> String;
    fn kill(&mut self);
    fn restart(&mut self);
    /// Cuts the subscribing connections.
    fn cut(&self);
}

impl Redis for RedisServer {
    fn url(&self) -> String {
        Self::url(self)
    }
    fn kill(&mut self) {
        Self::kill(self);
    }
    fn restart(&mut self) {
        Self::restart(self);
    }
    fn cut(&self) {
        self.ask("CLIENT KILL TYPE pubsub");
    }
}

impl Redis for RedisCluster {
    fn url(&self) -> String {
        Self::url(self)
    }
    fn kill(&mut self) {
        Self::kill(self);
    }
    fn restart(&mut self) {
        Self::restart(self);
    }
    fn cut(&self) {
        self.servers.iter().for_each(Redis::cut);
    }
}

/// What a node's sockets were told.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Event(Box<Event>),
    Reached(ChatId, Version),
    Compare(Doubt),
}

struct Recording(UnboundedSender<Told>);

impl Sockets for Recording {
    fn deliver(&self, event: Event) {
        let _ = self.0.send(Told::Event(Box::new(event)));
    }
    fn reached(&self, chat: ChatId, version: Version) {
        let _ = self.0.send(Told::Reached(chat, version));
    }
    fn compare(&self, doubt: Doubt) {
        let _ = self.0.send(Told::Compare(doubt));
    }
}

struct Nowhere;

impl EventBus for Nowhere {
    fn publish(&self, _: Event) {}
}

/// A node, and what its sockets were told.
struct Node {
    bus: Arc<Bus>,
    told: UnboundedReceiver<Told>,
}

impl Node {
    /// One that hears others.
    async fn start(redis: &impl Redis) -> Self {
        let (sender, told) = unbounded_channel();
        let options = Options { url: redis.url(), installation: "test".to_owned() };
        let nodes = join(&options, Arc::new(Nowhere), Arc::new(Recording(sender))).unwrap();
        let node = Self { bus: nodes.bus, told };
        node.hears().await;
        node
    }

    /// Waits until it hears others, and follows what it needs.
    async fn hears(&self) {
        let up = async {
            while !self.bus.is_up() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, up).await.unwrap();
    }

    async fn follow(&self, topic: Topic) {
        self.bus.follow(topic);
        self.bus.followed(topic).await;
    }

    /// The next thing of which this is so. Others are passed over.
    async fn next(&mut self, what: &str, is_so: impl Fn(&Told) -> bool) -> Told {
        let found = async {
            loop {
                let told = self.told.recv().await.unwrap();
                if is_so(&told) {
                    return told;
                }
            }
        };
        timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("waited for {what}"))
    }

    /// Has another node tell of this version until it is known here, as an event or by itself.
    async fn hears_from(&mut self, other: &Self, version: i64) {
        let told = async {
            loop {
                other.bus.publish(read(CHAT, version));
                let told = self.next("anything", |_| true).await;
                if told == Told::Event(Box::new(read(CHAT, version)))
                    || told == Told::Reached(CHAT, Version::stored(version))
                {
                    return;
                }
            }
        };
        timeout(DEADLINE, told).await.unwrap();
    }

    async fn next_event(&mut self) -> Event {
        match self.next("an event", |told| matches!(told, Told::Event(_))).await {
            Told::Event(event) => *event,
            told => panic!("{told:?}"),
        }
    }
}

fn read(chat: ChatId, version: i64) -> Event {
    let version = Version::stored(version);
    let body = EventBody::Read { chat, user: ANNA, seq: Seq::stored(1), version };
    Event { audience: Audience::Members(chat), body }
}

fn created(members: Vec<UserId>) -> Event {
    let chat = Chat {
        id: CHAT,
        kind: ChatKind::Group,
        title: None,
        description: Description::default(),
        slow_mode: Duration::ZERO,
        open: false,
        permissions: Permissions::default(),
        created_at: Timestamp::from_micros(0),
        external_id: None,
        data: None,
        version: Version::stored(1),
    };
    Event {
        audience: Audience::Members(CHAT),
        body: EventBody::ChatCreated { chat, members, by: None },
    }
}

async fn a_node_hears_what_it_follows_and_nothing_else(redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Chat(CHAT)).await;
    let followed = Told::Compare(Doubt::Chats(vec![CHAT]));
    other.next("a look at what was before", |told| *told == followed).await;
    one.bus.publish(read(OTHER, 5));
    one.bus.publish(read(CHAT, 6));
    assert_eq!(other.next_event().await, read(CHAT, 6));
    // Its own events do not come back.
    other.bus.publish(read(CHAT, 7));
    one.bus.publish(read(CHAT, 8));
    assert_eq!(other.next_event().await, read(CHAT, 8));
}

async fn a_new_chat_is_told_to_each_node_once(redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    let people: Vec<_> = (1..=40).map(UserId::stored).collect();
    for user in &people[..3] {
        other.follow(Topic::Person(*user)).await;
    }
    for members in [people[..2].to_vec(), people] {
        one.bus.publish(created(members.clone()));
        assert_eq!(other.next_event().await, created(members));
    }
    one.bus.publish(created(vec![UserId::stored(99)]));
    one.bus.publish(created(vec![UserId::stored(3)]));
    assert_eq!(other.next_event().await, created(vec![UserId::stored(3)]), "and nothing between");
}

async fn what_is_for_several_people_is_told_once(redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    let people: Vec<_> = (1..=16).map(UserId::stored).collect();
    for user in &people {
        other.follow(Topic::Person(*user)).await;
    }
    let online = |user, to: &[UserId]| {
        let last_seen_at = Timestamp::from_micros(0);
        let body = EventBody::Presence { user, online: true, last_seen_at };
        Event { audience: Audience::Users(to.to_vec()), body }
    };
    // Their channels are on several servers of a cluster, from which dedup come as they can.
    let for_all = (100..150).map(|user| online(UserId::stored(user), &people));
    // What comes last on each channel.
    let last = people.iter().map(|user| online(*user, &[*user]));
    for event in for_all.chain(last) {
        one.bus.publish(event);
    }
    let mut missing = people.len();
    let mut heard = Vec::new();
    while missing > 0 {
        match other.next_event().await.body {
            EventBody::Presence { user, .. } if people.contains(&user) => missing -= 1,
            EventBody::Presence { user, .. } => heard.push(user.get()),
            body => panic!("{body:?}"),
        }
    }
    heard.sort_unstable();
    assert_eq!(heard, Vec::from_iter(100..150));
}

#[tokio::test]
async fn one_server_counts_who_follows() {
    what_nobody_else_follows_is_made_known_to_who_comes(RedisServer::start()).await;
}

#[tokio::test]
async fn a_cluster_counts_who_follows() {
    what_nobody_else_follows_is_made_known_to_who_comes(RedisCluster::start()).await;
}

async fn what_nobody_else_follows_is_made_known_to_who_comes(redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    one.follow(Topic::Chat(CHAT)).await;
    one.bus.publish(read(CHAT, 5));
    // It is told, and with that counted who heard it.
    one.bus.close().await;
    one.bus.publish(read(CHAT, 6));
    other.follow(Topic::Chat(CHAT)).await;
    let is_of_chat = |told: &Told| matches!(told, Told::Event(_) | Told::Reached(..));
    let reached = Told::Reached(CHAT, Version::stored(6));
    assert_eq!(other.next("what was kept", is_of_chat).await, reached);
    one.bus.publish(read(CHAT, 7));
    assert_eq!(other.next_event().await, read(CHAT, 7));
    // Where nothing is followed, nobody is met, and everything is told.
    let third = Node::start(&redis).await;
    third.bus.publish(read(CHAT, 8));
    third.bus.close().await;
    third.bus.publish(read(CHAT, 9));
    for version in [8, 9] {
        assert_eq!(other.next_event().await, read(CHAT, version));
    }
}

async fn who_comes_while_something_happens_misses_nothing(redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    for nth in 1..=300 {
        let chat = ChatId::stored(nth);
        one.follow(Topic::Chat(chat)).await;
        one.bus.publish(read(chat, 1));
        // Somewhere between the publishing and what comes of it.
        sleep(Duration::from_micros(100 * (nth as u64 % 32))).await;
        other.bus.follow(Topic::Chat(chat));
        let followed = Told::Compare(Doubt::Chats(vec![chat]));
        other.next("a look", |told| *told == followed).await;
        one.bus.publish(read(chat, 2));
        let is_told = |told: &Told| {
            *told == Told::Event(Box::new(read(chat, 2)))
                || *told == Told::Reached(chat, Version::stored(2))
        };
        other.next("what happened since", is_told).await;
    }
}

async fn what_was_not_told_is_made_known_later(mut redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Chat(CHAT)).await;
    redis.kill();
    while one.bus.is_up() || other.bus.is_up() {
        other.next("doubts of a node that is alone", |told| matches!(told, Told::Compare(_))).await;
    }
    for version in 1..=10_000 {
        one.bus.publish(read(CHAT, version));
    }
    one.bus.publish(created(vec![ANNA]));
    // Nobody waits for what cannot be followed.
    timeout(Duration::from_millis(500), other.follow(Topic::Person(ANNA))).await.unwrap();
    redis.restart();
    other.hears().await;
    let last = Version::stored(10_000);
    // The version comes over the bus, or the node compares everything, having been deaf.
    let known = |told: &Told| {
        *told == Told::Compare(Doubt::Everything) || *told == Told::Reached(CHAT, last)
    };
    other.next("what was missed", known).await;
    other.hears_from(&one, 10_001).await;
}

async fn a_topic_that_is_needed_again_is_compared(redis: impl Redis) {
    let mut node = Node::start(&redis).await;
    let followed = Told::Compare(Doubt::Chats(vec![CHAT]));
    for _ in 0..2 {
        node.follow(Topic::Chat(CHAT)).await;
        node.next("a look", |told| *told == followed).await;
        node.bus.unfollow(Topic::Chat(CHAT));
    }
}

async fn a_connection_that_is_cut_is_noticed_and_everything_compared(redis: impl Redis) {
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Chat(CHAT)).await;
    let followed = Told::Compare(Doubt::Chats(vec![CHAT]));
    other.next("a look", |told| *told == followed).await;
    redis.cut();
    let everything = Told::Compare(Doubt::Everything);
    other.next("a look at everything", |told| *told == everything).await;
    other.hears().await;
    one.bus.publish(read(CHAT, 3));
    assert_eq!(other.next_event().await, read(CHAT, 3));
}

#[tokio::test]
async fn a_channel_that_moves_to_another_server_is_followed_there() {
    let redis = RedisCluster::start();
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Chat(CHAT)).await;
    let followed = Told::Compare(Doubt::Chats(vec![CHAT]));
    other.next("a look", |told| *told == followed).await;
    let channel = "confab:test:chat:1";
    let before = redis.server_of(channel);
    redis.move_slot_of(channel);
    assert_ne!(redis.server_of(channel), before);
    let everything = Told::Compare(Doubt::Everything);
    other.next("a look at everything", |told| *told == everything).await;
    other.hears().await;
    other.hears_from(&one, 3).await;
}

#[tokio::test]
async fn a_replica_that_takes_over_is_listened_to() {
    let mut redis = RedisCluster::start();
    let channel = "confab:test:chat:1";
    let master = redis.server_of(channel);
    redis.add_replica_of(master);
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Chat(CHAT)).await;
    one.bus.publish(read(CHAT, 3));
    assert_eq!(other.next_event().await, read(CHAT, 3));
    redis.servers[master].kill();
    while other.bus.is_up() {
        other.next("doubts of a node that is alone", |told| matches!(told, Told::Compare(_))).await;
    }
    let everything = Told::Compare(Doubt::Everything);
    other.hears().await;
    other.next("a look at everything", |told| *told == everything).await;
    other.hears_from(&one, 4).await;
}

#[tokio::test]
async fn one_address_of_a_cluster_is_enough_and_those_of_strangers_are_refused() {
    let redis = RedisCluster::start();
    let (one, mut other) =
        (Node::start(&redis.servers[0]).await, Node::start(&redis.servers[2]).await);
    other.follow(Topic::Chat(CHAT)).await;
    one.bus.publish(read(CHAT, 3));
    assert_eq!(other.next_event().await, read(CHAT, 3));
    let strangers = [RedisServer::start(), RedisServer::start()];
    let (sender, mut told) = unbounded_channel();
    let url = strangers.each_ref().map(RedisServer::url).join(",");
    let options = Options { url, installation: "test".to_owned() };
    let nodes = join(&options, Arc::new(Nowhere), Arc::new(Recording(sender))).unwrap();
    // What a node says that is alone.
    assert_eq!(told.recv().await, Some(Told::Compare(Doubt::AnyChat)));
    assert!(!nodes.bus.is_up());
}

#[tokio::test]
async fn a_presence_that_did_not_reach_redis_is_told_again() {
    let redis = RedisServer::start();
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Person(ANNA)).await;
    let presence = |online| {
        let last_seen_at = Timestamp::from_micros(0);
        let body = EventBody::Presence { user: UserId::stored(9), online, last_seen_at };
        Event { audience: Audience::Users(vec![ANNA]), body }
    };
    // Connections that publish; the other goes on listening.
    redis.ask("CLIENT KILL TYPE normal SKIPME yes");
    one.bus.publish(presence(true));
    one.bus.publish(presence(false));
    let last = Told::Event(Box::new(presence(false)));
    other.next("the last presence", |told| *told == last).await;
}
