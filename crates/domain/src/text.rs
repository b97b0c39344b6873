//! Rules for texts that people see: allowed characters, lengths, and when two spellings are the same.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};
use std::borrow::Cow;

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> =
    CodePointMapData::<GeneralCategory>::new();

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More characters (Unicode scalar values) than allowed.
    #[error("must have {0} characters or fewer")]
    TooLong(usize),
    /// More characters than allowed after folding, which writes some characters out as several.
    #[error("must have {0} characters or fewer once those that stand for several are written out")]
    TooLongFolded(usize),
    /// It holds U+0000, which not every database can store.
    #[error("must not contain a NUL character")]
    Nul,
    /// It holds a control character that is neither a line feed nor a tab.
    #[error("must not contain control characters other than line breaks and tabs")]
    Control,
    /// It holds a character that cannot be seen, or that changes how others are shown.
    #[error("must not contain control or invisible characters")]
    Invisible,
}

impl TextError {
    /// The code, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) | Self::TooLongFolded(_) => "too_long",
            Self::Nul => "nul_character",
            Self::Control => "control_character",
            Self::Invisible => "invisible_character",
        }
    }
}

/// Trims white space at both ends; what is left must have 1 to `max` characters and no NUL.
pub fn trimmed(text: &str, max: usize) -> Result<&str, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().nth(max).is_some() {
        return Err(TextError::TooLong(max));
    }
    if text.contains('\0') {
        return Err(TextError::Nul);
    }
    Ok(text)
}

/// As [`trimmed`], for a text of several lines. CR LF and a lone CR become a line feed; other control
/// characters except the tab are refused. Characters that change the direction of writing (such as U+202E)
/// are allowed, since texts in right-to-left scripts need them; names may not contain them (see [`visible`]).
pub fn lines(text: &str, max: usize) -> Result<String, TextError> {
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let text = trimmed(&text, max)?;
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextError::Control);
    }
    Ok(text.to_owned())
}

/// As [`trimmed`], and every character must be visible or a plain space.
pub fn visible(text: &str, max: usize) -> Result<&str, TextError> {
    let text = trimmed(text, max)?;
    if text.chars().all(is_visible) { Ok(text) } else { Err(TextError::Invisible) }
}

/// The first `max` visible characters, without white space at either end; it may be empty.
pub fn visible_part(text: &str, max: usize) -> String {
    let part: String = text.chars().filter(|c| is_visible(*c)).take(max).collect();
    part.trim().to_owned()
}

/// Whether a character is visible; the plain space counts as visible.
pub fn is_visible(c: char) -> bool {
    let category = CATEGORY.get(c);
    let hidden = GeneralCategoryGroup::Other.contains(category)
        || (GeneralCategoryGroup::Separator.contains(category) && c != ' ')
        || is_ignorable(c)
        // Unicode counts the empty Braille cell as a symbol, but it looks blank.
        || c == '\u{2800}';
    !hidden
}

