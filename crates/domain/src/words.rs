//! Splitting texts into words, for the search.
//!
//! A word is a run of letters, marks and digits of any script, in the form of [`text::searchable`]. Hangul is
//! always separated from other scripts, since Korean endings follow a foreign name without a space
//! (`사용자ID를`). In scripts that are written without spaces between words, each character is a word, and so is
//! each pair of neighbours, so that a longer word is found by its pairs. Words contain no other characters,
//! so an index may store its own marks beside them, if these contain another character.

mod matcher;

pub use matcher::{Matcher, Work};

use crate::limits::{MESSAGE_WORDS, WORD_CHARS};
use crate::text;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};
use std::ops::ControlFlow;

const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> =
    CodePointMapData::<GeneralCategory>::new();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::<Script>::new();

/// Scripts that are written without spaces between words.
const WITHOUT_SPACES: [Script; 10] = [
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Bopomofo,
    Script::Yi,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
    Script::Tibetan,
];

/// Whether a character belongs to a word: a letter, a mark or a digit. Enclosing marks do not, because they turn
/// the character before them into a symbol, such as a keycap.
pub fn is_of_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let category = CATEGORY.get(c);
    category != GeneralCategory::EnclosingMark
        && [GeneralCategoryGroup::Letter, GeneralCategoryGroup::Mark, GeneralCategoryGroup::Number]
            .into_iter()
            .any(|group| group.contains(category))
}

/// Whether a character is a word by itself.
pub fn stands_alone(c: char) -> bool {
    !c.is_ascii() && is_of_word(c) && (is_of_kana(c) || WITHOUT_SPACES.contains(&SCRIPT.get(c)))
}

/// Characters that Hiragana and Katakana share, so that Unicode assigns them to neither script: the long vowel
/// mark in both widths, the marks of voiced sounds, and iteration and abbreviation marks.
fn is_of_kana(c: char) -> bool {
    matches!(
        c,
        '\u{30fc}' | '\u{ff70}' | '\u{3099}' | '\u{309a}' | '\u{3031}'..='\u{3035}' | '\u{303c}'
    )
}

/// Whether a character belongs to the Korean alphabet.
pub fn is_hangul(c: char) -> bool {
    !c.is_ascii() && SCRIPT.get(c) == Script::Hangul
}

/// The sort of a character. Neighbours of the same sort form a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Separator,
    Letter,
    Hangul,
    Alone,
}

fn sort(c: char) -> Sort {
    match c {
        _ if !is_of_word(c) => Sort::Separator,
        _ if c.is_ascii() => Sort::Letter,
        _ if stands_alone(c) => Sort::Alone,
        _ if is_hangul(c) => Sort::Hangul,
        _ => Sort::Letter,
    }
}

/// A run of word characters in a searchable text.
enum Run<'a> {
    /// A word.
    Word(&'a str),
    /// Characters that are each a word of their own.
    Alone(&'a str),
}

/// The runs of a searchable text, in order.
struct Runs<'a>(&'a str);

impl<'a> Iterator for Runs<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        let start = self.0.find(|c| sort(c) != Sort::Separator)?;
        let rest = &self.0[start..];
        let of = rest.chars().next().map(sort)?;
        let end = rest.find(|c| sort(c) != of).unwrap_or(rest.len());
        let (run, rest) = rest.split_at(end);
        self.0 = rest;
        Some(if of == Sort::Alone { Run::Alone(run) } else { Run::Word(cut(run)) })
    }
}

/// Cuts a word to the length that is indexed.
fn cut(word: &str) -> &str {
    if word.len() <= WORD_CHARS {
        return word;
    }
    word.char_indices().nth(WORD_CHARS).map_or(word, |(end, _)| &word[..end])
}

/// Each character of such a run, with the pair that ends with it, if there is one.
fn alone(run: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut before = None;
    run.char_indices().map(move |(at, c)| {
        let end = at + c.len_utf8();
        let pair = before.replace(at).map(|before| &run[before..end]);
        (pair, &run[at..end])
    })
}

/// Passes the words of a searchable text to `tell` in order, with repetitions, until it breaks or there were
/// [`MESSAGE_WORDS`].
fn each_word<'a>(searchable: &'a str, mut tell: impl FnMut(&'a str) -> ControlFlow<()>) {
    let mut left = MESSAGE_WORDS;
    let mut told = |word| {
        left = left.checked_sub(1).map_or(ControlFlow::Break(()), ControlFlow::Continue)?;
        tell(word)
    };
    let _ = Runs(searchable).try_for_each(|run| match run {
        Run::Word(word) => told(word),
        Run::Alone(run) => alone(run).try_for_each(|(pair, single)| {
            pair.map_or(ControlFlow::Continue(()), &mut told)?;
            told(single)
        }),
    });
}

