//! What it is called, and in which words it speaks.

use crate::texts::{Language, Text};

/// What it is called, in settings, and by the sessions of its clients.
pub(super) const NAME: &str = "flowchat";

/// Its pages show what it says as it is, whatever language a browser asks for.
pub(super) const LANGUAGE: Language = Language::Russian;

/// A text in the words of the original.
pub(super) fn say(text: &Text) -> String {
    text.say(LANGUAGE).into_owned()
}
