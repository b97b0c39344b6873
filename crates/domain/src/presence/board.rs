//! Presence on a single node.

use super::{ConnectionId, PresenceChange, PresenceStore, Settled};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::limits::OFFLINE_GRACE;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps presence in memory, for a server that runs alone. Several nodes use the store over Redis instead.
#[derive(Default)]
pub struct LocalPresence {
    people: Mutex<HashMap<UserId, Presence>>,
}

#[derive(Default)]
struct Presence {
    /// A list takes less than a set, and most people have one or two.
    connections: Vec<ConnectionId>,
    /// Whether others were last told that this person is online.
    announced: bool,
    /// When the last connection was closed; `None` while there is one.
    left_at: Option<Timestamp>,
}

impl LocalPresence {
    fn people(&self) -> MutexGuard<'_, HashMap<UserId, Presence>> {
        // No code below panics between two changes that belong together.
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PresenceStore for LocalPresence {
    async fn connect(&self, user: UserId, connection: ConnectionId) -> Result<(), StoreError> {
        let mut people = self.people();
        let presence = people.entry(user).or_default();
        if !presence.connections.contains(&connection) {
            presence.connections.push(connection);
        }
        presence.left_at = None;
        Ok(())
    }

    async fn disconnect(
        &self,
        user: UserId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(presence) = self.people().get_mut(&user)
            && let Some(place) = presence.connections.iter().position(|one| *one == connection)
        {
            presence.connections.swap_remove(place);
            if presence.connections.is_empty() {
                presence.left_at = Some(now);
            }
        }
        Ok(())
    }

    async fn online(&self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let people = self.people();
        let is_online = |user: &&UserId| {
            people.get(user).is_some_and(|p| p.announced || !p.connections.is_empty())
        };
        Ok(users.iter().filter(is_online).copied().collect())
    }

    async fn settle(&self, now: Timestamp) -> Result<Settled, StoreError> {
        let mut changes = Vec::new();
        self.people().retain(|&user, presence| {
            let online = presence.left_at.is_none_or(|left| now.since(left) < OFFLINE_GRACE);
            if online != presence.announced {
                presence.announced = online;
                changes.push(PresenceChange { user, online, at: now });
            }
            online
        });
        changes.sort_by_key(|change| change.user);
        let to_note = changes.iter().map(|change| change.user).collect();
        Ok(Settled { changes, to_note })
    }
}