/// The words that a text is found by, sorted, each once. Only the text's first [`MESSAGE_WORDS`] words count.
pub fn words(text: &str) -> Vec<String> {
    let searchable = text::searchable(text);
    let mut words = Vec::new();
    each_word(&searchable, |word| {
        words.push(word);
        ControlFlow::Continue(())
    });
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(str::to_owned).collect()
}

/// A word to look for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The word, in the searchable form.
    pub word: String,
    /// Whether it also matches longer words that begin with it.
    pub prefix: bool,
}

/// The words that a text must contain to match what somebody typed. With `prefix`, the last one may be the
/// beginning of a word.
pub fn wanted(typed: &str, prefix: bool) -> Vec<Wanted> {
    let exactly = |word: &str| Wanted { word: word.to_owned(), prefix: false };
    let typed = text::searchable(typed);
    let mut wanted = Vec::new();
    let mut runs = Runs(&typed).peekable();
    while let Some(run) = runs.next() {
        match run {
            Run::Word(word) => {
                let prefix = prefix && runs.peek().is_none();
                wanted.push(Wanted { prefix, ..exactly(word) });
            }
            Run::Alone(run) => {
                let pairs: Vec<_> = alone(run).filter_map(|(pair, _)| pair).map(exactly).collect();
                if pairs.is_empty() { wanted.push(exactly(run)) } else { wanted.extend(pairs) }
            }
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_of_any_script() {
        for (text, expected) in [
            ("Hello, World!", vec!["hello", "world"]),
            ("hello HELLO", vec!["hello"]),
            ("e\u{301}t\u{e9}-1", vec!["1", "été"]),
            ("Straße %_\\'\"*:&|!()", vec!["strasse"]),
            ("ПРИВЕТ привет", vec!["привет"]),
            ("東京都", vec!["京", "京都", "東", "東京", "都"]),
            ("a東b", vec!["a", "b", "東"]),
            ("snake_case @ada #7", vec!["7", "ada", "case", "snake"]),
            ("👍 … \u{202e}", vec![]),
            ("サーバーID", vec!["id", "サ", "サー", "バ", "バー", "ー", "ーバ"]),
            ("ｻｰﾊﾞｰ2号", vec!["2", "サ", "サー", "バ", "バー", "ー", "ーバ", "号"]),
            ("사용자ID를", vec!["id", "를", "사용자"]),
            ("⚠\u{fe0f}Warning 1\u{fe0f}\u{20e3}first", vec!["1", "first", "warning"]),
            ("Donau\u{ad}dampf wor\u{200b}d cod\u{2060}e", vec!["code", "donaudampf", "word"]),
            ("می\u{200c}خواهم", vec!["میخواهم"]),
            ("葛\u{e0100}飾", vec!["葛", "葛飾", "飾"]),
            ("İSTANBUL ısparta", vec!["isparta", "istanbul"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(100)), ["x".repeat(WORD_CHARS)]);
    }

    #[test]
    fn of_a_message_so_many_words_count() {
        let mut text = "a ".repeat(MESSAGE_WORDS);
        text.push('b');
        let looked_for = |typed, text: &str| {
            let found = Matcher::new(&wanted(typed, false)).look_at(text, &mut Work::of(1_000_000));
            found.unwrap()
        };
        assert_eq!(words(&text), ["a"]);
        assert!(looked_for("a", &text) && !looked_for("b", &text));
        assert!(words(&text[2..]).contains(&"b".to_owned()) && looked_for("b", &text[2..]));
        // Each stands for eighteen.
        let long = "\u{fdfa}".repeat(8_192);
        assert!(words(&long).len() <= MESSAGE_WORDS);
    }

    #[test]
    fn what_is_typed_becomes_words() {
        let told = |typed: &str| -> Vec<_> {
            wanted(typed, true).into_iter().map(|w| (w.word, w.prefix)).collect()
        };
        assert_eq!(told("Foo-BAR"), [("foo".into(), false), ("bar".into(), true)]);
        assert_eq!(told("東京都"), [("東京".into(), false), ("京都".into(), false)]);
        assert_eq!(told("東"), [("東".into(), false)]);
        assert_eq!(told("ユーザーID").last(), Some(&("id".into(), true)));
        assert_eq!(told("%*\""), []);
    }
}
