//! The dialect `rooms`: open rooms that are entered by their names, private messages beside them, and
//! accounts that sign in by e-mail address.

mod accounts;
mod echo;
mod manage;
mod names;
mod parse;
mod register;
mod render;
mod rest;
mod shown;
mod socket;
mod who;
mod wrong;

use crate::shared::dialect::Dialect;
use crate::shared::http::is_socket;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::refusal::Refused;
use crate::shared::route::Route;
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::{Path, delete, get, patch, post};
use http_core::rate_limit::Class;
use realtime::SocketTimes;
use socket::Rooms;

pub(super) const DIALECT: Dialect = Dialect {
    name: render::NAME,
    language: Language::English,
    routes: ROUTES,
    codec: Some(&render::RoomsCodec),
    sign_up: None,
    roles: &["seller", "salon_member"],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

const ROUTES: &[Route] = &[
    Route::new("POST", "/api/user/registration", || post().to(register::register))
        .counted(Class::Register),
    Route::new("PATCH", "/api/user/make_admin/{id}", || patch().to(manage::make_admin)),
    Route::new("PATCH", "/api/user/block_unblock/{id}", || patch().to(manage::block_or_unblock)),
    Route::new("POST", "/api/auth", || post().to(accounts::log_in)).counted(Class::LogIn),
    Route::new("POST", "/api/auth/refresh", || post().to(accounts::refresh)),
    Route::new("GET", "/api/auth/socket", || get().to(accounts::socket_token)),
    Route::new("GET", "/api/auth/site_role", || get().to(accounts::site_role)),
    Route::new("PATCH", "/api/auth/activate/{token}", || patch().to(accounts::activate)),
    Route::new("GET", "/api/chat", || get().to(rest::list)),
    Route::new("DELETE", "/api/chat/delete/{id}", || delete().to(rest::delete_room)),
    Route::new("DELETE", "/api/chat/messages/delete/{id}", || delete().to(rest::delete_message)),
    Route::new("GET", "/api/chat/{id}", || get().to(rest::one)),
    Route::new("WS", "/api/chat/{room}", || get().to(open)).when(is_socket),
];

async fn open(
    request: SocketRequest,
    name: Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = request.admit_by_ticket().await?;
    let name = names::room(&name)?;
    let (chats, who) = (request.services.chats.clone(), caller.clone());
    // From here on, the person has entered even if the client disconnects.
    let entered = async move { chats.enter_common_room(&who, &name).await };
    let (view, _) = http_core::to_the_end(entered).await.map_err(Refused::from)?;
    let room = view.chat.id;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |client| Rooms::begin(client, room).await).await
        })
        .await
}
