//! The use cases that dialects call.

use actix_web::HttpRequest;
use actix_web::web::Data;
use domain::admin::Administration;
use domain::chat::Chats;
use domain::media::Media;
use domain::message::Messages;
use domain::own_data::OwnData;
use domain::presence::{PresenceService, Typing};
use domain::session::Sessions;
use domain::user::Users;
use std::sync::Arc;

/// The use cases that dialects call.
#[derive(Clone)]
pub struct Services {
    /// Accounts.
    pub users: Arc<Users>,
    /// Administration.
    pub admin: Arc<Administration>,
    /// Signing in and out.
    pub sessions: Arc<Sessions>,
    /// Chats and their members.
    pub chats: Arc<Chats>,
    /// Messages.
    pub messages: Arc<Messages>,
    /// Files.
    pub media: Arc<Media>,
    /// Exporting and deleting one's own data.
    pub own: Arc<OwnData>,
    /// Who is connected.
    pub presence: Arc<PresenceService>,
    /// Who is typing.
    pub typing: Arc<Typing>,
}

/// The client at the other end of a socket.
pub(crate) type ClientContext = http_core::ClientContext<Services>;

/// A value that was registered with the app.
pub(crate) fn data<T: 'static>(request: &HttpRequest) -> Arc<T> {
    let data = request.app_data::<Data<T>>().cloned();
    data.expect("`Access::register` or `Dialects::mount` hands it to the app").into_inner()
}
