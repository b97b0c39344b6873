//! A socket's place in the hub.

use crate::delivery::Delivery;
use crate::hub::Hub;
use crate::mailbox::{Deliveries, Mailbox, SocketControl};
use crate::socket_id::SocketId;
use domain::chat::Chats;
use domain::failure::StoreError;
use domain::ids::{ChatId, Version};
use domain::nodes::Topic;
use domain::presence::ConnectionId;
use domain::session::Caller;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// A socket's place in the hub, which it leaves when this is dropped.
pub(crate) struct Connection {
    hub: Arc<Hub>,
    id: SocketId,
    pub(crate) deliveries: Deliveries,
    /// Those that were taken out to be written next.
    pub(crate) arrived: Vec<Arc<Delivery>>,
    pub(crate) control: Arc<SocketControl>,
    /// When its session was still there, and its owner had the role that it was told.
    connected_at: Instant,
}

impl Connection {
    /// Takes a socket in. From now on chats that its owner comes into reach it.
    pub(crate) fn new(hub: &Arc<Hub>, caller: &Caller) -> Self {
        let (mailbox, deliveries, control) = Mailbox::new();
        let id = hub.state().take_in(caller, mailbox);
        let (hub, connected_at) = (Arc::clone(hub), Instant::now());
        Self { hub, id, deliveries, arrived: Vec::new(), control, connected_at }
    }

    /// Whether somebody looked of late what became of its session, and of its owner's role.
    pub(crate) fn is_sure(&self) -> bool {
        self.hub.confirmed.is_recent(self.connected_at)
    }

    /// Waits until that is so.
    pub(crate) async fn sure(&self) {
        self.hub.confirmed.recent(self.connected_at).await;
    }

    /// What presence knows this connection by.
    pub(crate) fn presence_id(&self) -> ConnectionId {
        ConnectionId(self.id.0)
    }

    /// Joins the person's chats and says where they are. The order makes it exact: what changes
    /// after the join waits in the mailbox, and what changed before the second look is in it. What
    /// happens on other nodes meanwhile is found when the bus follows these chats.
    pub(crate) async fn join_chats(
        &self,
        chats: &Chats,
        caller: &Caller,
    ) -> Result<Vec<(ChatId, Version)>, StoreError> {
        self.hears_others(caller).await;
        let joined = chats.versions(caller).await?;
        self.join(&joined);
        let now = chats.versions(caller).await?;
        self.join(&now);
        let there: HashSet<_> = now.iter().map(|(chat, _)| *chat).collect();
        for (chat, _) in joined.iter().filter(|(chat, _)| !there.contains(chat)) {
            self.hub.state().detach(self.id, *chat);
        }
        Ok(now)
    }

    /// Waits until what other nodes tell its owner arrives here; see
    /// [`domain::nodes::Subscriptions::followed`].
    async fn hears_others(&self, caller: &Caller) {
        let others = self.hub.state().others.clone();
        if let Some(others) = others {
            others.followed(Topic::Person(caller.user)).await;
        }
    }

    /// Listens to these chats, which were at these versions a moment ago.
    fn join(&self, chats: &[(ChatId, Version)]) {
        self.hub.state().join(self.id, chats);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hub.state().take_out(self.id);
    }
}
