//! When somebody last looked what became of sessions.

use domain::limits::SESSION_UNSURE;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::watch;

/// When ended sessions and changed roles were last looked for, successfully.
pub(crate) struct Confirmed {
    at: watch::Sender<Instant>,
    /// Whether the log says already that sockets wait.
    told: AtomicBool,
}

impl Default for Confirmed {
    fn default() -> Self {
        Self { at: watch::Sender::new(Instant::now()), told: AtomicBool::new(false) }
    }
}

impl Confirmed {
    /// What had happened up to then was told.
    pub(crate) fn confirm(&self, at: Instant) {
        self.at.send_replace(at);
        if self.told.swap(false, Ordering::Relaxed) {
            tracing::info!("sessions were looked up again: sockets go on");
        }
    }

    /// Whether that was of late, for a socket that was opened then.
    pub(crate) fn is_recent(&self, opened: Instant) -> bool {
        is_recent(opened) || is_recent(*self.at.borrow())
    }

    /// Waits until it is.
    pub(crate) async fn recent(&self, opened: Instant) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!("sockets wait: nobody can say whether their sessions are still there");
        }
        let mut confirmed = self.at.subscribe();
        // The sender is not dropped while this borrows it.
        let _ = confirmed.wait_for(|at| is_recent(opened) || is_recent(*at)).await;
    }
}

fn is_recent(at: Instant) -> bool {
    at.elapsed() < SESSION_UNSURE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;

    #[tokio::test]
    async fn a_socket_waits_until_somebody_has_looked() {
        let confirmed = Confirmed::default();
        let now = Instant::now();
        let long_ago = now.checked_sub(SESSION_UNSURE).expect("a machine that runs for longer");
        assert!(confirmed.is_recent(long_ago), "the hub is new");
        confirmed.confirm(long_ago);
        assert!(!confirmed.is_recent(long_ago));
        assert!(confirmed.is_recent(now), "a socket that was just opened was looked up");
        let mut waiting = pin!(confirmed.recent(long_ago));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        confirmed.confirm(long_ago);
        assert!(futures_util::poll!(&mut waiting).is_pending(), "a look from before the pause");
        confirmed.confirm(Instant::now());
        waiting.await;
    }
}
