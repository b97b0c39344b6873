//! One rate limit, counted for each key by itself. A key is an account or an address.

use domain::limits::{RATE_KEYS, Rate};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Keyed<K, C> = RateLimiter<K, HashMapStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Counts by the generic cell rate algorithm: a key has `burst` requests at once, and gets one back every
/// `every`.
pub(super) struct Limiter<K: Hash + Eq + Clone, C: Clock = DefaultClock> {
    quota: Quota,
    clock: C,
    /// The number of keys to remember at most, which bounds the memory.
    most: usize,
    keyed: Mutex<Keyed<K, C>>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    pub(super) fn new(rate: Rate) -> Self {
        Self::with_clock(rate, RATE_KEYS, DefaultClock::default())
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Limiter<K, C> {
    fn with_clock(rate: Rate, most: usize, clock: C) -> Self {
        let quota = Quota::with_period(rate.every).expect("no rate gives back at once");
        let quota = quota.allow_burst(rate.burst);
        let keyed = Mutex::new(RateLimiter::hashmap_with_clock(quota, clock.clone()));
        Self { quota, clock, most, keyed }
    }

    /// Counts one request of this key. Refuses it if there are too many, with the time until the next is allowed;
    /// a refused request does not count.
    pub(super) fn check(&self, key: &K) -> Result<(), Duration> {
        let mut keyed = self.keyed();
        if keyed.len() >= self.most {
            self.make_room(&mut keyed);
        }
        let checked = keyed.check_key(key);
        checked.map_err(|until: NotUntil<C::Instant>| until.wait_time_from(self.clock.now()))
    }

    /// Forgets keys whose whole burst is available again, so forgetting changes nothing. Called now and then.
    pub(super) fn forget_idle(&self) {
        let keyed = self.keyed();
        keyed.retain_recent();
        keyed.shrink_to_fit();
    }

    /// Makes room for new keys, first by forgetting idle ones. If more than half are still busy, all counts
    /// begin anew: otherwise every new key would search the whole map again, and a flood from so many
    /// addresses is not held off by counting each of them.
    fn make_room(&self, keyed: &mut Keyed<K, C>) {
        keyed.retain_recent();
        if keyed.len() > self.most / 2 {
            *keyed = RateLimiter::hashmap_with_clock(self.quota, self.clock.clone());
            tracing::warn!("more accounts or addresses than are remembered: counting anew");
        }
    }

    fn keyed(&self) -> MutexGuard<'_, Keyed<K, C>> {
        // After a panic at most one key has a wrong count, so a poisoned lock is used on.
        self.keyed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::limits::{LOGINS_PER_ACCOUNT, SENDS_PER_ACCOUNT};
    use governor::clock::FakeRelativeClock;

    fn limiter(rate: Rate, most: usize) -> (Limiter<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limiter::with_clock(rate, most, clock.clone()), clock)
    }

    #[test]
    fn after_the_burst_one_is_given_back_at_a_time() {
        for rate in [LOGINS_PER_ACCOUNT, SENDS_PER_ACCOUNT] {
            let (limiter, clock) = limiter(rate, 10);
            for _ in 0..rate.burst.get() {
                assert_eq!(limiter.check(&1), Ok(()));
            }
            assert_eq!(limiter.check(&1), Err(rate.every));
            assert_eq!(limiter.check(&2), Ok(()), "another key is another matter");
            clock.advance(rate.every / 2);
            assert_eq!(limiter.check(&1), Err(rate.every / 2), "asking does not prolong it");
            clock.advance(rate.every / 2);
            assert_eq!(limiter.check(&1), Ok(()));
            assert_eq!(limiter.check(&1), Err(rate.every));
            clock.advance(rate.every * rate.burst.get());
            for _ in 0..rate.burst.get() {
                assert_eq!(limiter.check(&1), Ok(()), "all are given back");
            }
        }
    }

    #[test]
    fn idle_keys_are_forgotten_and_busy_ones_are_not() {
        let (limiter, clock) = limiter(SENDS_PER_ACCOUNT, 100);
        for _ in 0..SENDS_PER_ACCOUNT.burst.get() {
            limiter.check(&1).unwrap();
        }
        for key in 2..50 {
            limiter.check(&key).unwrap();
        }
        clock.advance(SENDS_PER_ACCOUNT.every * 2);
        limiter.forget_idle();
        assert_eq!(limiter.keyed().len(), 1);
        assert_eq!([limiter.check(&1), limiter.check(&1)], [Ok(()), Ok(())]);
        assert!(limiter.check(&1).is_err());
    }

    #[test]
    fn there_are_never_more_keys_than_fit() {
        let (limiter, clock) = limiter(SENDS_PER_ACCOUNT, 100);
        for key in 0..10_000 {
            limiter.check(&key).unwrap();
            assert!(limiter.keyed().len() <= 100);
            if key % 7 == 0 {
                clock.advance(SENDS_PER_ACCOUNT.every / 10);
            }
        }
    }
}