/// Whether a character is not shown by itself: a soft hyphen, a joiner, a variation selector.
pub fn is_ignorable(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether a character is a letter, a mark that belongs to one, or a digit, of any script.
pub fn is_letter_or_digit(c: char) -> bool {
    let category = CATEGORY.get(c);
    let letter = GeneralCategoryGroup::Letter.contains(category)
        || GeneralCategoryGroup::Mark.contains(category)
        || category == GeneralCategory::DecimalNumber;
    letter && is_visible(c)
}

/// The form in which two spellings of one name are the same: compatibility composition, then case
/// folding, until neither changes anything.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let mut folded = nfkc.normalize(text).into_owned();
    loop {
        let again = CaseMapper::new().fold_string(&folded).into_owned();
        let again = nfkc.normalize(&again).into_owned();
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

/// As [`fold`], but refuses a text with more than `max` characters in that form.
pub fn folded(text: &str, max: usize) -> Result<String, TextError> {
    within(fold(text), max)
}

/// As [`searchable`], but refuses a text with more than `max` characters in that form.
pub fn searchable_within(text: &str, max: usize) -> Result<String, TextError> {
    within(searchable(text), max)
}

fn within(folded: String, max: usize) -> Result<String, TextError> {
    // Counting bytes first is only a shortcut: a text has at most as many characters as bytes.
    let fits = folded.len() <= max || folded.chars().nth(max).is_none();
    if fits { Ok(folded) } else { Err(TextError::TooLongFolded(max)) }
}

/// The form in which texts are searched: folded, without characters that are not shown by themselves (soft
/// hyphens, joiners, variation selectors), and with the same letter for the dotted and the dotless i, because
/// Turkish capital letters fold differently in a folding that knows no language.
pub fn searchable(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let shown = |c: &char| !is_ignorable(*c);
    // They are removed before folding, since they would separate letters from their accents; and again after it,
    // since some characters fold to them.
    let folded = if text.chars().all(|c| shown(&c)) {
        fold(text)
    } else {
        fold(&text.chars().filter(shown).collect::<String>())
    };
    if folded.chars().all(|c| shown(&c) && !matches!(c, '\u{131}' | '\u{307}')) {
        return folded;
    }
    let mut one_i = String::with_capacity(folded.len());
    for c in folded.chars().filter(shown) {
        match c {
            '\u{131}' => one_i.push('i'),
            '\u{307}' if one_i.ends_with('i') => {}
            c => one_i.push(c),
        }
    }
    one_i
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searching_passes_over_what_is_not_seen() {
        for (text, searchable_form) in [
            ("ABC", "abc"),
            ("Stra\u{ad}ße", "strasse"),
            ("e\u{200d}\u{301}", "é"),
            ("❤\u{fe0f}", "❤"),
            ("\u{3164}x", "x"),
            ("İI ıi", "ii ii"),
            ("I\u{307}", "i"),
            ("ȧ", "ȧ"),
        ] {
            assert_eq!(searchable(text), searchable_form, "{text:?}");
            assert_eq!(searchable(&searchable(text)), searchable_form, "{text:?}");
        }
    }

    #[test]
    fn names_tell_the_dotted_and_the_dotless_i_apart() {
        assert_eq!(fold("ISPARTA"), "isparta");
        assert_ne!(fold("ISPARTA"), fold("ısparta"));
        assert_ne!(fold("İ"), fold("i"));
        assert_eq!(fold("İ"), fold("i\u{307}"));
    }

    #[test]
    fn what_stands_for_several_characters_counts_as_several() {
        assert_eq!(folded("ＡＢ", 2), Ok("ab".into()));
        assert_eq!(folded("⁗", 3), Err(TextError::TooLongFolded(3)));
        assert_eq!(folded("éé", 2), Ok("éé".into()));
        assert_eq!(TextError::TooLongFolded(3).code(), "too_long");
    }

    #[test]
    fn spellings_of_one_name_fold_alike() {
        for (a, b) in [
            ("Anna", "aNNA"),
            ("Straße", "STRASSE"),
            ("é", "e\u{301}"),
            ("ﬁn", "FIN"),
            ("ＡＢＣ", "abc"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Привет", "ПРИВЕТ"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("anna"), fold("ann"));
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for text in ["İstanbul", "ß", "ŉ", "ᾳ", "K", "Å", "ǆ"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for bad in [
            "a\u{0}b",
            "a\nb",
            "a\u{200b}b",
            "a\u{202e}b",
            "a\u{3164}b",
            "a\u{feff}b",
            "a\u{a0}b",
            "a\u{2800}b",
            "a\u{e000}b",
            "a\u{115f}b",
        ] {
            assert!(visible(bad, 10).is_err(), "{bad:?}");
        }
        for good in ["a b", "Ünï", "名前", "नाम", "👍"] {
            assert_eq!(visible(good, 10), Ok(good));
        }
    }

    #[test]
    fn a_line_ends_with_a_line_feed() {
        for (typed, kept) in [
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("a\r\r\nb", "a\n\nb"),
            ("\ta\tb\r\n", "a\tb"),
            ("\u{202b}שלום\u{202c}!", "\u{202b}שלום\u{202c}!"),
        ] {
            assert_eq!(lines(typed, 20), Ok(kept.to_owned()), "{typed:?}");
        }
        assert_eq!(lines("a\r\nb", 3), Ok("a\nb".to_owned()), "counted as it is kept");
    }

    #[test]
    fn other_control_characters_are_refused() {
        for c in ('\u{1}'..='\u{1f}').chain('\u{7f}'..='\u{9f}') {
            let expected = if "\t\n\r".contains(c) { None } else { Some(TextError::Control) };
            assert_eq!(lines(&format!("a{c}b"), 3).err(), expected, "{c:?}");
            assert_eq!(visible(&format!("a{c}b"), 3), Err(TextError::Invisible), "{c:?}");
        }
        assert_eq!(lines("a\0b", 3), Err(TextError::Nul));
    }

    #[test]
    fn what_turns_the_direction_of_writing_is_in_no_name() {
        for c in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert_eq!(visible(&format!("a{c}b"), 3), Err(TextError::Invisible), "{c:?}");
            assert_eq!(lines(&format!("a{c}b"), 3), Ok(format!("a{c}b")), "{c:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_after_trimming() {
        assert_eq!(trimmed("  👍👍 ", 2), Ok("👍👍"));
        assert_eq!(trimmed("👍👍👍", 2), Err(TextError::TooLong(2)));
        assert_eq!(trimmed(" \n\t ", 2), Err(TextError::Empty));
        assert_eq!(trimmed("a\0b", 9), Err(TextError::Nul));
    }
}
