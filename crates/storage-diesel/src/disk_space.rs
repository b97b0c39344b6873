//! Whether the database's disk is full, as far as writing has shown.

use crate::error::Failure;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long a write that found no room counts. Then somebody has to try again: a server that says
/// for ever that it is not ready is asked for nothing, and would never find out.
const MEMORY: Duration = Duration::from_secs(10);

/// What the last writes said of the disk.
#[derive(Default)]
pub(crate) struct DiskSpace {
    full_at: Mutex<Option<Instant>>,
}

impl DiskSpace {
    /// Takes note of what came of a write. One that went well may have changed nothing, or a number in its
    /// place, and so does not say that there is room.
    pub(crate) fn note<T>(&self, written: &Result<T, Failure>) {
        if written.as_ref().is_err_and(Failure::is_full) {
            self.set(Some(Instant::now()));
        }
    }

    /// Something was added to the database.
    pub(crate) fn note_added(&self) {
        self.set(None);
    }

    /// Whether a write has found no room lately, and nothing was added since.
    pub(crate) fn is_full(&self) -> bool {
        let full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        full_at.is_some_and(|at| at.elapsed() < MEMORY)
    }

    fn set(&self, full_at: Option<Instant>) {
        *self.full_at.lock().unwrap_or_else(PoisonError::into_inner) = full_at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::failure::StoreError;
    use std::sync::Arc;

    #[test]
    fn it_is_full_until_something_was_added() {
        let room = DiskSpace::default();
        let full =
            || Err::<(), _>(Failure::from(StoreError::Full(Arc::from(Box::from("no room")))));
        room.note(&Err::<(), _>(Failure::CONFLICT));
        assert!(!room.is_full());
        room.note(&full());
        room.note(&Err::<(), _>(Failure::CONFLICT));
        room.note(&Ok(()));
        assert!(room.is_full());
        room.note_added();
        assert!(!room.is_full());
    }
}
