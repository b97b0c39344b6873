//! Keeping a node's sockets up to date with sessions that end and roles that change, on any node.
//!
//! A session can end in this process, on another node, or by the command line. So a node asks the store
//! several times a second what has changed since its last look ([`Sessions::watch`]). The store remembers
//! ended sessions only for a while, so after each look [`SessionWatch`] decides whether its answer is
//! complete or every open socket has to be checked. All times are the store's, because a node's clock may be
//! wrong, or may have stood still while the node was suspended.

use super::{SessionSockets, Sessions};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::limits::{
    ENDED_SESSION_MEMORY, SESSION_CHANGES, SESSION_CHECK_EVERY, SESSION_CHECK_SIZE,
    SESSION_LOOK_MARGIN,
};
use std::collections::HashSet;
use std::time::Instant;

/// Up to when a node knows the changes of sessions and roles. A new one knows nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionWatch {
    /// The store's time at the last look; `None` if that failed, or there was none.
    looked_at: Option<Timestamp>,
    /// The store's time when every socket was last checked.
    checked_at: Option<Timestamp>,
}

/// What has to follow a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLook {
    /// Nothing: its answer was complete.
    Nothing,
    /// A check of every session that has an open socket.
    CheckEverything,
}

impl SessionWatch {
    /// The time from which the next look asks for changes; `None` if it has to check everything anyway. A change
    /// carries the time at which its transaction ran, but becomes visible when that commits, hence the margin.
    pub fn since(self) -> Option<Timestamp> {
        self.looked_at.map(|at| at.minus(SESSION_LOOK_MARGIN))
    }

    /// What has to follow a look at the store's time `at`. `complete` says whether the answer had all changes
    /// since [`Self::since`] that the store still knows.
    pub fn after_look(self, at: Timestamp, complete: bool) -> AfterLook {
        let within = |last: Option<Timestamp>, span| {
            // If the store's clock was set back, its changes carry times that this look cannot rely on.
            last.is_some_and(|last| last <= at && at.since(last) <= span)
        };
        let remembered = ENDED_SESSION_MEMORY.saturating_sub(SESSION_LOOK_MARGIN);
        let is_enough = complete
            && within(self.looked_at, remembered)
            && within(self.checked_at, SESSION_CHECK_EVERY);
        if is_enough { AfterLook::Nothing } else { AfterLook::CheckEverything }
    }
}

impl Sessions {
    /// Looks once for changes of the open sockets' sessions and of their owners' roles, and applies them to
    /// the sockets. To be called several times a second with the same `watch`. A call that fails resets the
    /// watch, so the next one checks every socket.
    pub async fn watch(
        &self,
        watch: &mut SessionWatch,
        sockets: &dyn SessionSockets,
    ) -> Result<(), StoreError> {
        if !sockets.any() {
            return Ok(());
        }
        let began = Instant::now();
        let last = std::mem::take(watch);
        let changes = self.ports.sessions.changes_since(last.since(), SESSION_CHANGES).await?;
        sockets.close_sessions(&changes.ended.iter().map(|ended| ended.session).collect());
        sockets.set_roles(&changes.roles);
        let mut checked_at = last.checked_at;
        if last.after_look(changes.at, changes.complete) == AfterLook::CheckEverything {
            self.check_everything(sockets).await?;
            checked_at = Some(changes.at);
        }
        *watch = SessionWatch { looked_at: Some(changes.at), checked_at };
        sockets.confirm(began);
        Ok(())
    }

    /// Closes the sockets of sessions that no longer exist, for whatever reason, and sets the owner's role
    /// on all others.
    async fn check_everything(&self, sockets: &dyn SessionSockets) -> Result<(), StoreError> {
        for asked in sockets.sessions().chunks(SESSION_CHECK_SIZE) {
            let now = self.ports.clock.now();
            let open = self.ports.sessions.open_among(asked, now).await?;
            let mut gone: HashSet<_> = asked.iter().copied().collect();
            for session in &open {
                gone.remove(&session.session);
            }
            sockets.close_sessions(&gone);
            let roles: Vec<_> = open.iter().map(|open| (open.user, open.role)).collect();
            sockets.set_roles(&roles);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
    }

    fn watched(looked: i64, checked: i64) -> SessionWatch {
        SessionWatch { looked_at: Some(at(looked)), checked_at: Some(at(checked)) }
    }

    #[test]
    fn a_look_asks_from_the_last_one_that_succeeded_less_a_margin() {
        assert_eq!(watched(100, 100).since(), Some(at(100).minus(SESSION_LOOK_MARGIN)));
        assert_eq!(SessionWatch::default().since(), None);
    }

    #[test]
    fn after_a_gap_that_the_store_remembers_a_look_is_enough() {
        let gap = (ENDED_SESSION_MEMORY - SESSION_LOOK_MARGIN).as_secs();
        let gap = i64::try_from(gap).expect("a short gap");
        let microsecond = Duration::from_micros(1);
        let watch = watched(0, 0);
        assert_eq!(watch.after_look(at(0), true), AfterLook::Nothing);
        assert_eq!(watch.after_look(at(gap), true), AfterLook::Nothing);
        let later = at(gap).plus(microsecond);
        assert_eq!(watch.after_look(later, true), AfterLook::CheckEverything);
    }

    #[test]
    fn whatever_is_not_known_is_checked() {
        for (watch, now, complete, why) in [
            (SessionWatch::default(), 0, true, "nothing is known"),
            (watched(0, 0), 1, false, "there were too many changes to tell"),
            (watched(10, 0), 9, true, "the store's clock was set back"),
            (SessionWatch { checked_at: None, ..watched(0, 0) }, 1, true, "never checked"),
        ] {
            assert_eq!(watch.after_look(at(now), complete), AfterLook::CheckEverything, "{why}");
        }
    }

    #[test]
    fn every_socket_is_checked_every_minute() {
        let minute = i64::try_from(SESSION_CHECK_EVERY.as_secs()).expect("a minute");
        let looked_just_before = watched(minute, 0);
        assert_eq!(looked_just_before.after_look(at(minute), true), AfterLook::Nothing);
        let due = looked_just_before.after_look(at(minute + 1), true);
        assert_eq!(due, AfterLook::CheckEverything);
    }
}
