//! The emoji of a reaction.

use crate::limits;
use icu_properties::CodePointSetData;
use icu_properties::props::{
    Emoji as EmojiProperty, EmojiModifier, EmojiPresentation, RegionalIndicator,
};
use std::fmt;

const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';
/// The variation selector that shows a character as a picture that could also be shown as text.
const PICTURE: char = '\u{fe0f}';
const TAGS: std::ops::RangeInclusive<char> = '\u{e0020}'..='\u{e007e}';
const LAST_TAG: char = '\u{e007f}';

/// One emoji: a character, a flag, a keycap, or several characters joined to one picture, with skin tones. It
/// is stored fully qualified, so that different spellings of an emoji are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Emoji(String);

/// A text that is not one emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one emoji")]
pub struct NotAnEmoji;

impl Emoji {
    /// Parses a client's text, which must be exactly one emoji.
    pub fn new(sent: &str) -> Result<Self, NotAnEmoji> {
        let chars: Vec<char> = sent.chars().take(limits::EMOJI_CHARS + 1).collect();
        if chars.len() > limits::EMOJI_CHARS {
            return Err(NotAnEmoji);
        }
        let mut reader = Reader { rest: &chars, read: String::with_capacity(sent.len() + 3) };
        reader.emoji().filter(|()| reader.rest.is_empty()).ok_or(NotAnEmoji)?;
        Ok(Self(reader.read))
    }
    /// For adapters: an emoji that was checked before it was stored.
    pub fn stored(emoji: String) -> Self {
        Self(emoji)
    }
    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Emoji {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads an emoji from the front of `rest` into `read`. Methods return `None` if it is not one.
struct Reader<'a> {
    rest: &'a [char],
    read: String,
}

impl Reader<'_> {
    fn emoji(&mut self) -> Option<()> {
        let first = *self.rest.first()?;
        if is_flag_letter(first) {
            self.take(is_flag_letter)?;
            return self.take(is_flag_letter);
        }
        if first.is_ascii_digit() || first == '#' || first == '*' {
            self.take(|_| true)?;
            let _ = self.skip(PICTURE);
            self.read.push(PICTURE);
            return self.take(|c| c == KEYCAP);
        }
        self.picture()?;
        while self.skip(JOINER) {
            self.read.push(JOINER);
            self.picture()?;
        }
        Some(())
    }

    /// Reads a character with its skin tone or its tags.
    fn picture(&mut self) -> Option<()> {
        let base = *self.rest.first()?;
        self.take(is_picture)?;
        let asked = self.skip(PICTURE);
        if !asked && self.take(is_skin_tone).is_some() {
            return Some(());
        }
        if !CodePointSetData::new::<EmojiPresentation>().contains(base) {
            self.read.push(PICTURE);
        }
        if self.take(|c| TAGS.contains(&c)).is_some() {
            while self.take(|c| TAGS.contains(&c)).is_some() {}
            self.take(|c| c == LAST_TAG)?;
        }
        Some(())
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        wanted(*first).then(|| {
            self.read.push(*first);
            self.rest = rest;
        })
    }

    fn skip(&mut self, unwanted: char) -> bool {
        let found = self.rest.first() == Some(&unwanted);
        self.rest = &self.rest[usize::from(found)..];
        found
    }
}

fn is_flag_letter(c: char) -> bool {
    CodePointSetData::new::<RegionalIndicator>().contains(c)
}

fn is_skin_tone(c: char) -> bool {
    CodePointSetData::new::<EmojiModifier>().contains(c)
}

/// A character that is an emoji by itself; a digit is not.
fn is_picture(c: char) -> bool {
    !c.is_ascii()
        && CodePointSetData::new::<EmojiProperty>().contains(c)
        && !is_flag_letter(c)
        && !is_skin_tone(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_one_emoji() {
        for emoji in
            ["👍", "👍🏽", "❤️", "🇩🇪", "1️⃣", "#️⃣", "👩‍👩‍👧‍👦", "👩🏽‍💻", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏳️‍🌈", "👁️‍🗨️", "🧑🏻‍❤️‍💋‍🧑🏿", "©️", "🫠"]
        {
            let read = Emoji::new(emoji).unwrap_or_else(|_| panic!("{emoji} is one"));
            assert_eq!(read.as_str(), emoji);
        }
    }

    #[test]
    fn two_spellings_are_the_same() {
        for (short, full) in
            [("❤", "❤️"), ("1⃣", "1️⃣"), ("🏳‍🌈", "🏳️‍🌈"), ("😀\u{fe0f}", "😀"), ("☝🏽", "☝🏽")]
        {
            assert_eq!(Emoji::new(short).map(|e| e.0), Ok(full.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_none() {
        let long = "👩".to_owned() + &"\u{200d}👩".repeat(20);
        for text in [
            "",
            " ",
            "a",
            "1",
            "#",
            "👍👍",
            "👍 ",
            "ab",
            "🇩",
            "🇩🇪🇩",
            "🏽",
            "👍\u{200d}",
            "\u{200d}👍",
            "\u{fe0f}",
            "❤\u{fe0e}",
            "👍\0",
            "+1",
            ":heart:",
            "名",
            "👍a",
            "%",
            "🏴\u{e0067}",
            &long,
        ] {
            assert_eq!(Emoji::new(text), Err(NotAnEmoji), "{text:?}");
        }
    }
}
