//! Publishing this node's events to other nodes.

use crate::backoff::Backoff;
use crate::channels::{Channels, only_chat};
use crate::connection::Connection;
use crate::link::{Link, plainly};
use crate::node::Node;
use crate::peer_interest::{PeerInterest, Untold};
use crate::pending_sync::{Missed, PendingSync};
use crate::wire::{Head, Kind};
use domain::event::Event;
use domain::ids::{ChatId, Version};
use domain::nodes::Topic;
use redis::{RedisError, RedisResult, Value};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How many events may wait for Redis. Further ones are not sent, but recorded as pending sync.
const QUEUE: usize = 4_096;
/// How many events are sent together.
const BATCH: usize = 256;
/// The least time between two batches. A single event goes out at once; under load, events are batched, which
/// saves round trips and lets Redis and the other nodes read them together.
const PACE: Duration = Duration::from_millis(2);
/// How long shutting down waits for queued events.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A queue to Redis. Putting something in never waits.
pub(crate) struct Outbox {
    queue: mpsc::Sender<Parcel>,
    pending: Mutex<PendingSync>,
    work: Notify,
    /// Whether Redis is connected and takes events.
    open: AtomicBool,
    /// How many parcels are neither sent nor recorded as pending sync yet.
    unsettled: AtomicU64,
    idle: Notify,
    channels: Channels,
    peers: PeerInterest,
    node: Node,
    last_number: AtomicU64,
}

struct Parcel {
    channels: Vec<String>,
    /// The chat, if its channel is the only one.
    chat: Option<ChatId>,
    frame: Vec<u8>,
    missed: Missed,
}

impl Outbox {
    pub(crate) fn start(link: Link, channels: Channels, node: Node) -> Arc<Self> {
        let (queue, parcels) = mpsc::channel(QUEUE);
        let outbox = Arc::new(Self {
            queue,
            pending: Mutex::default(),
            work: Notify::new(),
            open: AtomicBool::new(false),
            unsettled: AtomicU64::new(0),
            idle: Notify::new(),
            channels,
            peers: PeerInterest::default(),
            node,
            last_number: AtomicU64::new(0),
        });
        tokio::spawn(Arc::clone(&outbox).run(link, parcels));
        outbox
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Publishes an event, or records what other nodes missed, unless no other node follows the chat.
    pub(crate) fn send(&self, event: &Event) {
        let (chat, version) = (only_chat(event), event.body.version());
        if chat.is_some_and(|chat| self.peers.keeps(chat, version.map(|(_, at)| at))) {
            metrics::counter!("confab_bus_kept_total").increment(1);
            return;
        }
        let missed = Missed::of(event);
        if !self.is_open() {
            self.enqueue(missed);
            return;
        }
        let Ok(place) = self.queue.try_reserve() else {
            metrics::counter!("confab_bus_dropped_total").increment(1);
            // An older presence of the same person may still be queued; it must not arrive after this one.
            if !matches!(missed, Missed::Presence(..)) {
                self.enqueue(missed);
            }
            return;
        };
        self.unsettled.fetch_add(1, Ordering::Relaxed);
        let channels = self.channels.of_event(event);
        let frame = self.head(Kind::Event, version).frame_of(event);
        place.send(Parcel { channels, chat, frame, missed });
    }

    /// The frame that tells other nodes that this node now follows the chat.
    pub(crate) fn greeting(&self, chat: ChatId) -> Vec<u8> {
        self.head(Kind::Follows, Some((chat, Version::ZERO))).frame()
    }

    /// Notes that this node now follows the chat, and hears of others that follow it.
    pub(crate) fn follow(&self, chat: ChatId) {
        self.peers.follow(chat);
    }

    /// Another node has started to follow this chat.
    pub(crate) fn meet(&self, chat: ChatId) {
        self.tell_of(self.peers.meet(chat));
    }

    /// This node no longer follows the chat.
    pub(crate) fn leave(&self, chat: ChatId) {
        self.tell_of(self.peers.leave(chat));
    }

    /// This node no longer follows any chat.
    pub(crate) fn leave_all(&self) {
        self.tell_of(self.peers.leave_all());
    }

    fn tell_of(&self, untold: impl IntoIterator<Item = Untold>) {
        for (chat, version) in untold {
            self.enqueue(Missed::Reached(chat, version));
        }
    }

    /// Tells the others that unknown events were lost, so that they compare everything.
    pub(crate) fn lost(&self) {
        self.enqueue(Missed::Lost);
    }

    /// Waits until all queued events are sent, with a short timeout.
    pub(crate) async fn close(&self) {
        let told = async {
            loop {
                let idle = self.idle.notified();
                if self.unsettled.load(Ordering::Relaxed) == 0 {
                    return;
                }
                idle.await;
            }
        };
        // Other nodes find what was not sent in the database.
        let _ = timeout(LAST_WORDS, told).await;
    }

    fn head(&self, kind: Kind, version: Option<(ChatId, Version)>) -> Head {
        Head { node: self.node.id, number: self.number(), kind, version }
    }

    /// A frame's number: the microseconds since the node started, or one more than the last number. From
    /// it a node can tell how long its own frames took to come back.
    fn number(&self) -> u64 {
        let now = u64::try_from(self.node.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let after = |last: u64| Some(now.max(last + 1));
        let last = self.last_number.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after);
        now.max(last.unwrap_or_default() + 1)
    }

    fn enqueue(&self, missed: Missed) {
        if missed != Missed::Nothing {
            self.pending().enqueue(missed);
            self.work.notify_one();
        }
    }

    fn pending(&self) -> MutexGuard<'_, PendingSync> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, link: Link, mut parcels: mpsc::Receiver<Parcel>) {
        let mut backoff = Backoff::new();
        loop {
            match link.open(|_| {}).await {
                Ok(connection) => {
                    self.open.store(true, Ordering::Relaxed);
                    let began = Instant::now();
                    let error = self.tell(&connection, &mut parcels).await;
                    backoff.connected_since(began.into_std());
                    tracing::warn!(error = plainly(&error), "events do not reach Redis");
                }
                Err(error) => backoff.report(&error),
            }
            self.open.store(false, Ordering::Relaxed);
            metrics::counter!("confab_bus_reconnects_total", "side" => "publish").increment(1);
            while let Ok(parcel) = parcels.try_recv() {
                self.done(1, Some(parcel.missed));
            }
            sleep(backoff.next()).await;
        }
    }

