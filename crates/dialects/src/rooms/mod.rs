//! Open rooms, with private messages in them.

mod parse;
mod render;
mod rest;
mod shown;
mod socket;

use crate::shared::deleting;
use crate::shared::dialect::Dialect;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::refusal::Refused;
use crate::shared::route::Route;
use actix_web::HttpResponse;
use actix_web::guard::fn_guard;
use actix_web::http::header::UPGRADE;
use actix_web::web::{self, Path, ServiceConfig, delete, get};
use http_core::path::ANY_NAME;
use realtime::SocketTimes;
use socket::Rooms;

pub(super) const DIALECT: Dialect = Dialect {
    name: render::NAME,
    routes: &[
        Route::new("GET", "/api/chat", || get().to(rest::list)),
        Route::new("DELETE", "/api/chat/delete/{id}", || delete().to(rest::delete_room)),
        Route::new("DELETE", "/api/chat/messages/delete/{id}", || {
            delete().to(deleting::message_at)
        }),
        Route::new("GET", "/api/chat/{id}", || get().to(rest::one)),
        Route::new("WS", "/ws/rooms/{room}", || get().to(open)),
    ],
    codec: Some(&render::RoomsCodec),
    last: Some(by_name),
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

/// A room is at its own name too, for sockets only: a page may be there for everybody else.
fn by_name(app: &mut ServiceConfig) {
    let asks = |context: &actix_web::guard::GuardContext<'_>| {
        let upgrade = context.head().headers().get(UPGRADE);
        upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
    };
    for path in [ANY_NAME.to_owned(), format!("{ANY_NAME}/")] {
        app.service(web::resource(path).guard(fn_guard(asks)).route(get().to(open)));
    }
}

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
