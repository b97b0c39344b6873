//! Limiting how many notifications are sent to each host and each account, so that none takes all places.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// With more keys than this, unused ones are removed.
const TIDY: usize = 1_024;

/// A number of places for each key.
pub(crate) struct Places<K> {
    each: usize,
    used: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Eq + Hash> Places<K> {
    pub(crate) fn new(each: usize) -> Self {
        Self { each, used: Mutex::default() }
    }

    /// The places of a key. They are shared as long as somebody holds them or a permit.
    pub(crate) fn of(&self, key: K) -> Arc<Semaphore> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= TIDY && !used.contains_key(&key) {
            used.retain(|_, places| Arc::strong_count(places) > 1);
        }
        used.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_and_what_nobody_holds_is_forgotten() {
        let places = Places::new(2);
        let one = places.of(0);
        let held = [one.clone().try_acquire_owned().unwrap(), one.try_acquire_owned().unwrap()];
        assert!(places.of(0).try_acquire().is_err());
        for key in 1..10 * TIDY {
            assert!(places.of(key).try_acquire().is_ok(), "{key}");
        }
        assert!(places.used.lock().unwrap().len() <= TIDY);
        assert!(places.of(0).try_acquire().is_err(), "who holds some is known");
        drop(held);
        assert!(places.of(0).try_acquire().is_ok());
    }
}
