//! The dialect `events`: direct chats and projects' chats, as in PROCOLLAB: accounts by e-mail address, chats
//! and files over HTTP, and one socket for everything.

mod accounts;
mod caller;
mod chats;
mod directs;
mod files;
mod form;
mod parse;
mod people;
mod projects;
mod push;
mod render;
mod said;
mod shown;
mod sign_up;
mod socket;

use crate::shared::dialect::Dialect;
use crate::shared::open::{DialectSocket, SocketRequest};
use crate::shared::route::Route;
use crate::shared::sign_up::{self as shared_sign_up, SignUp};
use crate::shared::who::absolute;
use crate::texts::Language;
use actix_web::HttpResponse;
use actix_web::web::{delete, get, patch, post, put};
use http_core::rate_limit::Class;
use realtime::SocketTimes;
use socket::Events;

pub(super) const DIALECT: Dialect = Dialect {
    name: socket::NAME,
    language: Language::Russian,
    routes: ROUTES,
    codec: None,
    sign_up: Some(SignUp { takes: sign_up::takes, make: sign_up::make }),
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| drop(parse::parse(frame)),
};

const ROUTES: &[Route] = &[
    Route::new("POST", shared_sign_up::PATH, shared_sign_up::route).counted(Class::Register),
    Route::new("GET", "/auth/users", || get().to(people::list)).counted(Class::Search),
    Route::new("GET", "/auth/users/current", || get().to(people::current)),
    Route::new("GET", "/auth/users/{id}", || get().to(people::one)),
    Route::new("PUT", "/auth/users/{id}", || put().to(people::update)),
    Route::new("PATCH", "/auth/users/{id}", || patch().to(people::update)),
    Route::new("POST", "/auth/logout", || post().to(accounts::log_out)),
    Route::new("POST", "/api/token", || post().to(accounts::log_in)).counted(Class::LogIn),
    Route::new("POST", "/api/token/refresh", || post().to(accounts::refresh)),
    Route::new("POST", "/api/token/verify", || post().to(accounts::verify)),
    Route::new("GET", "/chats/directs", || get().to(directs::list)),
    Route::new("GET", "/chats/directs/{id}", || get().to(directs::one)),
    Route::new("GET", "/chats/directs/{id}/messages", || get().to(directs::messages)),
    Route::new("GET", "/chats/directs/{id}/files", || get().to(directs::files)),
    Route::new("GET", "/chats/projects", || get().to(projects::list)),
    Route::new("GET", "/chats/projects/{id}", || get().to(projects::one)),
    Route::new("GET", "/chats/projects/{id}/messages", || get().to(projects::messages)),
    Route::new("GET", "/chats/projects/{id}/files", || get().to(projects::files)),
    Route::new("GET", "/chats/has-unreads", || get().to(chats::has_unreads)),
    Route::new("POST", "/files", || post().to(files::upload)).counted(Class::Upload),
    Route::new("DELETE", "/files", || delete().to(files::remove)),
    Route::new("WS", "/ws/chat", || get().to(open)),
    Route::new("WS", "/ws/chats", || get().to(open)),
];

async fn open(request: SocketRequest) -> Result<HttpResponse, actix_web::Error> {
    let slot = request.reserve_slot()?;
    let caller = caller::of_socket(&request.request).await?;
    let slot = request.reserve_account_slot(&caller, slot)?;
    let events = Events { origin: absolute(&request.request, "").into() };
    request
        .open(slot, SocketTimes::DEFAULT, async move |socket: DialectSocket<'_>| {
            socket.converse(caller, async |_| Ok((events, None))).await
        })
        .await
}
