//! The sign-in log.

use domain::session::{SecurityEvent, SecurityLog};
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps the lines that were logged.
#[derive(Default)]
pub struct RecordingLog(Mutex<Vec<SecurityEvent>>);

impl RecordingLog {
    /// An empty log.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What was logged since the last call.
    pub fn take(&self) -> Vec<SecurityEvent> {
        take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SecurityLog for RecordingLog {
    fn note(&self, event: &SecurityEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}
