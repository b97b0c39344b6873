//! A bus that remembers.

use domain::event::{Event, EventBody, EventBus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps every event that was published, in order, and delivers to nobody. Publishing is done when
/// the call returns, so a test looks at once and never waits.
#[derive(Default)]
pub struct RecordingBus {
    events: Mutex<Vec<Event>>,
}

impl RecordingBus {
    /// With nothing heard yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was published since the last [`Self::take`], which stays.
    pub fn events(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// What was published since this was last called.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.lock())
    }

    /// As [`Self::take`], without the audiences.
    pub fn take_bodies(&self) -> Vec<EventBody> {
        self.take().into_iter().map(|event| event.body).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventBus for RecordingBus {
    fn publish(&self, event: Event) {
        self.lock().push(event);
    }
}
