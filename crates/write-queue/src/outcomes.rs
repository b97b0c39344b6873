//! What is known of the ends of writes.

use crate::lately::Lately;
use tokio::sync::Notify;

/// An end that says something about the database, and not only about the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// There was no room.
    Full,
    /// The database can only be read.
    ReadOnly,
    /// Nobody knows whether it was done.
    Unknown,
}

/// Is told how every write ended.
#[derive(Default)]
pub struct Outcomes {
    full: Lately,
    read_only: Lately,
    unknown: Notify,
}

impl Outcomes {
    /// Takes note of such an end. That a write went well is not noted: it may have changed nothing, or a
    /// number in its place, and so does not say that there is room.
    pub fn note(&self, end: End) {
        match end {
            End::Full => self.full.set(true),
            End::ReadOnly => self.read_only.set(true),
            End::Unknown => self.be_unsure(),
        }
    }

    /// Something was added to the database.
    pub fn note_added(&self) {
        self.full.set(false);
        self.read_only.set(false);
    }

    /// Whether a write has found no room lately, and nothing was added since.
    pub fn is_full(&self) -> bool {
        self.full.is_so()
    }

    /// Whether the database was found to be only read lately, and nothing was added since.
    pub fn is_read_only(&self) -> bool {
        self.read_only.is_so()
    }

    /// A write ended, or will, of which nobody knows whether it was done.
    pub fn be_unsure(&self) {
        self.unknown.notify_one();
    }

    /// Waits for such a write.
    pub async fn unknown(&self) {
        self.unknown.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn what_nobody_knows_is_waited_for() {
        let outcomes = Outcomes::default();
        outcomes.note(End::Full);
        outcomes.note(End::ReadOnly);
        assert_eq!(outcomes.unknown().now_or_never(), None);
        outcomes.note(End::Unknown);
        assert_eq!(outcomes.unknown().now_or_never(), Some(()));
        assert_eq!(outcomes.unknown().now_or_never(), None);
    }

    #[test]
    fn it_is_full_or_read_only_until_something_was_added() {
        let outcomes = Outcomes::default();
        assert!(!outcomes.is_full() && !outcomes.is_read_only());
        outcomes.note(End::Full);
        assert!(outcomes.is_full() && !outcomes.is_read_only());
        outcomes.note(End::ReadOnly);
        assert!(outcomes.is_full() && outcomes.is_read_only());
        outcomes.note_added();
        assert!(!outcomes.is_full() && !outcomes.is_read_only());
    }
}