    /// Publishes queued events until the connection breaks.
    async fn tell(
        &self,
        connection: &Connection,
        parcels: &mut mpsc::Receiver<Parcel>,
    ) -> RedisError {
        let mut batch = Vec::with_capacity(BATCH);
        let mut next = Instant::now();
        loop {
            if let Err(error) = self.flush(connection).await {
                return error;
            }
            tokio::select! {
                _ = parcels.recv_many(&mut batch, BATCH) => {}
                () = self.work.notified() => {}
                error = connection.broken() => return error,
            }
            sleep_until(next).await;
            while batch.len() < BATCH
                && let Ok(parcel) = parcels.try_recv()
            {
                batch.push(parcel);
            }
            next = Instant::now() + PACE;
            let told = self.publish(connection, &batch).await;
            for parcel in batch.drain(..) {
                self.done(1, told.is_err().then_some(parcel.missed));
            }
            if let Err(error) = told {
                return error;
            }
        }
    }

    async fn publish(&self, connection: &Connection, batch: &[Parcel]) -> RedisResult<()> {
        let mut told = connection.batch();
        let mut chats = Vec::with_capacity(batch.len());
        for Parcel { channels, chat, frame, .. } in batch {
            for channel in channels {
                told.publish(channel, frame)?;
                chats.push(*chat);
            }
        }
        let age = self.peers.age();
        let listeners = told.send().await?;
        if connection.knows_listeners() {
            for (chat, listeners) in chats.into_iter().zip(listeners) {
                if let (Some(chat), Value::Int(listeners)) = (chat, listeners) {
                    self.peers.count(age, chat, listeners);
                }
            }
        }
        metrics::counter!("confab_bus_published_total").increment(batch.len() as u64);
        Ok(())
    }

    /// Sends what is recorded as pending sync.
    async fn flush(&self, connection: &Connection) -> RedisResult<()> {
        let pending = std::mem::take(&mut *self.pending());
        let flushed = self.send_pending(connection, &pending).await;
        if flushed.is_err() {
            self.pending().merge(pending);
        }
        flushed
    }

    async fn send_pending(
        &self,
        connection: &Connection,
        pending: &PendingSync,
    ) -> RedisResult<()> {
        let chats: Vec<_> = pending.reached.iter().collect();
        for some in chats.chunks(BATCH) {
            let mut told = connection.batch();
            for (chat, version) in some {
                let head = self.head(Kind::Reached, Some((**chat, **version)));
                told.publish(&self.channels.of(Topic::Chat(**chat)), &head.frame())?;
            }
            told.send().await?;
        }
        let people: Vec<_> = pending.presence.values().collect();
        for some in people.chunks(BATCH) {
            let mut told = connection.batch();
            for event in some {
                let frame = self.head(Kind::Event, None).frame_of(event);
                for channel in self.channels.of_event(event) {
                    told.publish(&channel, &frame)?;
                }
            }
            told.send().await?;
        }
        if pending.lost {
            let mut told = connection.batch();
            told.publish(&self.channels.all(), &self.head(Kind::Lost, None).frame())?;
            told.send().await?;
        }
        Ok(())
    }

    /// Counts parcels as settled: they were sent, or recorded as pending sync.
    fn done(&self, parcels: u64, missed: Option<Missed>) {
        if let Some(missed) = missed {
            self.enqueue(missed);
        }
        if self.unsettled.fetch_sub(parcels, Ordering::Relaxed) == parcels {
            self.idle.notify_waiters();
        }
    }
}
