//! Presence without a socket (ADR 37).

use super::{ConnectionId, PresenceService};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::limits;
use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

/// Who is online by visits, and when they last made a request.
pub(super) type Visits = HashMap<UserId, Timestamp>;

impl PresenceService {
    /// Records a request by a protocol that works without sockets. It makes somebody online for
    /// [`limits::VISIT_LIFE`], unless they leave before, or a socket of theirs closes. In the presence store,
    /// a visit is a connection.
    pub async fn visit(&self, user: UserId) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        if self.visits().insert(user, now).is_some() {
            return Ok(());
        }
        self.ports.presence.connect(user, ConnectionId::VISIT).await
    }

    /// Records a request that prolongs a visit but does not begin one.
    pub fn stay(&self, user: UserId) {
        if let Some(at) = self.visits().get_mut(&user) {
            *at = self.ports.clock.now();
        }
    }

    /// Ends a visit because the person says that they are gone. They are offline at once, without the usual
    /// grace.
    pub async fn leave(&self, user: UserId) -> Result<(), StoreError> {
        self.end_visit(user, self.ports.clock.now().minus(limits::OFFLINE_GRACE)).await
    }

    /// Ends a visit, as a connection that was lost at that time.
    pub(super) async fn end_visit(&self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        if self.visits().remove(&user).is_none() {
            return Ok(());
        }
        self.ports.presence.disconnect(user, ConnectionId::VISIT, at).await?;
        // A visit may have begun between the two steps, whose connection was then removed by the second one.
        let again = self.visits().contains_key(&user);
        if again { self.ports.presence.connect(user, ConnectionId::VISIT).await } else { Ok(()) }
    }

    /// Ends the visits of people who made no request for [`limits::VISIT_LIFE`].
    pub(super) async fn end_idle_visits(&self, now: Timestamp) -> Result<(), StoreError> {
        let is_idle = |at: Timestamp| now.since(at) >= limits::VISIT_LIFE;
        let idle: Vec<_> =
            self.visits().iter().filter(|(_, at)| is_idle(**at)).map(|(user, _)| *user).collect();
        for user in idle {
            self.end_visit(user, now.minus(limits::OFFLINE_GRACE)).await?;
        }
        Ok(())
    }

    fn visits(&self) -> MutexGuard<'_, Visits> {
        // No code panics while it holds the lock.
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
