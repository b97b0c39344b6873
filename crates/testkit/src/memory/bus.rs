//! A bus that records its events.

use domain::event::{Event, EventBody, EventBus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keeps every published event, in order, and delivers none. Publishing is finished when the call returns, so
/// a test can look at once and never has to wait.
#[derive(Default)]
pub struct RecordingBus {
    events: Mutex<Vec<Event>>,
}

impl RecordingBus {
    /// A bus without events.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was published since the last [`Self::take`]; it stays recorded.
    pub fn events(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// What was published since the last call.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.lock())
    }

    /// Like [`Self::take`], without the audiences.
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
