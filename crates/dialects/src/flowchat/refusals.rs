//! Refusals in the original's words, a few of which are in English there, too.

use super::words::say;
use crate::shared::refusal::Refused;
use crate::texts::Text;
use actix_web::http::StatusCode;
use domain::failure::Failure;

/// A request without a token.
pub(super) fn nobody() -> Refused {
    wrong_token(&Text::NotSignedIn)
}

/// An invalid token.
pub(super) fn wrong_token(why: &Text) -> Refused {
    Refused::detail(StatusCode::UNAUTHORIZED, say(why)).challenging("Token")
}

/// A wrong name or password. The page shows its own text for it.
pub(super) fn wrong_credentials() -> Refused {
    Refused::detail(StatusCode::UNAUTHORIZED, "Invalid credentials")
}

/// A socket that the caller may not open.
pub(super) fn log_in_again() -> Refused {
    forbidden(&Text::SocketRefused)
}

/// Something that the caller may not do.
pub(super) fn forbidden(why: &Text) -> Refused {
    Refused::detail(StatusCode::FORBIDDEN, say(why))
}

/// An invalid id in a path.
pub(super) fn no_page() -> Refused {
    Refused::detail(StatusCode::NOT_FOUND, say(&Text::NotFound))
}

/// There is no such user, or it is not the caller.
pub(super) fn no_user() -> Refused {
    Refused::detail(StatusCode::NOT_FOUND, "No User matches the given query.")
}

/// There is no such chat, or the caller is not in it.
pub(super) fn no_chat(failure: impl Into<Failure>) -> Refused {
    let failure = failure.into();
    if failure.code == "chat_not_found" {
        return Refused::detail(StatusCode::NOT_FOUND, "No ChatModel matches the given query.");
    }
    failure.into()
}

/// There is no such message, or it is somebody else's.
pub(super) fn no_message(failure: impl Into<Failure>, not_yours: &Text) -> Refused {
    let failure = failure.into();
    match failure.code {
        "message_not_found" | "message_deleted" | "chat_not_found" => {
            Refused::detail(StatusCode::NOT_FOUND, "No MessageModel matches the given query.")
        }
        "not_allowed" => forbidden(not_yours),
        _ => failure.into(),
    }
}
