//! Receiving other nodes' events.

use crate::backoff::Backoff;
use crate::channels::Channels;
use crate::connection::Connection;
use crate::dedup::Dedup;
use crate::link::{Link, plainly};
use crate::node::Node;
use crate::outbox::Outbox;
use crate::topics::Topics;
use crate::wire::{self, Head, Kind};
use domain::ids::ChatId;
use domain::nodes::{Doubt, Sockets, Topic};
use redis::{PushInfo, PushKind, RedisError, RedisResult, Value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// How many topics are subscribed together.
const BATCH: usize = 512;
/// How often to check that Redis answers, and that a cluster's layout has not changed.
const PING: Duration = Duration::from_millis(500);
/// How often to unsubscribe topics that nobody needs any more.
const SWEEP: Duration = Duration::from_secs(2);
/// How often followed chats are compared with the database even if nothing seems wrong. This finds what a
/// node committed just before it died.
const ROUTINE: Duration = Duration::from_secs(1);
/// How often they are compared while disconnected from Redis; and how often everything is.
const ALONE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
/// How long a new socket waits until its owner's topic is subscribed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Subscribes to the topics that this node's sockets need.
pub(crate) struct Inbox {
    topics: Mutex<Topics>,
    /// Wakes the task that subscribes topics.
    asked: Notify,
    /// Wakes those who wait for a topic: topics were subscribed, or the connection came or went.
    progress: Notify,
    /// Whether other nodes' events arrive.
    up: AtomicBool,
    /// Whether a socket was opened although its owner's topic was not subscribed yet.
    unsure: AtomicBool,
    dedup: Mutex<Dedup>,
    channels: Channels,
    node: Node,
    outbox: Arc<Outbox>,
    sockets: Arc<dyn Sockets>,
}

impl Inbox {
    pub(crate) fn start(
        link: Link,
        channels: Channels,
        node: Node,
        outbox: Arc<Outbox>,
        sockets: Arc<dyn Sockets>,
    ) -> Arc<Self> {
        let inbox = Arc::new(Self {
            topics: Mutex::default(),
            asked: Notify::new(),
            progress: Notify::new(),
            up: AtomicBool::new(false),
            unsure: AtomicBool::new(false),
            dedup: Mutex::default(),
            channels,
            node,
            outbox,
            sockets,
        });
        tokio::spawn(Arc::clone(&inbox).run(link));
        tokio::spawn(Arc::clone(&inbox).doubt());
        inbox
    }

    pub(crate) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    pub(crate) fn follow(&self, topic: Topic) {
        self.topics().need(topic);
        self.asked.notify_one();
    }

    pub(crate) fn unfollow(&self, topic: Topic) {
        self.topics().release(topic, Instant::now());
    }

    pub(crate) async fn followed(&self, topic: Topic) {
        let followed = async {
            while self.is_up() {
                let progress = self.progress.notified();
                if !self.topics().is_asked(topic) {
                    return true;
                }
                progress.await;
            }
            false
        };
        if !timeout(PATIENCE, followed).await.unwrap_or(false) {
            // What is missed until then is looked up once the topic is subscribed.
            self.unsure.store(true, Ordering::Relaxed);
        }
    }

    fn topics(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, link: Link) {
        let mut backoff = Backoff::new();
        loop {
            match self.listen(&link).await {
                Ok(connection) => {
                    let began = Instant::now();
                    self.serve(&connection).await;
                    backoff.connected_since(began);
                }
                Err(error) => backoff.report(&error),
            }
            self.outbox.leave_all();
            metrics::counter!("confab_bus_reconnects_total", "side" => "listen").increment(1);
            sleep(backoff.next()).await;
        }
    }

    /// Receives other nodes' events until the connection breaks.
    async fn serve(&self, connection: &Connection) {
        self.set_up(true);
        tracing::info!("events of other nodes arrive");
        self.sockets.compare(Doubt::Everything);
        let error = self.tend(connection).await;
        self.set_up(false);
        tracing::warn!(error = plainly(&error), "events of other nodes do not arrive");
    }

    fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Relaxed);
        metrics::gauge!("confab_bus_up").set(if up { 1.0 } else { 0.0 });
        self.progress.notify_waiters();
    }

    /// Connects, and subscribes to everything that is needed.
    async fn listen(self: &Arc<Self>, link: &Link) -> RedisResult<Connection> {
        let inbox = Arc::clone(self);
        let hear = move |push: PushInfo| {
            if matches!(push.kind, PushKind::Message | PushKind::SMessage)
                && let Some(Value::BulkString(frame)) = push.data.get(1)
            {
                inbox.hear(frame);
            }
        };
        let connection = link.open(hear).await?;
        let mut first = connection.batch();
        first.subscribe(&self.channels.all())?;
        first.send().await?;
        self.topics().ask_again();
        while self.ask(&connection).await? > 0 {}
        Ok(connection)
    }

    /// Checks the connection and keeps its subscriptions up to date, until it breaks.
    async fn tend(&self, connection: &Connection) -> RedisError {
        let (mut ping, mut sweep) = (interval(PING), interval(SWEEP));
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let tended = tokio::select! {
                error = connection.broken() => return error,
                () = self.asked.notified() => self.ask(connection).await.map(drop),
                _ = sweep.tick() => self.let_go(connection).await,
                _ = ping.tick() => connection.check().await,
            };
            if let Err(error) = tended {
                return error;
            }
        }
    }

    /// Subscribes a batch of the topics that are needed, and returns how many it were. Then has their
    /// chats compared with the database, for what happened before the subscription.
    async fn ask(&self, connection: &Connection) -> RedisResult<usize> {
        let (new, again) = self.topics().to_ask(BATCH);
        let mut batch = connection.batch();
        for topic in &new {
            let channel = self.channels.of(*topic);
            batch.subscribe(&channel)?;
            if let Topic::Chat(chat) = topic {
                batch.publish(&channel, &self.outbox.greeting(*chat))?;
            }
        }
        batch.send().await?;
        let asked = new.len() + again.len();
        let chats: Vec<ChatId> = new.iter().chain(&again).filter_map(chat_of).collect();
        chats.iter().for_each(|chat| self.outbox.follow(*chat));
        self.topics().are_followed(new.into_iter().chain(again));
        metrics::gauge!("confab_bus_subscriptions").set(self.topics().len() as f64);
        if self.unsure.swap(false, Ordering::Relaxed) {
            self.sockets.compare(Doubt::Everything);
        } else if !chats.is_empty() {
            self.sockets.compare(Doubt::Chats(chats));
        }
        self.progress.notify_waiters();
        if asked == BATCH {
            self.asked.notify_one();
        }
        Ok(asked)
    }

    async fn let_go(&self, connection: &Connection) -> RedisResult<()> {
        let released = self.topics().let_go(Instant::now());
        // Before unsubscribing: afterwards no greeting of a new follower would arrive.
        released.iter().filter_map(chat_of).for_each(|chat| self.outbox.leave(chat));
        for some in released.chunks(BATCH) {
            let mut batch = connection.batch();
            for topic in some {
                batch.unsubscribe(&self.channels.of(*topic))?;
            }
            batch.send().await?;
        }
        Ok(())
    }

    /// Has what is followed compared with the database regularly.
    async fn doubt(self: Arc<Self>) {
        let mut people_at = Instant::now();
        loop {
            if self.is_up() {
                sleep(ROUTINE).await;
                self.sockets.compare(Doubt::AnyChat);
                continue;
            }
            sleep(ALONE.0).await;
            if people_at.elapsed() >= ALONE.1 {
                people_at = Instant::now();
                self.sockets.compare(Doubt::Everything);
            } else {
                self.sockets.compare(Doubt::AnyChat);
            }
        }
    }

    /// Handles a received frame.
    fn hear(&self, frame: &[u8]) {
        let Some((head, json)) = Head::read(frame) else {
            metrics::counter!("confab_bus_received_total", "kind" => "unknown").increment(1);
            return;
        };
        if head.node == self.node.id {
            let lag = self.node.began.elapsed().saturating_sub(Duration::from_micros(head.number));
            metrics::histogram!("confab_bus_lag_seconds").record(lag);
            return;
        }
        let mut dedup = self.dedup.lock().unwrap_or_else(PoisonError::into_inner);
        if dedup.is_copy(head.node, head.number) {
            return;
        }
        drop(dedup);
        metrics::counter!("confab_bus_received_total", "kind" => head.kind.word()).increment(1);
        let event = (head.kind == Kind::Event).then(|| wire::read_event(json)).flatten();
        match (event, head.kind, head.version) {
            (Some(event), ..) => self.sockets.deliver(event),
            (None, Kind::Lost, _) => self.sockets.compare(Doubt::Everything),
            (None, Kind::Follows, Some((chat, _))) => self.outbox.meet(chat),
            (None, _, Some((chat, version))) => self.sockets.reached(chat, version),
            (None, ..) => {}
        }
    }
}

fn chat_of(topic: &Topic) -> Option<ChatId> {
    match topic {
        Topic::Chat(chat) => Some(*chat),
        Topic::Person(_) => None,
    }
}
