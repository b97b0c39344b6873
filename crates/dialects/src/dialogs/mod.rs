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
use actix_web::HttpResponse;
use actix_web::web::get;
use domain::failure::Failure;
use domain::session::Caller;
use parse::{Parsed, Request};
use realtime::{CloseCode, Frame, SocketTimes};
use std::time::Duration;

pub(super) const DIALECT: Dialect = Dialect {
    name: socket::NAME,
    routes: &[Route::new("WS", "/ws/main", || get().to(open))],
    codec: None,
    last: None,
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::Parsed::new(frame)),
};

/// How long a client may say nothing before it has signed in.
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let slot = request.reserve_slot()?;
    let caller = request.caller().await?;
    let slot = match &caller {
        Some(caller) => request.reserve_account_slot(caller, slot)?,
        None => slot,
    };
    let times = SocketTimes { sign_in: PATIENCE, ..SocketTimes::DEFAULT };
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
    socket.open.let_in();
    loop {
        let text = socket.open.socket.first_text().await?;
        let answer = match Parsed::new(&text) {
            None => render::error(None, "Invalid format"),
            Some(Parsed { event, request: Ok(Request::Authenticate { token }) }) => {
                let caller = socket.services.sessions.recognise(&token).await;
                match caller.map_err(Failure::from) {
                    Ok(caller) => {
                        socket.reserve_account_slot(&caller)?;
                        return Ok((caller, render::signed_in(&event)));
                    }
                    Err(failure) => {
                        http_core::problem::log_cause(&failure);
                        render::error(Some(&event), "Authorization failed")
                    }
                }
            }
            Some(Parsed { event, request: Err(flaw) }) if event == "authenticate" => {
                render::error(Some(&event), flaw)
            }
            Some(Parsed { event, .. }) => render::error(Some(&event), "You must be authenticated"),
        };
        socket.open.socket.write(answer).await?;
    }
}
