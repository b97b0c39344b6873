//! Metrics of sending messages, from the request to the acknowledgement.

use domain::message::{Appended, Messages, Send, SendError};
use domain::session::Caller;
use metrics::{Counter, Histogram, counter, histogram};
use std::sync::LazyLock;
use std::time::Instant;
use tracing::{Instrument, trace_span};

static SENDS: LazyLock<Sends> = LazyLock::new(Sends::new);

struct Sends {
    stored: Counter,
    replayed: Counter,
    refused: Counter,
    failed: Counter,
    seconds: Histogram,
}

impl Sends {
    fn new() -> Self {
        let of = |outcome| counter!("confab_sends_total", "outcome" => outcome);
        Self {
            stored: of("stored"),
            replayed: of("replayed"),
            refused: of("refused"),
            failed: of("failed"),
            seconds: histogram!("confab_send_seconds"),
        }
    }
}

pub(super) fn register() {
    LazyLock::force(&SENDS);
}

/// Sends a message and records it, for all protocols. Rendering the answer is not included.
pub async fn send(
    messages: &Messages,
    caller: &Caller,
    command: Send<'_>,
) -> Result<Appended, SendError> {
    let began = Instant::now();
    let sent = messages.send(caller, command).instrument(trace_span!("send")).await;
    match &sent {
        Ok(Appended { replayed, .. }) => {
            SENDS.seconds.record(began.elapsed());
            if *replayed { &SENDS.replayed } else { &SENDS.stored }
        }
        Err(SendError::Store(_)) => &SENDS.failed,
        Err(_) => &SENDS.refused,
    }
    .increment(1);
    sent
}
