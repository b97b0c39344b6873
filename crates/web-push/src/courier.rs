//! From a message that was sent to the devices that are told of it, off the way of the sender.

use domain::event::{Event, EventBody, EventBus};
use domain::failure::StoreError;
use domain::limits::{
    PUSH_ATTEMPTS, PUSH_DELAY, PUSH_QUEUE, PUSH_RETRY_WAIT, PUSH_RETRY_WAIT_MAX, PUSHES_AT_ONCE,
    PUSHES_TO_RETRY,
};
use domain::push::{Delivery, Due, Notice, Pushes};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// Messages that are looked at together.
const BATCH: usize = 256;

/// Stands in front of the bus of this process and notes the messages that were sent here. What
/// other nodes sent comes by another way, so each message is noted once, by the node that stored
/// it.
pub struct Courier {
    bus: Arc<dyn EventBus>,
    queue: mpsc::Sender<Noted>,
    way: Arc<Way>,
}

struct Noted {
    notice: Notice,
    due: Instant,
}

/// The other end: what was noted is sent by [`Rounds::run`].
pub struct Rounds {
    queue: mpsc::Receiver<Noted>,
    way: Arc<Way>,
    sending: JoinSet<()>,
}

/// What everything that is being sent shares.
struct Way {
    pushes: Arc<Pushes>,
    at_once: Semaphore,
    to_retry: Semaphore,
    /// Messages that found no room in the queue and of which nothing was said yet.
    dropped: AtomicU64,
}

impl Courier {
    /// In front of that bus.
    pub fn new(bus: Arc<dyn EventBus>, pushes: Arc<Pushes>) -> (Self, Rounds) {
        let (sender, queue) = mpsc::channel(PUSH_QUEUE);
        let at_once = Semaphore::new(PUSHES_AT_ONCE);
        let to_retry = Semaphore::new(PUSHES_TO_RETRY);
        let way = Arc::new(Way { pushes, at_once, to_retry, dropped: AtomicU64::new(0) });
        let courier = Self { bus, queue: sender, way: way.clone() };
        (courier, Rounds { queue, way, sending: JoinSet::new() })
    }
}

impl EventBus for Courier {
    fn publish(&self, event: Event) {
        if let EventBody::MessageCreated(message) = &event.body {
            let noted = Noted { notice: Notice::of(message), due: Instant::now() + PUSH_DELAY };
            if self.queue.try_send(noted).is_err() {
                // The sender is not to wait for a line of the log: the rounds tell of all at once.
                self.way.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.bus.publish(event);
    }
}

impl Rounds {
    /// Sends notifications until it is told to stop. What was noted by then is begun at once, and
    /// whoever waits for the end decides for how long.
    pub async fn run(mut self, stop: impl Future<Output = ()> + Send) {
        let (mut stop, mut stopping) = (pin!(stop), false);
        let mut batch = Vec::new();
        loop {
            let due = batch.last().map(|noted: &Noted| noted.due);
            tokio::select! {
                () = &mut stop, if !stopping => {
                    stopping = true;
                    self.queue.close();
                }
                taken = self.queue.recv_many(&mut batch, BATCH), if due.is_none() => {
                    if taken == 0 {
                        break;
                    }
                }
                () = wait_until(due.filter(|_| !stopping)), if due.is_some() => {
                    self.tell_all(&mut batch).await;
                }
            }
        }
        while self.sending.join_next().await.is_some() {}
    }

    async fn tell_all(&mut self, batch: &mut Vec<Noted>) {
        self.way.own_up();
        let notices = batch.drain(..).map(|noted| noted.notice).collect();
        match self.way.pushes.reachable(notices).await {
            Ok(notices) => {
                for notice in notices {
                    if let Err(error) = self.tell(Arc::new(notice)).await {
                        tracing::warn!(%error, "it is not known who is to be told of a message");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "it is not known who is to be told of messages"),
        }
    }

    async fn tell(&mut self, notice: Arc<Notice>) -> Result<(), StoreError> {
        let mut from = None;
        loop {
            let page = self.way.pushes.due(&notice, from).await?;
            for due in page.due {
                while self.sending.try_join_next().is_some() {}
                // Those that wait to be tried again are bounded by themselves.
                let Ok(place) = self.way.at_once.acquire().await else { return Ok(()) };
                place.forget();
                let (way, notice) = (self.way.clone(), notice.clone());
                self.sending.spawn(async move { way.send(&notice, due).await });
            }
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(()),
            }
        }
    }
}

async fn wait_until(due: Option<Instant>) {
    if let Some(due) = due {
        sleep_until(due).await;
    }
}

/// Gives a place among those that are sent at once back, however that ends.
struct Place<'a>(&'a Semaphore);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

impl Way {
    /// Says how many messages nobody is told of.
    fn own_up(&self) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            metrics::counter!("confab_push_dropped_total").increment(dropped);
            tracing::warn!(dropped, "too many messages wait for their notifications");
        }
    }

    /// Tries until it is known what becomes of it. Whoever calls has taken a place for it.
    async fn send(&self, notice: &Notice, mut due: Due) {
        let mut place = Some(Place(&self.at_once));
        for attempt in 1..=PUSH_ATTEMPTS {
            let wait = match self.pushes.deliver(&due).await {
                Ok(Delivery::Later(wait)) => {
                    wait.unwrap_or(PUSH_RETRY_WAIT * 2_u32.pow(attempt - 1))
                }
                Ok(delivery) => return count(outcome(delivery)),
                Err(error) => {
                    tracing::warn!(%error, "a subscription that is gone was not forgotten");
                    return count("gone");
                }
            };
            place.take();
            if attempt == PUSH_ATTEMPTS || wait > PUSH_RETRY_WAIT_MAX {
                break;
            }
            let Ok(_waiting) = self.to_retry.try_acquire() else { break };
            sleep(wait).await;
            let Ok(taken) = self.at_once.acquire().await else { break };
            taken.forget();
            place = Some(Place(&self.at_once));
            // Meanwhile the session may have ended, or the message been read.
            match self.pushes.still_due(notice, due.to.session).await {
                Ok(Some(still)) => due = still,
                Ok(None) => return count("moot"),
                Err(error) => {
                    tracing::warn!(%error, "it is not known whether a device is still to be told");
                    break;
                }
            }
        }
        count("given_up");
    }
}

fn outcome(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Taken => "taken",
        Delivery::Gone => "gone",
        Delivery::Refused => "refused",
        Delivery::Later(_) => "given_up",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("confab_push_total", "outcome" => outcome).increment(1);
}
