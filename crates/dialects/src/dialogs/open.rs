//! The socket: anybody may open it, and signs in on it later.

use super::age::Age;
use super::parse::{Parsed, Request};
use super::render;
use super::socket::{DialogsClient, Next};
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::texts::Dialogs;
use actix_web::HttpResponse;
use domain::failure::{Failure, StoreError};
use domain::session::{AuthError, Caller};
use realtime::{CloseCode, Frame, SocketTimes};

/// The event that signs in.
const AUTHENTICATE: &str = "authenticate";

pub(super) async fn open(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let slot = request.reserve_slot()?;
    let age = Age::of(&request.request);
    let talk = async move |socket: DialectSocket<'_>| talk(socket, age).await;
    request.open(slot, SocketTimes::DEFAULT, talk).await
}

/// Serves one person after another, if somebody else signs in on the same connection.
async fn talk(mut socket: DialectSocket<'_>, age: Age) -> Result<CloseCode, CloseCode> {
    let mut caller = sign_in(&mut socket, age).await?;
    loop {
        socket.reserve_account_slot(&caller)?;
        let next = Next::default();
        let successor = Next::clone(&next);
        // Sent once the client is subscribed, so that it gets all events after this answer.
        let first = render::ok(AUTHENTICATE, &render::successed());
        let begin =
            async |client| Ok((DialogsClient::begin(client, age, next).await?, Some(first)));
        let ended = socket.converse_once(caller, begin).await?;
        match successor.take() {
            Some(other) if ended == CloseCode::Normal => caller = other,
            _ => return Ok(ended),
        }
    }
}

/// Reads frames until one of them signs in. Only the address's rate limit restricts time and attempts,
/// because the client keeps this one connection while it gets another token or somebody types their password,
/// and does not reconnect.
async fn sign_in(socket: &mut DialectSocket<'_>, age: Age) -> Result<Caller, CloseCode> {
    socket.let_in();
    loop {
        let text = socket.next_text().await?;
        match try_to_sign_in(socket, age, &text).await {
            Ok(caller) => return Ok(caller),
            Err(refusal) => socket.open.socket.write(refusal).await?,
        }
    }
}

/// Handles a frame: the caller if it signs in, or a refusal.
async fn try_to_sign_in(socket: &DialectSocket<'_>, age: Age, text: &str) -> Result<Caller, Frame> {
    let Some(parsed) = Parsed::new(age, text) else {
        return Err(render::error(None, &Dialogs::InvalidFormat));
    };
    let refused = |why: Dialogs| Err(render::error(Some(&parsed.event), &why));
    if let Err(failure) = socket.count() {
        return Err(render::refused(&parsed.event, &failure));
    }
    let token = match &parsed.request {
        _ if !parsed.is_defined() => return refused(Dialogs::UndefinedEvent),
        Ok(Request::Authenticate(token)) => token.as_deref().unwrap_or_default(),
        _ => return refused(Dialogs::MustAuthenticate),
    };
    match socket.services.sessions.recognise(token).await {
        Ok(caller) => Ok(caller),
        Err(AuthError::Store(error)) => {
            log(error);
            refused(Dialogs::AuthorizationFailed)
        }
        Err(_) => refused(Dialogs::AuthorizationFailed),
    }
}

fn log(error: StoreError) {
    http_core::problem::log_cause(&Failure::from(error));
}
