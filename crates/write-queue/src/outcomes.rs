//! What is known of the ends of writes.

use crate::error::Failure;
use crate::lately::Lately;
use tokio::sync::Notify;

/// Is told how every write ended.
#[derive(Default)]
pub(crate) struct Outcomes {
    full: Lately,
    read_only: Lately,
    unknown: Notify,
}

impl Outcomes {
    /// Takes note of what came of a write. One that went well may have changed nothing, or a number in its
    /// place, and so does not say that there is room.
    pub(crate) fn note<T>(&self, written: &Result<T, Failure>) {
        let Err(failure) = written else { return };
        if failure.is_full() {
            self.full.set(true);
        }
        if failure.is_read_only() {
            self.read_only.set(true);
        }
        if failure.is_silence() {
            self.be_unsure();
        }
    }

    /// Something was added to the database.
    pub(crate) fn note_added(&self) {
        self.full.set(false);
        self.read_only.set(false);
    }

    /// Whether a write has found no room lately, and nothing was added since.
    pub(crate) fn is_full(&self) -> bool {
        self.full.is_so()
    }

    /// Whether the database was found to be only read lately, and nothing was added since.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only.is_so()
    }

    /// A write ended, or will, of which nobody knows whether it was done.
    pub(crate) fn be_unsure(&self) {
        self.unknown.notify_one();
    }

    /// Waits for such a write.
    pub(crate) async fn unknown(&self) {
        self.unknown.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeouts::silent;
    use diesel::result::{DatabaseErrorKind, Error};
    use domain::failure::StoreError;
    use futures_util::FutureExt;
    use std::sync::Arc;

    #[test]
    fn what_nobody_knows_is_waited_for() {
        let outcomes = Outcomes::default();
        outcomes.note(&Ok(()));
        outcomes.note(&Err::<(), _>(Failure::CONFLICT));
        outcomes.note(&Err::<(), _>(Failure::busy("somebody else is in")));
        assert_eq!(outcomes.unknown().now_or_never(), None);
        outcomes.note(&Err::<(), _>(silent()));
        assert_eq!(outcomes.unknown().now_or_never(), Some(()));
        assert_eq!(outcomes.unknown().now_or_never(), None);
    }

    #[test]
    fn it_is_full_or_read_only_until_something_was_added() {
        let outcomes = Outcomes::default();
        let full = StoreError::Full(Arc::from(Box::from("no room")));
        let read_only = DatabaseErrorKind::ReadOnlyTransaction;
        let read_only = Error::DatabaseError(read_only, Box::new("only read".to_owned()));
        outcomes.note(&Err::<(), _>(Failure::CONFLICT));
        assert!(!outcomes.is_full() && !outcomes.is_read_only());
        outcomes.note(&Err::<(), _>(Failure::from(full)));
        assert!(outcomes.is_full() && !outcomes.is_read_only());
        outcomes.note(&Err::<(), _>(Failure::from(read_only)));
        outcomes.note(&Ok(()));
        assert!(outcomes.is_full() && outcomes.is_read_only());
        outcomes.note_added();
        assert!(!outcomes.is_full() && !outcomes.is_read_only());
    }
}
