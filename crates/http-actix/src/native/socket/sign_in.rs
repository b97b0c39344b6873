//! Authenticating the client of a socket.

use super::wire::Auth;
use actix_web::HttpRequest;
use domain::failure::Failure;
use domain::session::{AuthError, ProvenCaller, Sessions};
use http_core::auth::query_value;
use http_core::body;
use http_core::credential::bearer;
use http_core::problem::Problem;
use realtime::{CloseCode, Socket};

/// Authenticates by the `Authorization` header or a ticket; `None` if there is neither, so that the first
/// frame has to.
pub(super) async fn from_request(
    request: &HttpRequest,
    sessions: &Sessions,
) -> Result<Option<ProvenCaller>, Problem> {
    if let Some(token) = bearer(request) {
        return Ok(Some(sessions.prove_by_token(token).await.map_err(Failure::from)?));
    }
    match query_value(request.head(), "ticket") {
        Some(ticket) => Ok(Some(sessions.prove_by_ticket(&ticket).await.map_err(Failure::from)?)),
        None => Ok(None),
    }
}

/// Authenticates by the first frame: `{"type": "auth", "token"}`.
pub(super) async fn from_first_frame(
    socket: &mut Socket,
    sessions: &Sessions,
) -> Result<ProvenCaller, CloseCode> {
    let text = socket.first_text().await?;
    let Auth::Auth { token } =
        body::parse::<Auth>(text.as_bytes()).map_err(|_| CloseCode::NotSignedIn)?;
    sessions.prove_by_token(&token).await.map_err(|error| match error {
        AuthError::Store(_) => CloseCode::Trouble,
        _ => CloseCode::BadToken,
    })
}
