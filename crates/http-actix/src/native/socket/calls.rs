//! What the socket needs.

use domain::chat::Chats;
use domain::host::ExternalIds;
use domain::message::Messages;
use domain::presence::{PresenceService, Typing};
use http_core::Access;
use realtime::SocketServices;
use std::sync::Arc;

/// What the socket needs.
pub(crate) struct SocketApi {
    /// Authentication and rate limits.
    pub(crate) access: Access,
    /// What the sockets of all protocols need.
    pub(crate) sockets: SocketServices,
    /// The use cases that requests call.
    pub(crate) calls: Arc<SocketCalls>,
}

/// The use cases that requests on the socket call.
pub(crate) struct SocketCalls {
    /// Messages.
    pub(crate) messages: Arc<Messages>,
    /// Chats and their members.
    pub(crate) chats: Arc<Chats>,
    /// Who is typing.
    pub(crate) typing: Arc<Typing>,
    /// Who is connected.
    pub(crate) presence: Arc<PresenceService>,
    /// Resolving external ids of people and chats.
    pub(crate) external_ids: Arc<ExternalIds>,
}

/// The client at the other end.
pub(super) type Client = http_core::ClientContext<SocketCalls>;
