//! A socket of events, for direct chats and chats of projects.

mod parse;
mod render;
mod socket;

use crate::shared::dialect::Dialect;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::route::Route;
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::get;
use realtime::SocketTimes;
use socket::Events;

pub(super) const DIALECT: Dialect = Dialect {
    name: render::NAME,
    language: Language::Russian,
    routes: &[Route::new("WS", "/ws/chats", || get().to(open))],
    codec: Some(&render::EventsCodec),
    sign_up: None,
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

async fn open(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = request.admit().await?;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |_| Ok((Events, None))).await
        })
        .await
}
