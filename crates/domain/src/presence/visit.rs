//! Being there without a socket.

use super::{ConnectionId, PresenceService};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::limits;
use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

/// Who is there without a socket, and when they did something last.
pub(super) type Visits = HashMap<UserId, Timestamp>;

impl PresenceService {
    /// Somebody did something by a protocol that does without sockets. They are online for
    /// [`limits::VISIT_LIFE`] after that, unless they leave, or a socket of theirs closes.
    pub async fn visit(&self, user: UserId) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        if self.visits().insert(user, now).is_some() {
            return Ok(());
        }
        self.ports.presence.connect(user, ConnectionId::VISIT).await
    }

    /// Somebody did something, which is a visit only if they are on one: who has not come by [`Self::visit`]
    /// does not come by this.
    pub fn stay(&self, user: UserId) {
        if let Some(at) = self.visits().get_mut(&user) {
            *at = self.ports.clock.now();
        }
    }

    /// Somebody of whom [`Self::visit`] was told says that they are gone.
    pub async fn leave(&self, user: UserId) -> Result<(), StoreError> {
        self.end_visit(user, self.ports.clock.now().minus(limits::OFFLINE_GRACE)).await
    }

    /// Ends it as a connection that was lost at that time.
    pub(super) async fn end_visit(&self, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        if self.visits().remove(&user).is_none() {
            return Ok(());
        }
        self.ports.presence.disconnect(user, ConnectionId::VISIT, at).await?;
        // They may have come again in between.
        let again = self.visits().contains_key(&user);
        if again { self.ports.presence.connect(user, ConnectionId::VISIT).await } else { Ok(()) }
    }

    /// Ends those of people who did nothing for long.
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
        // No code panics while it holds this.
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
