//! The words of the original, over HTTP in Russian and on its socket in English.

use crate::shared::refusal::Refused;
use crate::texts::{Events, Language, Text};
use actix_web::http::StatusCode;
use domain::ids::UserId;
use serde_json::json;
use std::fmt::Display;

/// A text as the original says it.
pub(super) fn ru(text: impl Into<Text>) -> String {
    text.into().say(Language::Russian).into_owned()
}

/// There is no such thing, or it is none of the caller's business.
pub(super) fn no_such_thing() -> Refused {
    Refused::detail(StatusCode::NOT_FOUND, ru(Text::NotFound))
}

/// It is not the caller's.
pub(super) fn forbidden() -> Refused {
    Refused::detail(StatusCode::FORBIDDEN, ru(Events::Forbidden))
}

/// Something is wrong that the original says under `error`.
pub(super) fn error(why: impl Into<String>) -> Refused {
    Refused::of(StatusCode::BAD_REQUEST, json!({"error": why.into()}))
}

/// The chat of two people is not theirs.
pub(super) fn not_a_member(user: UserId, chat: &str) -> String {
    format!("User {user} is not a member of chat {chat}")
}

/// The chat of a project is not theirs, or there is none.
pub(super) fn not_in_project(user: UserId, chat: &str) -> String {
    format!("User {user} is not in project chat {chat}")
}

/// It names no two people.
pub(super) fn not_a_direct_chat(chat: &str) -> String {
    format!(
        "Chat id \"{chat}\" is not in the format of <user1_id>_<user2_id>, where user1_id < user2_id"
    )
}

/// Somebody else's message is not theirs to edit.
pub(super) fn not_the_author(user: UserId, message: impl Display) -> String {
    format!("User {user} is not author of message {message}")
}

/// Nor to delete.
pub(super) fn not_the_author_of(user: UserId, text: &str) -> String {
    format!("User {user} is not author {text}")
}

/// There is no such message there, or it cannot be read by them.
pub(super) const WRONG_IDS: &str =
    "Some of chat/message ids are wrong, you can't access this message";

/// A field is not there.
pub(super) fn missing(key: &str) -> String {
    format!(
        "Missing key (might be backend's fault, but most likely you are missing this field): '{key}'"
    )
}
