//! Accounts, rooms and messages over HTTP, and a socket for each room.

mod accounts;
mod here;
mod parse;
mod people;
mod render;
mod rooms;
mod shown;
mod socket;

use crate::shared::chats;
use crate::shared::dialect::Dialect;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::refusal::Refused;
use crate::shared::route::{Route, id_in};
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::{Path, delete, get, patch, post, put};
use domain::ids::ChatId;
use http_core::rate_limit::Class;
use realtime::SocketTimes;
use socket::MiniChat;

pub(super) const DIALECT: Dialect = Dialect {
    name: socket::NAME,
    language: Language::Russian,
    routes: ROUTES,
    codec: Some(&socket::MiniChatCodec),
    sign_up: None,
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

const ROUTES: &[Route] = &[
    Route::new("POST", "/api/auth/register", || post().to(accounts::register))
        .counted(Class::Register),
    Route::new("POST", "/api/auth/login", || post().to(accounts::log_in)).counted(Class::LogIn),
    Route::new("POST", "/api/auth/logout", || post().to(accounts::log_out)),
    Route::new("POST", "/api/auth/token/refresh", || post().to(accounts::refresh)),
    Route::new("POST", "/api/auth/change-password", || post().to(accounts::change_password))
        .counted(Class::LogIn),
    Route::new("GET", "/api/auth/me", || get().to(people::me)),
    Route::new("GET", "/api/auth/profile", || get().to(people::me)),
    Route::new("PUT", "/api/auth/profile", || put().to(people::update)),
    Route::new("PATCH", "/api/auth/profile", || patch().to(people::update)),
    Route::new("GET", "/api/auth/search", || get().to(people::search)).counted(Class::Search),
    Route::new("GET", "/api/auth/users", || get().to(people::all)).counted(Class::Search),
    Route::new("GET", "/api/chat/online-users", || get().to(people::online)),
    Route::new("GET", "/api/chat/rooms", || get().to(rooms::list)),
    Route::new("POST", "/api/chat/rooms", || post().to(rooms::create)),
    Route::new("GET", "/api/chat/rooms/{id}", || get().to(rooms::one)),
    Route::new("PUT", "/api/chat/rooms/{id}", || put().to(rooms::update)),
    Route::new("PATCH", "/api/chat/rooms/{id}", || patch().to(rooms::update)),
    Route::new("DELETE", "/api/chat/rooms/{id}", || delete().to(rooms::remove)),
    Route::new("GET", "/api/chat/rooms/{id}/history", || get().to(rooms::history)),
    Route::new("GET", "/api/chat/rooms/{id}/participants", || get().to(rooms::participants)),
    Route::new("GET", "/api/chat/messages", || get().to(rooms::messages)),
    Route::new("POST", "/api/chat/messages", || post().to(rooms::send)).counted(Class::Send),
    Route::new("POST", "/api/chat/create-direct-chat", || post().to(rooms::create_direct)),
    Route::new("WS", "/ws/chat/{id}", || get().to(open)),
];

async fn open(request: SocketRequest, id: Path<String>) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = request.admit().await?;
    let id: ChatId = id_in(&id)?;
    let view = chats::one(&request.services, &caller, id).await.map_err(Refused::from)?;
    let room = view.chat.id;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |client| MiniChat::begin(client, room).await).await
        })
        .await
}
