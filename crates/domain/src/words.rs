//! The words of a text, as they are looked for.
//!
//! A word is a run of letters, marks and digits of any script, in the form of [`text::searchable`].
//! Hangul shares a word with nothing else, since endings and names follow each other without a space
//! (`사용자ID를`). Scripts that are written without spaces have no such runs: there each character is a
//! word, and so is each pair, so that a word of several characters is found by its pairs. Nothing else
//! is ever in a word, so an index may keep its own marks beside them in any form that has another
//! character.

use crate::limits::{MESSAGE_WORDS, WORD_CHARS};
use crate::text;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};
use std::collections::{BTreeMap, HashMap};
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

/// Whether a character belongs into a word: a letter, a mark or a digit. A mark that encloses what
/// stands before it makes a symbol of it, such as a keycap.
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

/// What Hiragana and Katakana share, so that Unicode counts it to neither: the long vowel mark in both
/// widths, the marks of voiced sounds, and the signs that repeat or abbreviate.
fn is_of_kana(c: char) -> bool {
    matches!(
        c,
        '\u{30fc}' | '\u{ff70}' | '\u{3099}' | '\u{309a}' | '\u{3031}'..='\u{3035}' | '\u{303c}'
    )
}

/// Whether a character is of the Korean alphabet.
pub fn is_hangul(c: char) -> bool {
    !c.is_ascii() && SCRIPT.get(c) == Script::Hangul
}

/// What characters that follow each other have in common if they are of one run.
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

/// A run of characters of words, in a text that is searchable.
enum Run<'a> {
    /// A word.
    Word(&'a str),
    /// Characters of which each stands alone.
    Alone(&'a str),
}

/// The runs of a searchable text, in their order.
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

/// Of a longer word the beginning counts.
fn cut(word: &str) -> &str {
    if word.len() <= WORD_CHARS {
        return word;
    }
    word.char_indices().nth(WORD_CHARS).map_or(word, |(end, _)| &word[..end])
}

/// Each character of a run that stands alone, and each pair that ends with it.
fn alone(run: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut before = None;
    run.char_indices().map(move |(at, c)| {
        let end = at + c.len_utf8();
        let pair = before.replace(at).map(|before| &run[before..end]);
        (pair, &run[at..end])
    })
}

/// Tells the words of a searchable text in their order, some of them more than once, until somebody has
/// enough or as many have been told as count of one message.
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

/// The words that a text is found by, each once, in the order of their letters. Of a message the first
/// [`MESSAGE_WORDS`] count.
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
    /// The word, searchable.
    pub word: String,
    /// Whether words that begin like this are found too.
    pub prefix: bool,
}

/// The words that a text must have to be found by what somebody typed; the last one may be the
/// beginning of a word if `prefix` says so.
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

/// How much one search may still look at: characters of texts, as they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    left: usize,
    done: usize,
    over: bool,
}

impl Work {
    /// So many characters, and no more.
    pub const fn of(chars: usize) -> Self {
        Self { left: chars, done: 0, over: false }
    }
    /// How many were looked at.
    pub const fn done(&self) -> usize {
        self.done
    }
    /// Whether something was not looked at because it would have been too much.
    pub const fn is_over(&self) -> bool {
        self.over
    }
    /// Whether a text of so many characters may be looked at. Once one may not, none may.
    fn allows(&mut self, chars: usize) -> bool {
        self.over |= chars > self.left;
        !self.over
    }
    fn note(&mut self, chars: usize) {
        self.left = self.left.saturating_sub(chars);
        self.done += chars;
    }
}

/// Finds out whether texts have all of some words, running once through each. How long that takes does
/// not depend on how many words they are.
#[derive(Debug)]
pub struct Matcher {
    whole: HashMap<String, usize>,
    /// Beginnings of words, by their length in bytes.
    prefixes: BTreeMap<usize, HashMap<String, usize>>,
    /// How many different ones there are.
    wanted: usize,
}

