//! Who is at the other end of a socket, in whatever protocol.

use super::Connection;
use crate::Services;
use crate::rate_limit::ClientAddress;
use domain::failure::StoreError;
use domain::ids::{ChatId, Version};
use domain::presence::ConnectionId;
use domain::session::Caller;
use domain::user::AccountRole;
use std::collections::HashSet;
use std::sync::Arc;

/// Who asks, and over which connection.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) services: Arc<Services>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) connection: ConnectionId,
    pub(crate) address: ClientAddress,
}

impl Asker {
    /// Somebody who has just come.
    pub(crate) fn new(
        services: Arc<Services>,
        caller: Caller,
        address: ClientAddress,
        connection: &Connection,
    ) -> Self {
        let connection = connection.presence_id();
        Self { services, caller: Arc::new(caller), connection, address }
    }

    /// The person was given another role, which counts from the next request on.
    pub(crate) fn set_role(&mut self, role: AccountRole) {
        self.caller = Arc::new(Caller { role, ..(*self.caller).clone() });
    }

    /// Joins the person's chats and says where they are. The order makes it exact: what changes
    /// after the join waits in the mailbox, and what changed before the second look is in it. What
    /// happens on other nodes meanwhile is found when the bus follows these chats.
    pub(crate) async fn join_chats(
        &self,
        connection: &Connection,
    ) -> Result<Vec<(ChatId, Version)>, StoreError> {
        connection.hears_others(self.caller.user).await;
        let joined = self.services.chats.versions(&self.caller).await?;
        connection.join(&joined);
        let now = self.services.chats.versions(&self.caller).await?;
        connection.join(&now);
        let there: HashSet<_> = now.iter().map(|(chat, _)| *chat).collect();
        for (chat, _) in joined.iter().filter(|(chat, _)| !there.contains(chat)) {
            connection.leave(*chat);
        }
        Ok(now)
    }

    /// The person is there.
    pub(crate) async fn come(&self) -> Result<(), StoreError> {
        self.services.presence.connect(self.caller.user, self.connection).await
    }

    /// The connection is gone.
    pub(crate) async fn leave(&self) {
        let left = self.services.presence.disconnect(self.caller.user, self.connection).await;
        if let Err(error) = left {
            tracing::warn!(%error, "a connection's end was not noted");
        }
    }
}
