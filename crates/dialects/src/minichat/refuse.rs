//! Refusals in the original's words.
//!
//! Its framework's messages are in English, under the names of fields or as `detail`. Its own messages are in
//! Russian, as `error`; since the React client shows `detail`, they are sent as that, too.

use crate::shared::refusal::Refused;
use crate::shared::who::bad_access_token;
use crate::texts::{Language, Minichat, Text};
use actix_web::http::StatusCode;
use domain::failure::{Failure, Kind};
use domain::session::AuthError;
use serde_json::json;

/// The `WWW-Authenticate` header, which says how to sign in.
const CHALLENGE: &str = "Bearer realm=\"api\"";

/// A text in English, as the framework's messages are.
pub(super) fn plain(text: impl Into<Text>) -> String {
    text.into().say(Language::English).into_owned()
}

/// A text in Russian, as the original's own messages are.
pub(super) fn own(text: Minichat) -> String {
    Text::from(text).say(Language::Russian).into_owned()
}

/// A refusal with one of the original's own messages.
pub(super) fn error(status: StatusCode, text: Minichat) -> Refused {
    let text = own(text);
    Refused::of(status, json!({"error": text, "detail": text}))
}

/// There is no such room, or the caller is not in it.
pub(super) fn no_room() -> Refused {
    error(StatusCode::NOT_FOUND, Minichat::NoRoom)
}

/// The same with the framework's message.
pub(super) fn no_chat_room() -> Refused {
    Refused::detail(StatusCode::NOT_FOUND, plain(Minichat::NoChatRoom))
}

/// The refusal of a failure; if something was not found, `missing`.
pub(super) fn or_missing(failure: Failure, missing: fn() -> Refused) -> Refused {
    if failure.kind == Kind::NotFound { missing() } else { failure.into() }
}

/// A refusal of one field, with the framework's message.
pub(super) fn field(name: &str, text: impl Into<Text>) -> Refused {
    Refused::field(name, &plain(text))
}

/// The same with one of the original's own messages.
pub(super) fn own_field(name: &str, text: Minichat) -> Refused {
    Refused::field(name, &own(text))
}

/// A refusal of the `Authorization` header, with a code for programs.
pub(super) fn unauthorized(text: Minichat, code: &str) -> Refused {
    let body = json!({"detail": plain(text), "code": code});
    Refused::of(StatusCode::UNAUTHORIZED, body).challenging(CHALLENGE)
}

/// A token is needed, and there is none.
pub(super) fn nobody() -> Refused {
    Refused::detail(StatusCode::UNAUTHORIZED, plain(Text::NotSignedIn)).challenging(CHALLENGE)
}

/// The refusal of an access token.
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

/// Whether it has the form of a refresh token, valid or not.
fn is_refresh_token(token: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<_> = token.split('.').collect();
    matches!(parts[..], [session, generation, _] if is_number(session) && is_number(generation))
}

/// The refusal to open a socket. Problems with the token or the room all become 403, as in the original.
pub(super) fn of_socket(refused: Refused) -> Refused {
    use actix_web::ResponseError;
    match refused.status_code() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            Refused::detail(StatusCode::FORBIDDEN, plain(Minichat::Forbidden))
        }
        _ => refused,
    }
}
