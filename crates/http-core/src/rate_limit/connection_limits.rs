//! Limiting how many of something there are at once for each key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts slots that are taken and not freed yet.
pub(super) struct ConnectionLimits<K> {
    most: usize,
    taken: Mutex<HashMap<K, usize>>,
}

/// A slot, which is freed when this is dropped.
pub(super) struct ConnectionSlot<K: Hash + Eq> {
    limits: Arc<ConnectionLimits<K>>,
    key: K,
}

impl<K: Hash + Eq + Copy> ConnectionLimits<K> {
    /// Allows so many slots for each key.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// Takes a slot, if there is one left.
    pub(super) fn take(self: &Arc<Self>, key: K) -> Option<ConnectionSlot<K>> {
        let mut taken = self.taken();
        let count = taken.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(ConnectionSlot { limits: Arc::clone(self), key })
    }
}

impl<K> ConnectionLimits<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        // A poisoned lock is harmless: no panic can leave the map half-changed.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Drop for ConnectionSlot<K> {
    fn drop(&mut self) {
        let mut taken = self.limits.taken();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_free_again_once_it_is_dropped() {
        let limits = ConnectionLimits::new(2);
        let (first, second) = (limits.take(1).unwrap(), limits.take(1).unwrap());
        assert!(limits.take(1).is_none());
        let other = limits.take(2).expect("another key has limits of its own");
        drop(first);
        let third = limits.take(1).expect("one was given back");
        assert!(limits.take(1).is_none());
        drop((second, third, other));
        assert!(limits.taken().is_empty(), "nothing is remembered of who has none");
    }
}
