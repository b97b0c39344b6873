//! The words of a text, as they are looked for.
//!
//! A word is a run of letters, marks and digits of any script, folded. Scripts that are written
//! without spaces have no such runs: there each character is a word, and so is each pair, so that a
//! word of several characters is found by its pairs. Nothing else is ever in a word, so an index may
//! keep its own marks beside them in any form that has another character.

use crate::limits::WORD_CHARS;
use crate::text;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

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

/// Whether a character belongs into a word: a letter, a mark or a digit.
pub fn is_of_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let category = CATEGORY.get(c);
    [GeneralCategoryGroup::Letter, GeneralCategoryGroup::Mark, GeneralCategoryGroup::Number]
        .into_iter()
        .any(|group| group.contains(category))
}

/// Whether a character is a word by itself.
pub fn stands_alone(c: char) -> bool {
    !c.is_ascii() && is_of_word(c) && WITHOUT_SPACES.contains(&SCRIPT.get(c))
}

/// A run of characters of words.
enum Run {
    /// A word.
    Word(String),
    /// Characters of which each stands alone.
    Alone(Vec<char>),
}

/// The words that a text is found by, each once, in the order of their letters.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => words.push(word),
            Run::Alone(chars) => {
                words.extend(pairs(&chars));
                words.extend(chars.into_iter().map(String::from));
            }
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// A word to look for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The word, folded.
    pub word: String,
    /// Whether words that begin like this are found too.
    pub prefix: bool,
}

/// The words that a text must have to be found by what somebody typed; the last one may be the
/// beginning of a word if `prefix` says so.
pub fn wanted(typed: &str, prefix: bool) -> Vec<Wanted> {
    let exactly = |word| Wanted { word, prefix: false };
    let mut wanted = Vec::new();
    let mut runs = runs(typed).into_iter().peekable();
    while let Some(run) = runs.next() {
        match run {
            Run::Word(word) => {
                wanted.push(Wanted { word, prefix: prefix && runs.peek().is_none() });
            }
            Run::Alone(chars) if chars.len() == 1 => wanted.push(exactly(String::from(chars[0]))),
            Run::Alone(chars) => wanted.extend(pairs(&chars).map(exactly)),
        }
    }
    wanted
}

/// Whether a text has all of these words.
pub fn has_all(text: &str, wanted: &[Wanted]) -> bool {
    // Most texts that are searched through one by one are short, and many are plain.
    if text.is_ascii() {
        let there = || text.split(|c: char| !c.is_ascii_alphanumeric());
        return wanted.iter().all(|wanted| there().any(|word| wanted.is_plain(word)));
    }
    let there = words(text);
    wanted.iter().all(|wanted| there.iter().any(|word| wanted.is(word)))
}

impl Wanted {
    /// Whether it is this word, which is folded.
    fn is(&self, word: &str) -> bool {
        if self.prefix { word.starts_with(&self.word) } else { *word == self.word }
    }

    /// Whether it is this one, a whole run of ASCII letters and digits as it stands in a text.
    fn is_plain(&self, run: &str) -> bool {
        let (wanted, word) = (self.word.as_bytes(), &run.as_bytes()[..run.len().min(WORD_CHARS)]);
        let length = if self.prefix { wanted.len().min(word.len()) } else { word.len() };
        word[..length].eq_ignore_ascii_case(wanted)
    }
}

fn pairs(chars: &[char]) -> impl Iterator<Item = String> {
    chars.windows(2).map(|pair| pair.iter().collect())
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut word, mut length, mut alone) = (String::new(), 0, Vec::new());
    // One character more ends the last run.
    for c in text::fold(text).chars().chain([' ']) {
        let stands_alone = stands_alone(c);
        if stands_alone || !is_of_word(c) {
            if !word.is_empty() {
                runs.push(Run::Word(std::mem::take(&mut word)));
                length = 0;
            }
        } else if length < WORD_CHARS {
            // Of a longer one the beginning counts.
            word.push(c);
            length += 1;
        }
        if stands_alone {
            alone.push(c);
        } else if !alone.is_empty() {
            runs.push(Run::Alone(std::mem::take(&mut alone)));
        }
    }
    runs
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
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(100)), ["x".repeat(WORD_CHARS)]);
    }

    #[test]
    fn a_text_has_the_words_that_it_is_found_by() {
        let long = "x".repeat(WORD_CHARS + 1);
        let texts = [
            "",
            "Tea, at FOUR?",
            "tea4two tea",
            "l'ÉTÉ à 4",
            "東京都 Tea",
            &long,
            "a-b_c",
            "Straße",
        ];
        let words_of = |text| {
            words(text).into_iter().flat_map(|word| {
                let cut: String = word.chars().take(2).collect();
                [word, cut]
            })
        };
        let others = ["f", "fo", "foure", "xx", "京", "ete", "strass", &long].map(String::from);
        for word in texts.into_iter().flat_map(words_of).chain(others) {
            for prefix in [false, true] {
                let wanted = Wanted { word: word.clone(), prefix };
                for text in texts {
                    let found = words(text).iter().any(|word| wanted.is(word));
                    assert_eq!(
                        has_all(text, std::slice::from_ref(&wanted)),
                        found,
                        "{wanted:?} in {text}"
                    );
                }
            }
        }
        let both = wanted("four te", true);
        assert!(has_all(texts[1], &both) && !has_all(texts[2], &both) && has_all("", &[]));
    }

    #[test]
    fn what_is_typed_becomes_words() {
        let told = |typed: &str| -> Vec<_> {
            wanted(typed, true).into_iter().map(|w| (w.word, w.prefix)).collect()
        };
        assert_eq!(told("Foo-BAR"), [("foo".into(), false), ("bar".into(), true)]);
        assert_eq!(told("東京都"), [("東京".into(), false), ("京都".into(), false)]);
        assert_eq!(told("東"), [("東".into(), false)]);
        assert_eq!(told("%*\""), []);
    }
}
