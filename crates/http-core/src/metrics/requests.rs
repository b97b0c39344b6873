//! Metrics of requests, by class and status.

use crate::rate_limit::Class;
use actix_web::http::StatusCode;
use metrics::{Counter, Histogram, counter, histogram};
use std::sync::OnceLock;
use std::time::Duration;

/// How a request arrived.
#[derive(Debug, Clone, Copy)]
pub enum Via {
    Http,
    Socket,
}

/// The possible HTTP statuses: 100 to 599.
const STATUSES: usize = 500;
/// The classes, and one more for requests that count for no rate limit.
const CLASSES: usize = 1 + Class::ALL.len();

static COUNTS: [[[OnceLock<Counter>; STATUSES]; CLASSES]; 2] =
    [const { [const { [const { OnceLock::new() }; STATUSES] }; CLASSES] }; 2];
static TIMES: [[OnceLock<Histogram>; CLASSES]; 2] =
    [const { [const { OnceLock::new() }; CLASSES] }; 2];

/// Records that a request of that class was answered; `None` is a health check.
pub fn answered(via: Via, class: Option<Class>, status: StatusCode, took: Duration) {
    let place = class.map_or(0, |class| 1 + class as usize);
    let word = || class.map_or("health", Class::word);
    let via_word = || match via {
        Via::Http => "http",
        Via::Socket => "socket",
    };
    let count = COUNTS[via as usize][place].get(usize::from(status.as_u16()) - 100);
    if let Some(count) = count {
        let make = || {
            let status = status.as_str().to_owned();
            counter!("confab_requests_total", "via" => via_word(), "class" => word(), "status" => status)
        };
        count.get_or_init(make).increment(1);
    }
    let make = || histogram!("confab_request_seconds", "via" => via_word(), "class" => word());
    TIMES[via as usize][place].get_or_init(make).record(took);
}
