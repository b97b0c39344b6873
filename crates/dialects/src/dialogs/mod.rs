//! The dialect `dialogs`: accounts with JSON Web Tokens, and a socket for dialogs of two people and, for the
//! later of the original's two clients, groups. docs/dialects/dialogs.md describes it.

mod accounts;
mod age;
mod form;
mod groups;
mod open;
mod parse;
mod profile;
mod push;
mod render;
mod rest;
mod shown;
mod sign_up;
mod socket;
mod who;
mod window;

use crate::shared::dialect::Dialect;
use crate::shared::route::Route;
use crate::shared::sign_up::{self as shared_sign_up, SignUp};
use crate::texts::Language;
use actix_web::web::{get, patch, post, put};
use http_core::rate_limit::Class;

pub(super) const DIALECT: Dialect = Dialect {
    name: socket::NAME,
    language: Language::English,
    routes: &[
        Route::new("POST", shared_sign_up::PATH, shared_sign_up::route).counted(Class::Register),
        Route::new("GET", "/auth/users", || get().to(accounts::list)).when(who::is_jwt),
        // Twice: conditional routes come before all others, so without the first one `/auth/users/{id}` below
        // would match `me` in a request with a JWT.
        Route::new("GET", "/auth/users/me", || get().to(accounts::me)).when(who::is_jwt),
        Route::new("GET", "/auth/users/me", || get().to(accounts::me)),
        Route::new("GET", "/auth/users/{id}", || get().to(accounts::one)).when(who::is_jwt),
        Route::new("POST", "/token-auth/jwt/create", || post().to(accounts::sign_in))
            .counted(Class::LogIn),
        Route::new("POST", "/token-auth/jwt/refresh", || post().to(accounts::refresh))
            .counted(Class::LogIn),
        Route::new("POST", "/token-auth/jwt/verify", || post().to(accounts::verify)),
        Route::new("GET", "/api/v1/profile", || get().to(profile::all)).counted(Class::Search),
        Route::new("GET", "/api/v1/profile/{id}", || get().to(profile::one)),
        Route::new("PUT", "/api/v1/profile/{id}", || put().to(profile::update))
            .counted(Class::Upload),
        Route::new("PATCH", "/api/v1/profile/{id}", || patch().to(profile::update))
            .counted(Class::Upload),
        Route::new("GET", "/api/v1/dialog", || get().to(rest::dialogs)),
        Route::new("GET", "/api/v1/dialog/messages", || get().to(rest::messages)),
        Route::new("WS", "/ws/main", || get().to(open::open)),
    ],
    codec: None,
    sign_up: Some(SignUp { takes: sign_up::takes, make: sign_up::make }),
    roles: &[],
    #[cfg(any(test, fuzzing))]
    read: |frame| {
        for age in [age::Age::October, age::Age::December] {
            drop(parse::Parsed::new(age, frame));
        }
    },
};
