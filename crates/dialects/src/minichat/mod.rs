//! The dialect `minichat`: accounts, rooms and messages over HTTP, and a socket for each room.
//!
//! It has two front ends: one that follows the original's documents, and a React client that expects other
//! answers than the original gives. A response suits both where it can; where it cannot, it follows the
//! documents.

mod accounts;
mod form;
mod here;
mod messages;
mod mine;
mod parse;
mod people;
mod refuse;
mod render;
mod rooms;
mod shown;
mod socket;

use crate::shared::dialect::Dialect;
use crate::shared::http::issued_by;
use crate::shared::route::Route;
use crate::texts::Language;
use actix_web::guard::GuardContext;
use actix_web::web::{delete, get, patch, post, put};
use http_core::rate_limit::Class;

pub(super) const DIALECT: Dialect = Dialect {
    name: render::NAME,
    // The language of its framework's texts. The original's own texts are Russian in any language.
    language: Language::English,
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
    Route::new("GET", "/api/auth/user", || get().to(people::me)),
    Route::new("GET", "/api/auth/profile", || get().to(people::me)),
    // Uploads, because the form may have a picture.
    Route::new("PUT", "/api/auth/profile", || put().to(people::update)).counted(Class::Upload),
    Route::new("PATCH", "/api/auth/profile", || patch().to(people::update)).counted(Class::Upload),
    Route::new("POST", "/api/auth/upload-avatar", || post().to(people::update))
        .counted(Class::Upload),
    Route::new("GET", "/api/auth/search", || get().to(people::search)).counted(Class::Search),
    Route::new("GET", "/api/auth/users", || get().to(people::all)).counted(Class::Search),
    Route::new("GET", "/api/chat/online-users", || get().to(people::online)),
    Route::new("GET", "/api/chat/rooms", || get().to(rooms::list)),
    Route::new("POST", "/api/chat/rooms", || post().to(rooms::create)),
    Route::new("GET", "/api/chat/rooms/{id}", || get().to(rooms::one)),
    Route::new("PUT", "/api/chat/rooms/{id}", || put().to(rooms::replace)),
    Route::new("PATCH", "/api/chat/rooms/{id}", || patch().to(rooms::change)),
    Route::new("DELETE", "/api/chat/rooms/{id}", || delete().to(rooms::remove)),
    Route::new("POST", "/api/chat/rooms/{id}/join", || post().to(rooms::join)),
    Route::new("POST", "/api/chat/rooms/{id}/leave", || post().to(rooms::leave)),
    Route::new("GET", "/api/chat/rooms/{id}/history", || get().to(messages::history)),
    Route::new("POST", "/api/chat/rooms/{id}/mark_read", || post().to(messages::mark_read)),
    Route::new("GET", "/api/chat/rooms/{id}/participants", || get().to(people::participants)),
    Route::new("GET", "/api/chat/messages", || get().to(messages::list)),
    Route::new("POST", "/api/chat/messages", || post().to(messages::send)).counted(Class::Send),
    Route::new("POST", "/api/chat/create-direct-chat", || post().to(rooms::create_direct)),
    // `events` has a socket at the same path.
    Route::new("WS", "/ws/chat", || get().to(socket::open_idle)).when(is_signed_in_here),
    Route::new("WS", "/ws/chat/{id}", || get().to(socket::open)),
];

fn is_signed_in_here(context: &GuardContext<'_>) -> bool {
    issued_by(context.head()).as_deref() == Some(render::NAME)
}
