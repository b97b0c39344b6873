//! The original's messages: in Russian over HTTP, and in English on its socket.

use crate::shared::refusal::Refused;
use crate::texts::{Events, Language, Text};
use actix_web::http::StatusCode;
use domain::ids::UserId;
use serde_json::json;
use std::fmt::Display;

/// A text in Russian, as the original sends it over HTTP.
pub(super) fn ru(text: impl Into<Text>) -> String {
    text.into().say(Language::Russian).into_owned()
}

/// The refusal for something that does not exist, or that the caller must not know about.
pub(super) fn no_such_thing() -> Refused {
    Refused::detail(StatusCode::NOT_FOUND, ru(Text::NotFound))
}

/// The refusal for something that belongs to somebody else.
pub(super) fn forbidden() -> Refused {
    Refused::detail(StatusCode::FORBIDDEN, ru(Events::Forbidden))
}

/// A refusal that the original sends as `error`.
pub(super) fn error(why: impl Into<String>) -> Refused {
    Refused::of(StatusCode::BAD_REQUEST, json!({"error": why.into()}))
}

/// The direct chat is not one of the user's.
pub(super) fn not_a_member(user: UserId, chat: &str) -> String {
    format!("User {user} is not a member of chat {chat}")
}

/// The user is not in the project's chat, or it does not exist.
pub(super) fn not_in_project(user: UserId, chat: &str) -> String {
    format!("User {user} is not in project chat {chat}")
}

/// The chat's id does not name two people.
pub(super) fn not_a_direct_chat(chat: &str) -> String {
    format!(
        "Chat id \"{chat}\" is not in the format of <user1_id>_<user2_id>, where user1_id < user2_id"
    )
}

/// The user may not edit somebody else's message.
pub(super) fn not_the_author(user: UserId, message: impl Display) -> String {
    format!("User {user} is not author of message {message}")
}

/// The user may not delete somebody else's message.
pub(super) fn not_the_author_of(user: UserId, text: &str) -> String {
    format!("User {user} is not author {text}")
}

/// There is no such message in the chat, or the user may not mark it as read.
pub(super) const WRONG_IDS: &str =
    "Some of chat/message ids are wrong, you can't access this message";

/// A field is missing.
pub(super) fn missing(key: &str) -> String {
    format!(
        "Missing key (might be backend's fault, but most likely you are missing this field): '{key}'"
    )
}
