//! Dropping copies of frames: one that is for several people is published on each one's channel.

use std::collections::{BTreeSet, HashMap};

/// How many nodes' frames are remembered, and how many frames of each. Copies may come through several servers
/// of a cluster, with other frames in between, but no more of them than a node has in flight at once.
const NODES: usize = 1_024;
const FRAMES: usize = 4_096;

/// The numbers of each node's latest frames.
#[derive(Default)]
pub(crate) struct Dedup {
    heard: HashMap<u64, BTreeSet<u64>>,
}

impl Dedup {
    /// Whether this frame of that node has been received before. A node's numbers rise.
    pub(crate) fn is_copy(&mut self, node: u64, number: u64) -> bool {
        if self.heard.len() >= NODES && !self.heard.contains_key(&node) {
            self.heard.clear();
        }
        let heard = self.heard.entry(node).or_default();
        let is_copy = !heard.insert(number);
        if heard.len() > FRAMES {
            heard.pop_first();
        }
        is_copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_known_with_others_in_between() {
        let mut dedup = Dedup::default();
        let heard = [(1, 10), (2, 10), (1, 11), (1, 10), (2, 9), (1, 11), (2, 10), (1, 12)];
        let known = heard.map(|(node, number)| dedup.is_copy(node, number));
        assert_eq!(known, [false, false, false, true, false, true, true, false]);
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut dedup = Dedup::default();
        for number in 0..=FRAMES as u64 {
            assert!(!dedup.is_copy(1, number));
        }
        assert!(!dedup.is_copy(1, 0), "it was forgotten");
        assert!(dedup.is_copy(1, 1));
        for node in 0..=NODES as u64 {
            dedup.is_copy(node, 7);
        }
        assert!(dedup.heard.len() <= NODES);
    }
}
