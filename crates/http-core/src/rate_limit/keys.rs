//! The rates of service keys.

use domain::limits::SERVICE_KEYS;
use domain::service_key::KeyRate;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the count of an idle key is kept. Its whole rate is available again after a second, so longer
/// than needed; it also means that the key is known ([`KeyRates::knows`]).
const MEMORY: Duration = Duration::from_secs(60);

/// Counts the requests of each valid key. Keys are told apart by a hash of the token.
#[derive(Default)]
pub(super) struct KeyRates(Mutex<HashMap<u64, Counted>>);

struct Counted {
    limiter: DefaultDirectRateLimiter,
    last: Instant,
}

impl KeyRates {
    /// Whether a key was valid a moment ago. Requests with unknown tokens count against their address instead.
    pub(super) fn knows(&self, key: u64) -> bool {
        self.counted().contains_key(&key)
    }

    /// Counts a request of a valid key. If it is too often, returns how long to wait.
    pub(super) fn check(&self, key: u64, rate: KeyRate) -> Result<(), Duration> {
        let mut counted = self.counted();
        if counted.len() >= SERVICE_KEYS && !counted.contains_key(&key) {
            // There cannot be more valid keys than that, so some of these were revoked. Counting anew is
            // cheaper than finding out which.
            counted.clear();
        }
        let new = || RateLimiter::direct(Quota::per_second(rate.per_second()));
        let known =
            counted.entry(key).or_insert_with(|| Counted { limiter: new(), last: Instant::now() });
        known.last = Instant::now();
        known.limiter.check().map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets a key that is not valid any more.
    pub(super) fn forget(&self, key: u64) {
        self.counted().remove(&key);
    }

    /// Forgets idle keys. Called now and then.
    pub(super) fn forget_idle(&self) {
        self.counted().retain(|_, counted| counted.last.elapsed() < MEMORY);
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<u64, Counted>> {
        // No code panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_rate() {
        let rates = KeyRates::default();
        let (slow, fast) = (KeyRate::new(5).unwrap(), KeyRate::new(200).unwrap());
        assert!(!rates.knows(1));
        let passed = |key, rate| (0..1_000).take_while(|_| rates.check(key, rate).is_ok()).count();
        let (slowly, quickly) = (passed(1, slow), passed(2, fast));
        assert!(
            (5..200).contains(&slowly) && (200..1_000).contains(&quickly),
            "{slowly} {quickly}"
        );
        let wait = rates.check(1, slow).unwrap_err();
        assert!(wait <= Duration::from_millis(200), "{wait:?}");
        assert!(rates.knows(1) && rates.knows(2) && !rates.knows(3));
        rates.forget(1);
        assert!(!rates.knows(1));
    }

    #[test]
    fn no_more_keys_are_remembered_than_there_are() {
        let rates = KeyRates::default();
        for key in 0..3 * SERVICE_KEYS as u64 {
            rates.check(key, KeyRate::default()).unwrap();
            assert!(rates.knows(key) && rates.counted().len() <= SERVICE_KEYS);
        }
    }
}
