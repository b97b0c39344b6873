//! Counting how often push services refuse a subscription's notifications.

use crate::ids::SessionId;
use crate::limits::{PUSH_REFUSALS, PUSH_REFUSING};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How often in a row each subscription was refused. The counts are in memory: each node counts what it sends
/// itself, and starts again after a restart.
#[derive(Default)]
pub(super) struct Refusals(Mutex<HashMap<SessionId, u32>>);

impl Refusals {
    /// Resets the count, because a notification was accepted or the subscription was deleted.
    pub(super) fn forget(&self, session: SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    }

    /// Counts a refusal, and returns whether there were too many.
    pub(super) fn count(&self, session: SessionId) -> bool {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= PUSH_REFUSING && !refused.contains_key(&session) {
            refused.clear();
        }
        let times = refused.entry(session).or_default();
        *times += 1;
        let too_many = *times >= PUSH_REFUSALS;
        if too_many {
            refused.remove(&session);
        }
        too_many
    }
}
