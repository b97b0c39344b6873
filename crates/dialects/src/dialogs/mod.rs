//! A socket for dialogs of two people, and for groups.

mod groups;
mod parse;
mod push;
mod render;
mod shown;
mod socket;

use crate::shared::dialect::Dialect;
use crate::shared::open::{Guest, Visit};
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

async fn open(visit: Visit) -> Result<HttpResponse, actix_web::Error> {
    let place = visit.knock()?;
    let caller = visit.caller().await?;
    let place = match &caller {
        Some(caller) => visit.seat(caller, place)?,
        None => place,
    };
    let times = SocketTimes { sign_in: PATIENCE, ..SocketTimes::DEFAULT };
    visit.open(place, times, async move |guest: Guest<'_>| begin(guest, caller).await).await
}

async fn begin(mut guest: Guest<'_>, caller: Option<Caller>) -> Result<CloseCode, CloseCode> {
    let (caller, first) = match caller {
        Some(caller) => (caller, None),
        None => {
            let (caller, answer) = sign_in(&mut guest).await?;
            (caller, Some(answer))
        }
    };
    guest.converse(caller, async |asker| Ok((socket::Dialogs::begin(asker).await?, first))).await
}

/// Takes frames until one of them signs in; how to answer that, once the client hears what happens.
async fn sign_in(guest: &mut Guest<'_>) -> Result<(Caller, Frame), CloseCode> {
    guest.visitor.let_in();
    loop {
        let text = guest.visitor.socket.first_text().await?;
        let answer = match Parsed::new(&text) {
            None => render::error(None, "Invalid format"),
            Some(Parsed { event, request: Ok(Request::Authenticate { token }) }) => {
                let caller = guest.services.sessions.recognise(&token).await;
                match caller.map_err(Failure::from) {
                    Ok(caller) => {
                        guest.take_seat(&caller)?;
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
        guest.visitor.socket.write(answer).await?;
    }
}