impl Matcher {
    /// For these words.
    pub fn new(wanted: &[Wanted]) -> Self {
        let mut matcher = Self { whole: HashMap::new(), prefixes: BTreeMap::new(), wanted: 0 };
        for Wanted { word, prefix } in wanted {
            let words = if *prefix {
                matcher.prefixes.entry(word.len()).or_default()
            } else {
                &mut matcher.whole
            };
            if !words.contains_key(word) {
                words.insert(word.clone(), matcher.wanted);
                matcher.wanted += 1;
            }
        }
        matcher
    }

    /// Whether a text has all the words; `None` if it was not looked at, because that would be more work
    /// than is left.
    pub fn look_at(&self, text: &str, work: &mut Work) -> Option<bool> {
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        if !work.allows(chars) {
            return None;
        }
        let searchable = text::searchable(text);
        // Some characters stand for many.
        work.note(chars.max(searchable.chars().count()));
        let (mut found, mut missing) = (vec![false; self.wanted], self.wanted);
        if missing == 0 {
            return Some(true);
        }
        each_word(&searchable, |word| {
            for nth in self.of(word) {
                missing -= usize::from(!std::mem::replace(&mut found[nth], true));
            }
            if missing == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        Some(missing == 0)
    }

    /// Which of the wanted ones this word is.
    fn of(&self, word: &str) -> impl Iterator<Item = usize> {
        let whole = self.whole.get(word).into_iter();
        let begun = self.prefixes.range(..=word.len());
        let begun = begun.filter_map(|(length, words)| words.get(word.get(..*length)?));
        whole.chain(begun).copied()
    }
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

    fn is(wanted: &Wanted, word: &str) -> bool {
        if wanted.prefix { word.starts_with(&wanted.word) } else { *word == wanted.word }
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
            "らくだーめん太",
            "사용자ID",
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
                let matcher = Matcher::new(std::slice::from_ref(&wanted));
                for text in texts {
                    let found = words(text).iter().any(|word| is(&wanted, word));
                    let had = matcher.look_at(text, &mut Work::of(1_000));
                    assert_eq!(had, Some(found), "{wanted:?} in {text}");
                }
            }
        }
        let has = |text, wanted: &[Wanted]| {
            Matcher::new(wanted).look_at(text, &mut Work::of(100)).unwrap()
        };
        let both = wanted("four te", true);
        assert!(has(texts[1], &both) && !has(texts[2], &both) && has("", &[]));
        let one = Wanted { word: "te".into(), prefix: true };
        assert!(has("tea", &[one.clone(), Wanted { prefix: false, word: "tea".into() }, one]));
    }

    #[test]
    fn what_is_found_in_kana_has_the_same_pairs() {
        for (typed, text, found) in [
            ("ID", "ユーザーIDを教えて", true),
            ("2号", "ｻｰﾊﾞｰ2号", true),
            ("コーヒー", "冷たいコーヒーを", true),
            ("コーヒー", "ヒーローとコスト", false),
            ("らーめん", "らくだーめん太", false),
            ("らーめん", "らーめん屋", true),
            ("ﾒｰﾙ", "メールする", true),
            ("メール", "ルーマニアのメモ", false),
        ] {
            let has = Matcher::new(&wanted(typed, true)).look_at(text, &mut Work::of(100));
            assert_eq!(has, Some(found), "{typed} in {text}");
        }
    }

    #[test]
    fn work_has_an_end() {
        let matcher = Matcher::new(&wanted("zzzz", true));
        let (text, mut work) = ("一".repeat(100), Work::of(250));
        assert_eq!(matcher.look_at(&text, &mut work), Some(false));
        assert_eq!(matcher.look_at(&text, &mut work), Some(false));
        assert_eq!((work.done(), work.is_over()), (200, false));
        assert_eq!(matcher.look_at(&text, &mut work), None);
        assert_eq!((work.done(), work.is_over()), (200, true));
        assert_eq!(matcher.look_at("x", &mut work), None, "nor anything after it");
        let mut work = Work::of(1);
        assert_eq!(matcher.look_at("\u{fdfa}", &mut work), Some(false));
        assert_eq!(work.done(), 18, "what a character stands for is counted");
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
