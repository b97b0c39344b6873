//! The log about signing in.

use domain::session::{SecurityEvent, SecurityLog};
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps what was noted.
#[derive(Default)]
pub struct RecordingLog(Mutex<Vec<SecurityEvent>>);

impl RecordingLog {
    /// Without a line.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was noted since the last call.
    pub fn take(&self) -> Vec<SecurityEvent> {
        take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SecurityLog for RecordingLog {
    fn note(&self, event: &SecurityEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}
