//! The dialect `flowchat`: accounts, chats and messages over HTTP with a long-lived token, and sockets that
//! are opened with a cookie: one for each chat, and one for notifications.

mod accounts;
mod chats;
mod cookies;
mod group;
mod messages;
mod parse;
mod people;
mod profile;
mod refusals;
mod render;
mod shown;
mod socket;
mod who;
mod words;

use crate::shared::dialect::Dialect;
use crate::shared::route::Route;
use actix_web::web::{delete, get, patch, post, put};
use http_core::rate_limit::Class;
use words::{LANGUAGE, NAME};

pub(super) const DIALECT: Dialect = Dialect {
    name: NAME,
    language: LANGUAGE,
    routes: ROUTES,
    codec: Some(&socket::FlowChatCodec),
    sign_up: None,
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::frame(frame)),
};

const ROUTES: &[Route] = &[
    Route::new("POST", "/api/users", || post().to(accounts::register)).counted(Class::Register),
    Route::new("POST", "/api/login", || post().to(accounts::log_in)).counted(Class::LogIn),
    Route::new("POST", "/api/logout", || post().to(accounts::log_out)),
    Route::new("GET", "/api/users", || get().to(people::list)),
    Route::new("GET", "/api/users/me", || get().to(people::me)),
    Route::new("GET", "/api/users/all", || get().to(people::all)).counted(Class::Search),
    Route::new("GET", "/api/users/{id}", || get().to(people::one)),
    // The body may contain a picture.
    Route::new("PATCH", "/api/users/{id}", || patch().to(people::update)).counted(Class::Upload),
    Route::new("PUT", "/api/users/{id}", || put().to(people::update)).counted(Class::Upload),
    Route::new("DELETE", "/api/users/{id}", || delete().to(people::delete)).counted(Class::LogIn),
    Route::new("GET", "/api/users/{id}/profile", || get().to(people::profile)),
    Route::new("GET", "/api/chats", || get().to(chats::list)),
    Route::new("POST", "/api/chats", || post().to(group::create)),
    Route::new("POST", "/api/chats/get_or_create", || post().to(chats::get_or_create)),
    Route::new("GET", "/api/chats/{id}", || get().to(chats::one)),
    Route::new("POST", "/api/chats/{id}", || post().to(chats::one)),
    Route::new("PATCH", "/api/chats/{id}", || patch().to(group::update)),
    Route::new("PUT", "/api/chats/{id}", || put().to(group::update)),
    Route::new("DELETE", "/api/chats/{id}", || delete().to(group::delete)),
    Route::new("GET", "/api/chats/{id}/get_messages", || get().to(chats::history)),
    Route::new("POST", "/api/messages", || post().to(messages::send)).counted(Class::Send),
    Route::new("GET", "/api/messages/{id}", || get().to(messages::one)),
    Route::new("PATCH", "/api/messages/{id}", || patch().to(messages::edit)).counted(Class::Send),
    Route::new("PUT", "/api/messages/{id}", || put().to(messages::edit)).counted(Class::Send),
    Route::new("DELETE", "/api/messages/{id}", || delete().to(messages::delete))
        .counted(Class::Send),
    Route::new("GET", render::GROUP_PICTURE, || get().to(chats::group_picture)),
    Route::new("WS", "/ws/notifications", || get().to(socket::open_notifications)),
    // `minichat` has sockets at the same paths, but without a cookie.
    Route::new("WS", "/ws/chat/{id}", || get().to(socket::open_chat))
        .when(cookies::is_the_only_key),
];
