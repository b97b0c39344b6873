//! The dialect's name and language.

use crate::texts::{Language, Text};

/// The dialect's name, in settings and in the sessions of its clients.
pub(super) const NAME: &str = "flowchat";

/// Its pages show the server's texts unchanged, so these are always in the original's language.
pub(super) const LANGUAGE: Language = Language::Russian;

/// A text in the original's language.
pub(super) fn say(text: &Text) -> String {
    text.say(LANGUAGE).into_owned()
}
