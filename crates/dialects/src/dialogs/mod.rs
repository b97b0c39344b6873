//! A socket for dialogs of two people, and for groups.

mod groups;
mod parse;
mod push;
mod render;
mod shown;
mod socket;

use crate::shared::dialect::Dialect;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::route::Route;
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::get;
use domain::failure::Failure;
use domain::limits::SIGN_IN_FRAMES;
use domain::session::Caller;
use parse::{Parsed, Request};
use realtime::{CloseCode, Frame, SocketTimes};

pub(super) const DIALECT: Dialect = Dialect {
    name: socket::NAME,
    language: Language::English,
    routes: &[Route::new("WS", "/ws/main", || get().to(open))],
    codec: None,
    sign_up: None,
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::Parsed::new(frame)),
};

async fn open(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let slot = request.reserve_slot()?;
    let caller = request.caller().await?;
    let slot = match &caller {
        Some(caller) => request.reserve_account_slot(caller, slot)?,
        None => slot,
    };
    let times = SocketTimes::DEFAULT;
    request
        .open(slot, times, async move |socket: DialectSocket<'_>| begin(socket, caller).await)
        .await
}

async fn begin(
    mut socket: DialectSocket<'_>,
    caller: Option<Caller>,
) -> Result<CloseCode, CloseCode> {
    let (caller, first) = match caller {
        Some(caller) => (caller, None),
        None => {
            let (caller, answer) = sign_in(&mut socket).await?;
            (caller, Some(answer))
        }
    };
    socket.converse(caller, async |client| Ok((socket::Dialogs::begin(client).await?, first))).await
}

/// Takes frames until one of them signs in; how to answer that, once the client hears what happens.
async fn sign_in(socket: &mut DialectSocket<'_>) -> Result<(Caller, Frame), CloseCode> {
    socket.let_in();
    for _ in 0..SIGN_IN_FRAMES {
        let text = socket.open.socket.first_text().await?;
        match try_to_sign_in(socket, &text).await? {
            Ok(signed_in) => return Ok(signed_in),
            Err(refusal) => socket.open.socket.write(refusal).await?,
        }
    }
    Err(CloseCode::NotSignedIn)
}

/// Whom a frame signs in and how to answer it, or how to refuse it.
async fn try_to_sign_in(
    socket: &mut DialectSocket<'_>,
    text: &str,
) -> Result<Result<(Caller, Frame), Frame>, CloseCode> {
    let refused = |event: &str, why: &str| Ok(Err(render::error(Some(event), why)));
    let Some(Parsed { event, request }) = Parsed::new(text) else {
        return Ok(Err(render::error(None, "Invalid format")));
    };
    if let Err(failure) = socket.count() {
        return refused(&event, &failure.detail);
    }
    let token = match request {
        Ok(Request::Authenticate { token }) => token,
        Err(flaw) if event == "authenticate" => return refused(&event, flaw),
        _ => return refused(&event, "You must be authenticated"),
    };
    match socket.services.sessions.recognise(&token).await.map_err(Failure::from) {
        Ok(caller) => {
            socket.reserve_account_slot(&caller)?;
            Ok(Ok((caller, render::signed_in(&event))))
        }
        Err(failure) => {
            http_core::problem::log_cause(&failure);
            refused(&event, "Authorization failed")
        }
    }
}
