//! What the native API calls.

use crate::health::Health;
use crate::native::{SocketApi, SocketCalls};
use actix_web::web::{Data, ServiceConfig};
use domain::admin::Administration;
use domain::block::Blocks;
use domain::chat::Chats;
use domain::host::{ExternalIds, HostPeople};
use domain::invite::Invites;
use domain::limits::Chosen;
use domain::media::Media;
use domain::message::Messages;
use domain::own_data::OwnData;
use domain::presence::{PresenceService, Typing};
use domain::push::Pushes;
use domain::user::Users;
use http_core::Access;
use realtime::SocketServices;
use std::sync::Arc;

/// What the native API stands on.
#[derive(Clone)]
pub struct Backend {
    /// What is done.
    pub use_cases: UseCases,
    /// Who may come in, and how often.
    pub access: Access,
    /// What sockets call.
    pub sockets: SocketServices,
    /// Whether this process can serve.
    pub health: Arc<Health>,
}

/// What the handlers call. Each is handed to actix by itself; a handler names those it needs.
#[derive(Clone)]
pub struct UseCases {
    /// Accounts.
    pub users: Arc<Users>,
    /// Who wants nothing of whom.
    pub blocks: Arc<Blocks>,
    /// What is somebody's own.
    pub own: Arc<OwnData>,
    /// What admins do.
    pub admin: Arc<Administration>,
    /// Invitations to make an account.
    pub invites: Arc<Invites>,
    /// Chats and their members.
    pub chats: Arc<Chats>,
    /// Messages.
    pub messages: Arc<Messages>,
    /// Files.
    pub media: Arc<Media>,
    /// Devices that are told while no page is open.
    pub pushes: Arc<Pushes>,
    /// Who is connected.
    pub presence: Arc<PresenceService>,
    /// Who is typing.
    pub typing: Arc<Typing>,
    /// Whom and which chats external ids mean.
    pub external_ids: Arc<ExternalIds>,
    /// People of hosts, whom their backends bring in.
    pub host_people: Arc<HostPeople>,
    /// What this server allows.
    pub limits: Chosen,
}

impl Backend {
    /// Hands everything to actix.
    pub(crate) fn register(&self, app: &mut ServiceConfig) {
        self.access.register(app);
        self.use_cases.register(app);
        app.app_data(Data::from(Arc::clone(&self.health)));
    }

    /// What the native socket calls.
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
            .app_data(Data::new(self.limits));
    }
}
