//! Metrics of catching up.

use metrics::{Counter, counter};
use std::sync::LazyLock;

/// The results of catching up, for each chat that a client named.
pub(super) struct Resumes {
    pub(super) caught_up: Counter,
    pub(super) more: Counter,
    pub(super) reset: Counter,
    pub(super) gone: Counter,
    pub(super) failed: Counter,
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
    pub(super) fn get() -> &'static Self {
        &RESUMES
    }
}

/// Registers them with the value 0.
pub(crate) fn register() {
    LazyLock::force(&RESUMES);
}
