//! Refusals in the words of the original.
//!
//! What its framework says is English, under the names of fields or as `detail`; what it says itself is
//! Russian, as `error`. The React client shows `detail`, so that stands beside `error`.

use crate::shared::refusal::Refused;
use crate::shared::who::bad_access_token;
use crate::texts::{Language, Minichat, Text};
use actix_web::http::StatusCode;
use domain::failure::{Failure, Kind};
use domain::session::AuthError;
use serde_json::json;

/// How to sign in.
const CHALLENGE: &str = "Bearer realm=\"api\"";

/// As the framework says it.
pub(super) fn plain(text: impl Into<Text>) -> String {
    text.into().say(Language::English).into_owned()
}

/// As the original says it.
pub(super) fn own(text: Minichat) -> String {
    Text::from(text).say(Language::Russian).into_owned()
}

/// A refusal of the original's own.
pub(super) fn error(status: StatusCode, text: Minichat) -> Refused {
    let text = own(text);
    Refused::of(status, json!({"error": text, "detail": text}))
}

/// There is no such room, or the caller is not in it.
pub(super) fn no_room() -> Refused {
    error(StatusCode::NOT_FOUND, Minichat::NoRoom)
}

/// The same where the framework says it.
pub(super) fn no_chat_room() -> Refused {
    Refused::detail(StatusCode::NOT_FOUND, plain(Minichat::NoChatRoom))
}

/// What a failure is answered with, or this if there is nothing of the kind.
pub(super) fn or_missing(failure: Failure, missing: fn() -> Refused) -> Refused {
    if failure.kind == Kind::NotFound { missing() } else { failure.into() }
}

/// What is wrong with one field.
pub(super) fn field(name: &str, text: impl Into<Text>) -> Refused {
    Refused::field(name, &plain(text))
}

/// The same in the original's own words.
pub(super) fn own_field(name: &str, text: Minichat) -> Refused {
    Refused::field(name, &own(text))
}

/// A refusal of a header, with a word for programs.
pub(super) fn unauthorized(text: Minichat, code: &str) -> Refused {
    let body = json!({"detail": plain(text), "code": code});
    Refused::of(StatusCode::UNAUTHORIZED, body).challenging(CHALLENGE)
}

/// There is no token where one is needed.
pub(super) fn nobody() -> Refused {
    Refused::detail(StatusCode::UNAUTHORIZED, plain(Text::NotSignedIn)).challenging(CHALLENGE)
}

/// Why this access token is not taken.
pub(super) fn of_token(token: &str, error: AuthError) -> Refused {
    match error {
        AuthError::Missing => nobody(),
        AuthError::Disabled => unauthorized(Minichat::Inactive, "user_inactive"),
        AuthError::Invalid | AuthError::Expired | AuthError::ServiceKey => {
            let why =
                if is_refresh_token(token) { Minichat::TokenType } else { Minichat::TokenWrong };
            let body = bad_access_token(&plain(Minichat::TokenNotAccepted), &plain(why));
            Refused::of(StatusCode::UNAUTHORIZED, body).challenging(CHALLENGE)
        }
        AuthError::Store(error) => error.into(),
    }
}

/// Whether it has the form of a refresh token. Whether it is good is not asked.
fn is_refresh_token(token: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<_> = token.split('.').collect();
    matches!(parts[..], [session, generation, _] if is_number(session) && is_number(generation))
}

/// Why a socket is not opened. Whatever it is about who asks or for what, is 403.
pub(super) fn of_socket(refused: Refused) -> Refused {
    use actix_web::ResponseError;
    match refused.status_code() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            Refused::detail(StatusCode::FORBIDDEN, plain(Minichat::Forbidden))
        }
        _ => refused,
    }
}
