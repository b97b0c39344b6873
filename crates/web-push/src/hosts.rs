//! How push services do, so that one that fails is left alone for a while.

use domain::limits::{PUSH_HOST_FAILURES, PUSH_HOST_REST, PUSH_HOSTS, PUSH_SLOW};
use domain::push::Delivery;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often each failed in a row, and when that was the last time.
#[derive(Default)]
pub(crate) struct Hosts {
    failing: Mutex<HashMap<String, (u32, Instant)>>,
}

impl Hosts {
    /// Whether a service is to be left alone now.
    pub(crate) fn rests(&self, host: &str, now: Instant) -> bool {
        let failing = self.failing();
        failing.get(host).is_some_and(|(failures, last)| {
            *failures >= PUSH_HOST_FAILURES && now.duration_since(*last) < PUSH_HOST_REST
        })
    }

    /// Notes what a service answered, and how long that took. After a rest one failure begins the next.
    pub(crate) fn note(&self, host: &str, delivery: Delivery, took: Duration) {
        let mut failing = self.failing();
        if !is_failure(delivery, took) {
            failing.remove(host);
            return;
        }
        if failing.len() >= PUSH_HOSTS && !failing.contains_key(host) {
            failing.clear();
        }
        let (failures, last) = failing.entry(host.to_owned()).or_insert((0, Instant::now()));
        *failures = failures.saturating_add(1);
        *last = Instant::now();
        if *failures == PUSH_HOST_FAILURES {
            tracing::info!(host, "a push service fails, so it is left alone for a while");
        }
    }

    fn failing(&self) -> MutexGuard<'_, HashMap<String, (u32, Instant)>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever says when to come back does answer.
fn is_failure(delivery: Delivery, took: Duration) -> bool {
    delivery == Delivery::Later(None) || took > PUSH_SLOW
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(100);
    const FAILURE: Delivery = Delivery::Later(None);

    #[test]
    fn a_service_that_fails_rests_and_no_other() {
        let (hosts, now) = (Hosts::default(), Instant::now);
        for nth in 0..PUSH_HOST_FAILURES {
            assert!(!hosts.rests("bad", now()), "after {nth}");
            hosts.note("bad", FAILURE, SOON);
        }
        assert!(hosts.rests("bad", now()) && !hosts.rests("good", now()));
        let later = now() + PUSH_HOST_REST;
        assert!(!hosts.rests("bad", later), "it is tried again");
        hosts.note("bad", FAILURE, SOON);
        assert!(hosts.rests("bad", now()), "and rests at once");
        hosts.note("bad", Delivery::Taken, SOON);
        assert!(!hosts.rests("bad", now()));
    }

    #[test]
    fn what_is_slow_fails_and_what_is_busy_does_not() {
        let slow = PUSH_SLOW + SOON;
        for (delivery, took, expected) in [
            (Delivery::Taken, SOON, false),
            (Delivery::Taken, slow, true),
            (Delivery::Refused, SOON, false),
            (Delivery::Gone, SOON, false),
            (Delivery::Later(Some(SOON)), SOON, false),
            (Delivery::Later(Some(SOON)), slow, true),
            (FAILURE, SOON, true),
        ] {
            let hosts = Hosts::default();
            for _ in 0..PUSH_HOST_FAILURES {
                hosts.note("host", delivery, took);
            }
            assert_eq!(hosts.rests("host", Instant::now()), expected, "{delivery:?} {took:?}");
        }
    }

    #[test]
    fn a_success_between_begins_anew_and_memory_is_bounded() {
        let hosts = Hosts::default();
        for nth in 0..2 * PUSH_HOST_FAILURES {
            let delivery = if nth % 4 == 3 { Delivery::Taken } else { FAILURE };
            hosts.note("host", delivery, SOON);
        }
        assert!(!hosts.rests("host", Instant::now()));
        for nth in 0..2 * PUSH_HOSTS {
            hosts.note(&format!("{nth}"), FAILURE, SOON);
        }
        assert!(hosts.failing().len() <= PUSH_HOSTS);
    }
}
