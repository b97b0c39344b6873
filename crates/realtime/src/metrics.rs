//! What is counted of sockets: how many there are, and what they are told and how soon.

use crate::close::CloseCode;
use crate::delivery::Delivery;
use crate::hub::Hub;
use domain::clock::Timestamp;
use domain::event::EventBody;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::sync::{LazyLock, Mutex, PoisonError};

/// The metrics of the sockets of one protocol.
struct Meters {
    protocol: &'static str,
    open: Gauge,
    requests: Counter,
    deliveries: Counter,
    seconds: Histogram,
}

/// Those of each protocol, which are looked up once and are there as long as the process: a socket that looked them
/// up itself would do so at each connect.
static METERS: Mutex<Vec<&'static Meters>> = Mutex::new(Vec::new());

impl Meters {
    fn of(protocol: &'static str) -> &'static Self {
        let mut all = METERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter().find(|meters| meters.protocol == protocol) {
            return known;
        }
        let meters = Box::leak(Box::new(Self {
            protocol,
            open: gauge!("confab_connections", "protocol" => protocol),
            requests: counter!("confab_socket_frames_total", "protocol" => protocol),
            deliveries: counter!("confab_deliveries_total", "protocol" => protocol),
            seconds: histogram!("confab_delivery_seconds", "protocol" => protocol),
        }));
        all.push(meters);
        meters
    }
}

/// The metrics of the socket that is served, while it is.
pub(crate) struct Meter(&'static Meters);

impl Meter {
    pub(crate) fn new(protocol: &'static str) -> Self {
        let meters = Meters::of(protocol);
        meters.open.increment(1);
        Self(meters)
    }

    /// A frame came that asks for something.
    pub(crate) fn asked(&self) {
        self.0.requests.increment(1);
    }

    /// A frame for this was handed to the system now.
    pub(crate) fn delivered(&self, delivery: &Delivery, now: Timestamp) {
        self.0.deliveries.increment(1);
        if let EventBody::MessageCreated(message) = &delivery.event.body {
            self.0.seconds.record(now.since(message.created_at));
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.0.open.decrement(1);
    }
}

/// A socket was closed for that reason.
pub(crate) fn closed(code: CloseCode) {
    counter!("confab_sockets_closed_total", "code" => (code as u16).to_string()).increment(1);
}

/// Bytes that wait for the connections of sockets to take them; none when this is dropped.
#[derive(Default)]
pub(crate) struct Waiting(usize);

static WAITING: LazyLock<Gauge> = LazyLock::new(|| gauge!("confab_output_bytes"));

impl Waiting {
    /// So many now.
    #[expect(clippy::cast_precision_loss, reason = "nobody has so much memory")]
    pub(crate) fn set(&mut self, bytes: usize) {
        let before = std::mem::replace(&mut self.0, bytes);
        if bytes > before {
            WAITING.increment((bytes - before) as f64);
        } else if bytes < before {
            WAITING.decrement((before - bytes) as f64);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.set(0);
    }
}

struct Mailboxes {
    waiting: Gauge,
    fullest: Gauge,
}

static MAILBOXES: LazyLock<Mailboxes> = LazyLock::new(|| Mailboxes {
    waiting: gauge!("confab_mailbox_events"),
    fullest: gauge!("confab_mailbox_fullest_events"),
});

/// Shows the metrics of mailboxes, and of the sockets of one protocol, from the start. Those of other
/// protocols appear with the first socket of each. To be called once there is a recorder.
pub fn register(protocol: &'static str) {
    LazyLock::force(&MAILBOXES);
    LazyLock::force(&WAITING);
    drop(Meter::new(protocol));
}

/// Looks at what is not counted as it happens.
pub fn observe(hub: &Hub) {
    let (mut waiting, mut fullest) = (0_u32, 0);
    for events in hub.waiting() {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        waiting = waiting.saturating_add(events);
        fullest = fullest.max(events);
    }
    MAILBOXES.waiting.set(waiting);
    MAILBOXES.fullest.set(fullest);
}
