//! The chat over HTTP and WebSocket.
//!
//! `native` is the API under `/api/v1`, `realtime` what every protocol's sockets share: the hub that
//! events go through, the mailbox of a socket, and the loop that serves one. `dialects` are the
//! protocols of other servers. A handler takes a request apart, calls one use case, and puts the
//! answer together; it holds no rule and no query.

pub mod auth;
mod body;
pub mod dialects;
pub mod figures;
pub mod health;
mod moment;
pub mod native;
mod path;
pub mod problem;
pub mod rate_limit;
pub mod realtime;
mod request_log;
pub mod serve;
mod traces;
mod upload;

use actix_web::rt;
use actix_web::web::{Data, ServiceConfig};
use domain::admin::Administration;
use domain::block::Blocks;
use domain::chat::Chats;
use domain::failure::{Failure, Kind};
use domain::media::Media;
use domain::message::Messages;
use domain::own_data::OwnData;
use domain::presence::{PresenceService, Typing};
use domain::push::Pushes;
use domain::session::Sessions;
use domain::user::Users;
use std::sync::Arc;
use tracing::Instrument;

pub use request_log::log_request;

/// Bytes of a request's body, at most. A message of 8,192 characters fits, however it is escaped.
pub const BODY_BYTES: usize = 128 * 1024;

/// What the handlers call. Each is handed to actix by itself; a handler names those it needs.
#[derive(Clone)]
pub struct Services {
    /// Accounts.
    pub users: Arc<Users>,
    /// Who wants nothing of whom.
    pub blocks: Arc<Blocks>,
    /// What is somebody's own.
    pub own: Arc<OwnData>,
    /// What admins do.
    pub admin: Arc<Administration>,
    /// Signing in and out.
    pub sessions: Arc<Sessions>,
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
    /// The open sockets.
    pub hub: Arc<realtime::Hub>,
    /// Whether this process can serve.
    pub health: Arc<health::Health>,
    /// Which web pages may call from a browser.
    pub origins: Arc<auth::Origins>,
    /// How often who may do what.
    pub rate_limits: Arc<rate_limit::RateLimits>,
    /// The protocols of other servers that are served.
    pub dialects: dialects::Dialects,
}

/// Runs a change to its end even when its caller hangs up: once it is stored, others must hear of
/// it.
async fn to_the_end<T: 'static, E: Into<Failure> + 'static>(
    change: impl Future<Output = Result<T, E>> + 'static,
) -> Result<T, Failure> {
    let done = rt::spawn(change.in_current_span()).await;
    let mistake = |_| Failure::new(Kind::Internal, "internal", "The server made a mistake.");
    done.map_err(mistake)?.map_err(Into::into)
}

impl Services {
    /// Hands every service to actix.
    pub fn register(&self, app: &mut ServiceConfig) {
        app.app_data(Data::new(self.clone()))
            .app_data(Data::from(Arc::clone(&self.users)))
            .app_data(Data::from(Arc::clone(&self.blocks)))
            .app_data(Data::from(Arc::clone(&self.own)))
            .app_data(Data::from(Arc::clone(&self.admin)))
            .app_data(Data::from(Arc::clone(&self.sessions)))
            .app_data(Data::from(Arc::clone(&self.chats)))
            .app_data(Data::from(Arc::clone(&self.messages)))
            .app_data(Data::from(Arc::clone(&self.media)))
            .app_data(Data::from(Arc::clone(&self.pushes)))
            .app_data(Data::from(Arc::clone(&self.presence)))
            .app_data(Data::from(Arc::clone(&self.typing)))
            .app_data(Data::from(Arc::clone(&self.hub)))
            .app_data(Data::from(Arc::clone(&self.health)))
            .app_data(Data::from(Arc::clone(&self.origins)))
            .app_data(Data::from(Arc::clone(&self.rate_limits)));
    }
}
