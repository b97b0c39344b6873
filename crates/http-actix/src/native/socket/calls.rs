//! What the socket calls.

use domain::chat::Chats;
use domain::host::ExternalIds;
use domain::message::Messages;
use domain::presence::{PresenceService, Typing};
use http_core::Access;
use realtime::SocketServices;
use std::sync::Arc;

/// What the socket stands on.
pub(crate) struct SocketApi {
    /// Who may come in, and how often.
    pub(crate) access: Access,
    /// What every socket calls.
    pub(crate) sockets: SocketServices,
    /// What requests call.
    pub(crate) calls: Arc<SocketCalls>,
}

/// What requests on the socket call.
pub(crate) struct SocketCalls {
    /// Messages.
    pub(crate) messages: Arc<Messages>,
    /// Chats and their members.
    pub(crate) chats: Arc<Chats>,
    /// Who is typing.
    pub(crate) typing: Arc<Typing>,
    /// Who is connected.
    pub(crate) presence: Arc<PresenceService>,
    /// Whom and which chats external ids mean.
    pub(crate) external_ids: Arc<ExternalIds>,
}

/// Who is at the other end.
pub(super) type Client = http_core::ClientContext<SocketCalls>;
