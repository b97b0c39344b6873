//! What the native API needs from the rest of the server.

use crate::health::Health;
use crate::native::{SocketApi, SocketCalls};
use actix_web::web::{Data, ServiceConfig};
use domain::admin::Administration;
use domain::block::Blocks;
use domain::chat::Chats;
use domain::host::{ExternalIds, HostPeople};
use domain::idempotency::Idempotency;
use domain::invite::Invites;
use domain::limits::Chosen;
use domain::media::{HostPictures, Media};
use domain::message::Messages;
use domain::own_data::OwnData;
use domain::presence::{PresenceService, Typing};
use domain::push::Pushes;
use domain::user::Users;
use http_core::Access;
use realtime::SocketServices;
use std::sync::Arc;

/// What the native API needs.
#[derive(Clone)]
pub struct Backend {
    /// The use cases.
    pub use_cases: UseCases,
    /// Authentication and rate limits.
    pub access: Access,
    /// What sockets need.
    pub sockets: SocketServices,
    /// The state of this process and its dependencies.
    pub health: Arc<Health>,
}

/// The use cases that handlers call. Each is registered with actix separately, so a handler takes only those
/// it needs.
#[derive(Clone)]
pub struct UseCases {
    /// Accounts.
    pub users: Arc<Users>,
    /// Blocking people.
    pub blocks: Arc<Blocks>,
    /// Exporting and deleting one's own data.
    pub own: Arc<OwnData>,
    /// Administration.
    pub admin: Arc<Administration>,
    /// Invitations to create an account.
    pub invites: Arc<Invites>,
    /// Chats and their members.
    pub chats: Arc<Chats>,
    /// Messages.
    pub messages: Arc<Messages>,
    /// Files.
    pub media: Arc<Media>,
    /// Web Push.
    pub pushes: Arc<Pushes>,
    /// Who is connected.
    pub presence: Arc<PresenceService>,
    /// Who is typing.
    pub typing: Arc<Typing>,
    /// Resolving external ids of people and chats.
    pub external_ids: Arc<ExternalIds>,
    /// Hosts' people, whom the hosts' backends manage.
    pub host_people: Arc<HostPeople>,
    /// Pictures of hosts' people.
    pub host_pictures: Arc<HostPictures>,
    /// Requests that may be repeated.
    pub idempotency: Arc<Idempotency>,
    /// The limits that this installation chose.
    pub limits: Chosen,
}

impl Backend {
    /// Registers everything with actix.
    pub(crate) fn register(&self, app: &mut ServiceConfig) {
        self.access.register(app);
        self.use_cases.register(app);
        app.app_data(Data::from(Arc::clone(&self.health)));
    }

    /// What the native socket needs.
    pub(crate) fn socket_api(&self) -> SocketApi {
        let UseCases { messages, chats, typing, presence, external_ids, .. } =
            self.use_cases.clone();
        let calls = Arc::new(SocketCalls { messages, chats, typing, presence, external_ids });
        SocketApi { access: self.access.clone(), sockets: self.sockets.clone(), calls }
    }
}

impl UseCases {
    fn register(&self, app: &mut ServiceConfig) {
        app.app_data(Data::from(Arc::clone(&self.users)))
            .app_data(Data::from(Arc::clone(&self.blocks)))
            .app_data(Data::from(Arc::clone(&self.own)))
            .app_data(Data::from(Arc::clone(&self.admin)))
            .app_data(Data::from(Arc::clone(&self.invites)))
            .app_data(Data::from(Arc::clone(&self.chats)))
            .app_data(Data::from(Arc::clone(&self.messages)))
            .app_data(Data::from(Arc::clone(&self.media)))
            .app_data(Data::from(Arc::clone(&self.pushes)))
            .app_data(Data::from(Arc::clone(&self.presence)))
            .app_data(Data::from(Arc::clone(&self.typing)))
            .app_data(Data::from(Arc::clone(&self.external_ids)))
            .app_data(Data::from(Arc::clone(&self.host_people)))
            .app_data(Data::from(Arc::clone(&self.idempotency)))
            .app_data(Data::new(self.limits));
    }
}
