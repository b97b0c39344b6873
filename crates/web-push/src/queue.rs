//! The queue of messages whose notifications are to be sent. Sending a message never waits for it.

use crate::deliveries::Deliveries;
use domain::event::{Event, EventBody, EventBus};
use domain::limits::{PUSH_DELAY, PUSH_QUEUE, PUSHES_TOGETHER};
use domain::push::{Burst, Notice, Pushes};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// How long messages are gathered, so that one query looks at the chats of all of them. It is part of
/// [`PUSH_DELAY`].
const GATHER: Duration = Duration::from_millis(100);

/// An event bus in front of another one, which queues the messages that are published on it. Messages from
/// other nodes do not come this way, so each message is queued once, by the node that stored it (ADR 28).
pub struct QueueingBus {
    bus: Arc<dyn EventBus>,
    noted: mpsc::Sender<Noted>,
    dropped: Arc<AtomicU64>,
}

/// A message in the queue.
struct Noted {
    notice: Notice,
    /// When its notifications are sent, unless it has been read by then.
    due: Instant,
}

/// The receiving end of the queue; see [`Rounds::run`].
pub struct Rounds {
    noted: mpsc::Receiver<Noted>,
    pushes: Arc<Pushes>,
    /// How many messages did not fit into a queue since this was last logged.
    dropped: Arc<AtomicU64>,
}

impl QueueingBus {
    /// A bus in front of `bus`, and the receiving end of its queue.
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
                // Logged by [`Rounds`], all at once: the sender must not wait for the log.
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.bus.publish(event);
    }
}

impl Rounds {
    /// Sends notifications until `stop` is ready. Those of messages that are queued then are sent at once,
    /// without their delay; the caller decides how long to wait for that. It may be called again after a
    /// panic, which loses the messages that were waiting for their time.
    pub async fn run(&mut self, stop: impl Future<Output = ()> + Clone + Send) {
        let (sender, waiting) = mpsc::channel(PUSH_QUEUE);
        let sending = Deliveries::new(self.pushes.clone());
        tokio::join!(self.sift(sender, stop.clone()), tell_in_time(waiting, sending, stop));
    }

    /// Passes on the messages of chats in which anybody has a subscription. Most have none, and do not fill
    /// the queue of those that wait for their time.
    async fn sift(&mut self, waiting: mpsc::Sender<Noted>, stop: impl Future + Clone) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                // Closing makes `recv_many` return 0 once the queue is empty, which ends the loop.
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

    /// Counts and logs the messages that did not fit.
    fn own_up(&self) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            metrics::counter!("confab_push_dropped_total").increment(dropped);
            tracing::warn!(dropped, "too many messages wait for their notifications");
        }
    }
}

/// Sends the notifications of messages when they are due, in the order of the queue: all wait equally long, so a
/// message is never due before the one ahead of it. Those that are due within [`GATHER`] are sent together, so that
/// the recipients of a burst in one chat are listed once.
async fn tell_in_time(
    mut waiting: mpsc::Receiver<Noted>,
    mut sending: Deliveries,
    stop: impl Future + Clone,
) {
    let mut ahead = None;
    loop {
        let first: Option<Noted> = match ahead.take() {
            Some(first) => Some(first),
            None => waiting.recv().await,
        };
        let Some(Noted { notice, due }) = first else { break };
        tokio::select! {
            _ = stop.clone() => {}
            () = sleep_until(due) => {}
        }
        let (mut together, soon) = (vec![notice], Instant::now().max(due) + GATHER);
        while together.len() < PUSHES_TOGETHER
            && let Ok(next) = waiting.try_recv()
        {
            if next.due > soon {
                ahead = Some(next);
                break;
            }
            together.push(next.notice);
        }
        for burst in Burst::gather(together) {
            if let Err(error) = sending.tell(burst).await {
                tracing::warn!(%error, "it is not known who is to be told of messages");
            }
        }
    }
    sending.finish().await;
}
