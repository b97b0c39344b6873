//! Being online by a socket, until it is gone.

use actix_web::rt;
use domain::failure::StoreError;
use domain::ids::UserId;
use domain::presence::{ConnectionId, PresenceService};
use std::sync::Arc;

/// A connection that its owner may be online by. However the socket ends, they are not any more: by
/// [`Self::leave`], or when this is dropped without it, since its task panicked or was given up.
pub(crate) struct Online {
    connection: Option<(Arc<PresenceService>, UserId, ConnectionId)>,
    lingers: bool,
}

impl Online {
    /// Of somebody who is not online by it yet. Whoever lingers is so for a moment after it.
    pub(crate) fn new(
        presence: Arc<PresenceService>,
        user: UserId,
        connection: ConnectionId,
        lingers: bool,
    ) -> Self {
        Self { connection: Some((presence, user, connection)), lingers }
    }

    /// The person is there.
    pub(crate) async fn enter(&self) -> Result<(), StoreError> {
        match &self.connection {
            Some((presence, user, connection)) => presence.connect(*user, *connection).await,
            None => Ok(()),
        }
    }

    /// The connection is gone. It is known once this returns.
    pub(crate) async fn leave(mut self) {
        if let Some((presence, user, connection)) = self.connection.take() {
            disconnect(&presence, user, connection, self.lingers).await;
        }
    }
}

impl Drop for Online {
    fn drop(&mut self) {
        // Dropping cannot wait, so a task of its own does it.
        if let Some((presence, user, connection)) = self.connection.take() {
            let lingers = self.lingers;
            rt::spawn(async move { disconnect(&presence, user, connection, lingers).await });
        }
    }
}

async fn disconnect(
    presence: &PresenceService,
    user: UserId,
    connection: ConnectionId,
    lingers: bool,
) {
    let ended = match lingers {
        true => presence.disconnect(user, connection).await,
        false => presence.go_offline(user, connection).await,
    };
    if let Err(error) = ended {
        tracing::warn!(%error, "a connection's end was not noted");
    }
}
