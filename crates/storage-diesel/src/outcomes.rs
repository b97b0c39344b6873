//! What is known of the ends of writes.

use crate::disk_space::DiskSpace;
use crate::error::Failure;
use tokio::sync::Notify;

/// Is told how every write ended.
#[derive(Default)]
pub(crate) struct Outcomes {
    pub(crate) room: DiskSpace,
    unknown: Notify,
}

impl Outcomes {
    pub(crate) fn note<T>(&self, written: &Result<T, Failure>) {
        self.room.note(written);
        if written.as_ref().is_err_and(Failure::is_silence) {
            self.be_unsure();
        }
    }

    /// The same of messages that were stored.
    pub(crate) fn note_sent<T>(&self, sent: &Result<T, Failure>) {
        self.note(sent);
        if sent.is_ok() {
            self.room.note_added();
        }
    }

    /// A write ended, or will, of which nobody knows whether it was done.
    pub(crate) fn be_unsure(&self) {
        self.unknown.notify_one();
    }

    /// Timeouts for such a write.
    pub(crate) async fn unknown(&self) {
        self.unknown.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeouts::silent;
    use futures_util::FutureExt;

    #[test]
    fn what_nobody_knows_is_waited_for() {
        let outcomes = Outcomes::default();
        outcomes.note(&Ok(()));
        outcomes.note(&Err::<(), _>(Failure::CONFLICT));
        assert_eq!(outcomes.unknown().now_or_never(), None);
        outcomes.note(&Err::<(), _>(silent()));
        assert_eq!(outcomes.unknown().now_or_never(), Some(()));
        assert_eq!(outcomes.unknown().now_or_never(), None);
    }
}
