//! Accounts, chats and messages over HTTP with keys that live long, and one socket for all chats.

mod accounts;
mod chats;
mod messages;
mod parse;
mod people;
mod render;
mod shown;
mod socket;

use crate::shared::deleting;
use crate::shared::dialect::Dialect;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::route::Route;
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::{delete, get, patch, post, put};
use http_core::rate_limit::Class;
use realtime::SocketTimes;
use socket::FlowChat;

pub(super) const DIALECT: Dialect = Dialect {
    name: socket::NAME,
    language: Language::Russian,
    routes: ROUTES,
    codec: Some(&socket::FlowChatCodec),
    sign_up: None,
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

const ROUTES: &[Route] = &[
    Route::new("POST", "/api/users", || post().to(accounts::register)).counted(Class::Register),
    Route::new("POST", "/api/login", || post().to(accounts::log_in)).counted(Class::LogIn),
    Route::new("POST", "/api/logout", || post().to(accounts::log_out)),
    Route::new("GET", "/api/users/me", || get().to(people::me)),
    Route::new("GET", "/api/users/all", || get().to(people::all)).counted(Class::Search),
    Route::new("GET", "/api/users/{id}", || get().to(people::one)),
    Route::new("PATCH", "/api/users/{id}", || patch().to(people::update)),
    Route::new("PUT", "/api/users/{id}", || put().to(people::update)),
    Route::new("GET", "/api/users/{id}/profile", || get().to(people::one)),
    Route::new("GET", "/api/chats", || get().to(chats::list)),
    Route::new("POST", "/api/chats", || post().to(chats::list_or_create)),
    Route::new("POST", "/api/chats/get_or_create", || post().to(chats::get_or_create)),
    Route::new("GET", "/api/chats/{id}", || get().to(chats::one)),
    Route::new("POST", "/api/chats/{id}", || post().to(chats::one)),
    Route::new("GET", "/api/chats/{id}/get_messages", || get().to(messages::list)),
    Route::new("POST", "/api/chats/{id}/send_message", || post().to(messages::send))
        .counted(Class::Send),
    Route::new("POST", "/api/chats/{id}/mark_read", || post().to(messages::mark_read)),
    Route::new("PATCH", "/api/messages/{id}", || patch().to(messages::edit)).counted(Class::Send),
    Route::new("DELETE", "/api/messages/{id}", || delete().to(deleting::message_at))
        .counted(Class::Send),
    Route::new("WS", "/ws/flowchat", || get().to(open)),
];

async fn open(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let (caller, slot) = request.admit().await?;
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |_| Ok((FlowChat, None))).await
        })
        .await
}
