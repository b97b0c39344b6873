//! Sockets: how many there are, what they are told and how soon, and how they caught up.

use crate::realtime::{CloseCode, Delivery, Hub};
use domain::clock::{Clock, SystemClock};
use domain::event::EventBody;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::sync::LazyLock;

/// The figures of the socket that is served, while it is.
pub(crate) struct Meter {
    open: Gauge,
    requests: Counter,
    deliveries: Counter,
    seconds: Histogram,
}

impl Meter {
    pub(crate) fn new(protocol: &'static str) -> Self {
        let open = gauge!("confab_connections", "protocol" => protocol);
        open.increment(1);
        Self {
            open,
            requests: counter!("confab_socket_frames_total", "protocol" => protocol),
            deliveries: counter!("confab_deliveries_total", "protocol" => protocol),
            seconds: histogram!("confab_delivery_seconds", "protocol" => protocol),
        }
    }

    /// A frame came that asks for something.
    pub(crate) fn asked(&self) {
        self.requests.increment(1);
    }

    /// A frame for this was handed to the system.
    pub(crate) fn delivered(&self, delivery: &Delivery) {
        self.deliveries.increment(1);
        if let EventBody::MessageCreated(message) = &delivery.event.body {
            self.seconds.record(SystemClock.now().since(message.created_at));
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.open.decrement(1);
    }
}

/// A socket was closed for that reason.
pub(crate) fn closed(code: CloseCode) {
    counter!("confab_sockets_closed_total", "code" => (code as u16).to_string()).increment(1);
}

/// What came of catching up, for each chat that a client named.
pub(crate) struct Resumes {
    pub(crate) caught_up: Counter,
    pub(crate) more: Counter,
    pub(crate) reset: Counter,
    pub(crate) gone: Counter,
    pub(crate) failed: Counter,
}

static RESUMES: LazyLock<Resumes> = LazyLock::new(|| {
    let of = |outcome| counter!("confab_resumes_total", "outcome" => outcome);
    Resumes {
        caught_up: of("caught_up"),
        more: of("more"),
        reset: of("reset"),
        gone: of("gone"),
        failed: of("failed"),
    }
});

impl Resumes {
    pub(crate) fn get() -> &'static Self {
        &RESUMES
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

pub(super) fn register() {
    LazyLock::force(&RESUMES);
    LazyLock::force(&MAILBOXES);
    // The other figures of sockets are the protocols', and appear with the first socket of each.
    drop(Meter::new(crate::native::PROTOCOL));
}

pub(super) fn observe(hub: &Hub) {
    let (mut waiting, mut fullest) = (0_u32, 0);
    for events in hub.waiting() {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        waiting = waiting.saturating_add(events);
        fullest = fullest.max(events);
    }
    MAILBOXES.waiting.set(waiting);
    MAILBOXES.fullest.set(fullest);
}
