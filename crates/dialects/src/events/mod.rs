//! A socket of events, for direct chats and chats of projects.

mod parse;
mod render;
mod socket;

use super::Dialect;
use super::open::Visit;
use super::route::Route;
use crate::realtime::SocketTimes;
use actix_web::HttpResponse;
use actix_web::web::get;
use socket::Events;

pub(super) const DIALECT: Dialect = Dialect {
    name: "events",
    routes: &[Route::new("WS", "/ws/chats", || get().to(open))],
    last: None,
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

async fn open(visit: Visit) -> Result<HttpResponse, actix_web::Error> {
    let (caller, place) = visit.admit().await?;
    visit
        .open(place, SocketTimes::default(), move |guest| {
            guest.converse(caller, |_| async { Ok((Events, None)) })
        })
        .await
}
