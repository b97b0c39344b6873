//! What chats are called.

use crate::limits;
use crate::text::{self, TextError};
use std::fmt;

/// A chat's title: 1 to [`limits::TITLE_CHARS`] visible characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        text::visible(typed, limits::TITLE_CHARS).map(|title| Self(title.to_owned()))
    }
    /// For adapters: a title that was checked before.
    pub fn stored(title: String) -> Self {
        Self(title)
    }
    /// The title.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a chat is about: at most [`limits::DESCRIPTION_CHARS`] characters, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description(String);

impl Description {
    /// Trims and checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, TextError> {
        match text::lines(typed, limits::DESCRIPTION_CHARS) {
            Ok(text) => Ok(Self(text)),
            Err(TextError::Empty) => Ok(Self::default()),
            Err(why) => Err(why),
        }
    }
    /// For adapters: a description that was checked before.
    pub fn stored(text: String) -> Self {
        Self(text)
    }
    /// The text, perhaps empty.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An open room's name: 1 to [`limits::ROOM_NAME_CHARS`] letters and digits of any script, `-`, `_`
/// and `.`. Two names that differ only in case or in how Unicode spells them are the same room. It
/// is part of addresses, where `.` and `..` mean something else, so these two are no names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomName {
    shown: String,
    folded: String,
}

/// A name that no room can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "A room's name has 1 to {} letters, digits, '-', '_' or '.', and is not '.' or '..'.",
    limits::ROOM_NAME_CHARS
)]
pub struct NotARoomName;

impl RoomName {
    /// Checks what a person typed.
    pub fn new(typed: &str) -> Result<Self, NotARoomName> {
        let short = (1..=limits::ROOM_NAME_CHARS).contains(&typed.chars().count());
        let good = typed.chars().all(|c| text::is_letter_or_digit(c) || "-_.".contains(c));
        let folded = text::fold(typed);
        (short && good && folded != "." && folded != "..")
            .then(|| Self { shown: typed.to_owned(), folded })
            .ok_or(NotARoomName)
    }
    /// As whoever entered first spelt it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }
    /// The form that is unique.
    pub fn folded(&self) -> &str {
        &self.folded
    }
    /// The title of the room's chat.
    pub fn title(&self) -> Title {
        Title(self.shown.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_named_by_letters_and_digits_of_any_script() {
        for good in ["a", "general", "Общий", "雑談-2", "हिन्दी", "v1.2_x", "...", &"я".repeat(100)]
        {
            assert!(RoomName::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "․",
            "a b",
            "a/b",
            "a\0",
            "a\n",
            "a\u{200b}",
            "🦀",
            "a#",
            &"я".repeat(101),
        ] {
            assert_eq!(RoomName::new(bad), Err(NotARoomName), "{bad:?}");
        }
    }

    #[test]
    fn spellings_of_one_room_are_one() {
        let folded = |name| RoomName::new(name).map(|name| name.folded().to_owned());
        assert_eq!(folded("General"), folded("gENERAL"));
        assert_eq!(folded("Общий"), folded("ОБЩИЙ"));
        assert_ne!(folded("a"), folded("b"));
    }
}
