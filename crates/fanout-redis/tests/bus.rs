//! What nodes tell each other, and what they find out when they could not.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::chat::{Chat, ChatKind, Description};
use domain::clock::Timestamp;
use domain::event::{Audience, Event, EventBody, EventBus};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::nodes::{Doubt, Sockets, Subscriptions, Topic};
use fanout_redis::{Bus, Options, join};
use std::sync::Arc;
use std::time::Duration;
use testkit::redis_server::RedisServer;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

const CHAT: ChatId = ChatId::stored(1);
const OTHER: ChatId = ChatId::stored(2);
const ANNA: UserId = UserId::stored(7);
const DEADLINE: Duration = Duration::from_secs(30);

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
    async fn start(redis: &RedisServer) -> Self {
        let (sender, told) = unbounded_channel();
        let options = Options { url: redis.url(), installation: "test".to_owned() };
        let nodes = join(&options, Arc::new(Nowhere), Arc::new(Recording(sender))).unwrap();
        let mut node = Self { bus: nodes.bus, told };
        node.hears().await;
        node
    }

    /// Waits until it hears others, and follows what it needs.
    async fn hears(&mut self) {
        while !self.bus.is_up() {
            self.next("a word of the bus", |_| true).await;
        }
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
        created_at: Timestamp::from_micros(0),
        version: Version::stored(1),
    };
    Event { audience: Audience::Members(CHAT), body: EventBody::ChatCreated { chat, members } }
}

#[tokio::test]
async fn a_node_hears_what_it_follows_and_nothing_else() {
    let redis = RedisServer::start();
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

#[tokio::test]
async fn a_new_chat_is_told_to_each_node_once() {
    let redis = RedisServer::start();
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

#[tokio::test]
async fn what_was_not_told_is_made_known_later() {
    let mut redis = RedisServer::start();
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
    let told_again = async {
        loop {
            one.bus.publish(read(CHAT, 10_001));
            let told = other.next("anything", |_| true).await;
            if told == Told::Event(Box::new(read(CHAT, 10_001)))
                || told == Told::Reached(CHAT, Version::stored(10_001))
            {
                return;
            }
        }
    };
    timeout(DEADLINE, told_again).await.unwrap();
}

#[tokio::test]
async fn a_topic_that_is_needed_again_is_compared() {
    let redis = RedisServer::start();
    let mut node = Node::start(&redis).await;
    let followed = Told::Compare(Doubt::Chats(vec![CHAT]));
    for _ in 0..2 {
        node.follow(Topic::Chat(CHAT)).await;
        node.next("a look", |told| *told == followed).await;
        node.bus.unfollow(Topic::Chat(CHAT));
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_noticed_and_everything_compared() {
    let redis = RedisServer::start();
    let (one, mut other) = (Node::start(&redis).await, Node::start(&redis).await);
    other.follow(Topic::Chat(CHAT)).await;
    let followed = Told::Compare(Doubt::Chats(vec![CHAT]));
    other.next("a look", |told| *told == followed).await;
    redis.ask("CLIENT KILL TYPE pubsub");
    let everything = Told::Compare(Doubt::Everything);
    other.next("a look at everything", |told| *told == everything).await;
    other.hears().await;
    one.bus.publish(read(CHAT, 3));
    assert_eq!(other.next_event().await, read(CHAT, 3));
}
