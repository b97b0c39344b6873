//! Open rooms, with private messages in them.

mod parse;
mod render;
mod rest;
mod shown;
mod socket;

use crate::shared::deleting;
use crate::shared::dialect::Dialect;
use crate::shared::http::is_socket;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::refusal::Refused;
use crate::shared::route::Route;
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::{Path, delete, get};
use realtime::SocketTimes;
use socket::Rooms;

pub(super) const DIALECT: Dialect = Dialect {
    name: render::NAME,
    language: Language::English,
    routes: &[
        Route::new("GET", "/api/chat", || get().to(rest::list)),
        Route::new("DELETE", "/api/chat/delete/{id}", || delete().to(rest::delete_room)),
        Route::new("DELETE", "/api/chat/messages/delete/{id}", || {
            delete().to(deleting::message_at)
        }),
        Route::new("GET", "/api/chat/{id}", || get().to(rest::one)),
        Route::new("WS", "/api/chat/{room}", || get().to(open)).when(is_socket),
    ],
    codec: Some(&render::RoomsCodec),
    sign_up: None,
    roles: &["seller", "salon_member"],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

async fn open(
    request: SocketRequest,
    name: Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = request.admit().await?;
    let (chats, who) = (request.services.chats.clone(), caller.clone());
    // Who hangs up now has entered all the same.
    let entered = http_core::to_the_end(async move { chats.enter_room(&who, &name).await }).await;
    let (view, _) = entered.map_err(Refused::from)?;
    let room = view.chat.id;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |client| Rooms::begin(client, room).await).await
        })
        .await
}
