//! A bounded set of keys that were seen recently.

use std::collections::HashSet;
use std::hash::Hash;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Remembers at least the last `most / 2` keys that it was told, and at most `most`.
pub(super) struct Seen<K> {
    most: usize,
    generations: Mutex<Generations<K>>,
}

/// Two sets instead of an order of use. When the young one is full it replaces the old one, which forgets the
/// oldest half of the keys at once.
struct Generations<K> {
    young: HashSet<K>,
    old: HashSet<K>,
}

impl<K: Hash + Eq + Copy> Seen<K> {
    pub(super) fn new(most: usize) -> Self {
        let generations = Generations { young: HashSet::new(), old: HashSet::new() };
        Self { most, generations: Mutex::new(generations) }
    }

    pub(super) fn remember(&self, key: K) {
        let mut generations = self.generations();
        if generations.young.len() >= self.most / 2 {
            generations.old = take(&mut generations.young);
        }
        generations.young.insert(key);
    }

    pub(super) fn knows(&self, key: &K) -> bool {
        let generations = self.generations();
        generations.young.contains(key) || generations.old.contains(key)
    }

    fn generations(&self) -> MutexGuard<'_, Generations<K>> {
        // No code panics between two changes that belong together, so a poisoned lock holds sound data.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_keys_are_remembered_and_not_more_than_fit() {
        let seen = Seen::new(100);
        for key in 0..1_000 {
            assert!(!seen.knows(&key));
            seen.remember(key);
            assert!((0..=key).rev().take(50).all(|key| seen.knows(&key)), "up to {key}");
            let generations = seen.generations();
            assert!(generations.young.len() + generations.old.len() <= 100);
        }
        assert!(!seen.knows(&0));
    }
}
