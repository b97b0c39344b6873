//! The sessions that were looked up a moment ago, for requests that only read. See ADR 79.

use domain::clock::Timestamp;
use domain::ids::SessionId;
use domain::limits::SESSION_RECENT;
use domain::session::SignedSession;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How many are kept; then all are looked up again.
const KEPT: usize = 4_096;

/// Sessions as they were found, until this store writes anything that may concern them.
#[derive(Default)]
pub(crate) struct RecentSessions {
    /// How many writes there were. What was read before the last one is out of date, since that may have ended the
    /// session, or changed its account.
    writes: AtomicU64,
    found: Mutex<HashMap<SessionId, Found>>,
}

/// The moment before a session is read.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    writes: u64,
    at: Instant,
}

struct Found {
    since: Moment,
    signed: SignedSession,
}

impl RecentSessions {
    /// To be taken before a session is read: a write may end meanwhile.
    pub(crate) fn moment(&self) -> Moment {
        Moment { writes: self.writes.load(Ordering::SeqCst), at: Instant::now() }
    }

    /// The session, if it was read of late, nothing was written since, and it has not expired.
    pub(crate) fn get(&self, id: SessionId, now: Timestamp) -> Option<SignedSession> {
        let found = self.found();
        let Found { since, signed } = found.get(&id)?;
        let is_recent = since.at.elapsed() < SESSION_RECENT
            && since.writes == self.writes.load(Ordering::SeqCst)
            && signed.session.expires_at >= now;
        is_recent.then(|| signed.clone())
    }

    /// Keeps a session that was read after that moment.
    pub(crate) fn keep(&self, since: Moment, signed: SignedSession) {
        let mut found = self.found();
        if found.len() >= KEPT {
            found.clear();
        }
        found.insert(signed.session.id, Found { since, signed });
    }

    /// Something was written. To be called after the COMMIT, and before anybody learns of it.
    pub(crate) fn note_write(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }

    fn found(&self) -> MutexGuard<'_, HashMap<SessionId, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
