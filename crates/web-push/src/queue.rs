//! From a message that was sent to the devices that are told of it, off the way of the sender.

use crate::deliveries::Deliveries;
use domain::event::{Event, EventBody, EventBus};
use domain::limits::{PUSH_DELAY, PUSH_QUEUE};
use domain::push::{Notice, Pushes};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// How long messages are gathered before their chats are looked at all at once: a fraction of
/// [`PUSH_DELAY`].
const GATHER: Duration = Duration::from_millis(100);

/// Stands in front of the bus of this process and notes the messages that were sent here. What
/// other nodes sent comes by another way, so each message is noted once, by the node that stored
/// it.
pub struct QueueingBus {
    bus: Arc<dyn EventBus>,
    noted: mpsc::Sender<Noted>,
    dropped: Arc<AtomicU64>,
}

struct Noted {
    notice: Notice,
    due: Instant,
}

/// The other end: what was noted is sent by [`Rounds::run`].
pub struct Rounds {
    noted: mpsc::Receiver<Noted>,
    pushes: Arc<Pushes>,
    /// Messages that found no room in a queue and of which nothing was said yet.
    dropped: Arc<AtomicU64>,
}

impl QueueingBus {
    /// In front of that bus.
    pub fn new(bus: Arc<dyn EventBus>, pushes: Arc<Pushes>) -> (Self, Rounds) {
        let (sender, noted) = mpsc::channel(PUSH_QUEUE);
        let dropped = Arc::<AtomicU64>::default();
        let courier = Self { bus, noted: sender, dropped: dropped.clone() };
        (courier, Rounds { noted, pushes, dropped })
    }
}

impl EventBus for QueueingBus {
    fn publish(&self, event: Event) {
        if let EventBody::MessageCreated(message) = &event.body {
            let noted = Noted { notice: Notice::of(message), due: Instant::now() + PUSH_DELAY };
            if self.noted.try_send(noted).is_err() {
                // The sender is not to wait for a line of the log: the rounds tell of all at once.
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.bus.publish(event);
    }
}

impl Rounds {
    /// Sends notifications until it is told to stop. What was noted by then is begun at once, and
    /// whoever waits for the end decides for how long. It may be called again after a panic; what
    /// waited for its time then is lost.
    pub async fn run(&mut self, stop: impl Future<Output = ()> + Clone + Send) {
        let (sender, waiting) = mpsc::channel(PUSH_QUEUE);
        let sending = Deliveries::new(self.pushes.clone());
        tokio::join!(self.sift(sender, stop.clone()), tell_in_time(waiting, sending, stop));
    }

    /// Passes on the messages of chats in which somebody could be told. Most are not, so they take
    /// no place among those that wait for their time.
    async fn sift(&mut self, waiting: mpsc::Sender<Noted>, stop: impl Future + Clone) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                _ = stop.clone(), if !self.noted.is_closed() => {
                    self.noted.close();
                    continue;
                }
                taken = self.noted.recv_many(&mut batch, PUSH_QUEUE) => {
                    if taken == 0 {
                        return;
                    }
                }
            }
            tokio::select! {
                _ = stop.clone() => {}
                () = sleep(GATHER) => {}
            }
            while let Ok(more) = self.noted.try_recv() {
                batch.push(more);
            }
            self.pass_on(&mut batch, &waiting).await;
            self.own_up();
        }
    }

    async fn pass_on(&self, batch: &mut Vec<Noted>, waiting: &mpsc::Sender<Noted>) {
        let notices = batch.iter().map(|noted| &noted.notice);
        let reachable = self.pushes.reachable(notices).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known who is to be told of messages");
            HashSet::new()
        });
        for noted in batch.drain(..).filter(|noted| reachable.contains(&noted.notice.chat())) {
            if waiting.try_send(noted).is_err() {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Says how many messages nobody is told of.
    fn own_up(&self) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            metrics::counter!("confab_push_dropped_total").increment(dropped);
            tracing::warn!(dropped, "too many messages wait for their notifications");
        }
    }
}

/// Sends what has waited for its time, in the order in which it came.
async fn tell_in_time(
    mut waiting: mpsc::Receiver<Noted>,
    mut sending: Deliveries,
    stop: impl Future + Clone,
) {
    while let Some(Noted { notice, due }) = waiting.recv().await {
        tokio::select! {
            _ = stop.clone() => {}
            () = sleep_until(due) => {}
        }
        if let Err(error) = sending.tell(Arc::new(notice)).await {
            tracing::warn!(%error, "it is not known who is to be told of a message");
        }
    }
    sending.finish().await;
}
