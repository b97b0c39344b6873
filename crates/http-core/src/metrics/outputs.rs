//! Metrics of accounts' unread output.

use crate::rate_limit::RateLimits;
use metrics::{Gauge, gauge};
use std::sync::LazyLock;

static MOST: LazyLock<Gauge> = LazyLock::new(|| gauge!("confab_account_output_bytes"));

pub(super) fn register() {
    LazyLock::force(&MOST);
}

/// Samples the metrics that are not updated when something happens.
#[expect(clippy::cast_precision_loss, reason = "nobody has so much memory")]
pub fn observe(limits: &RateLimits) {
    MOST.set(limits.most_output() as f64);
}
