//! A socket of events, for direct chats and chats of projects.

mod parse;
mod render;
mod socket;

use crate::shared::dialect::Dialect;
use crate::shared::open::{Guest, Visit};
use crate::shared::route::Route;
use actix_web::HttpResponse;
use actix_web::web::get;
use realtime::SocketTimes;
use socket::Events;

pub(super) const DIALECT: Dialect = Dialect {
    name: render::NAME,
    routes: &[Route::new("WS", "/ws/chats", || get().to(open))],
    codec: Some(&render::EventsCodec),
    last: None,
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

async fn open(visit: Visit) -> Result<HttpResponse, actix_web::Error> {
    let (caller, place) = visit.admit().await?;
    visit
        .open(place, SocketTimes::DEFAULT, async move |guest: Guest<'_>| {
            guest.converse(caller, async |_| Ok((Events, None))).await
        })
        .await
}
