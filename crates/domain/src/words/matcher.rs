//! Checking whether texts contain words, without collecting the words of each text first.

use super::{Wanted, each_word};
use crate::text;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

/// The work that one search may still do, in characters of compared texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    left: usize,
    done: usize,
    over: bool,
}

impl Work {
    /// An allowance of so many characters.
    pub const fn of(chars: usize) -> Self {
        Self { left: chars, done: 0, over: false }
    }
    /// How many characters were compared.
    pub const fn done(&self) -> usize {
        self.done
    }
    /// Whether a text was skipped because the allowance was used up.
    pub const fn is_over(&self) -> bool {
        self.over
    }
    /// Whether a text of so many characters may be compared. Once one was too long, no further one may.
    fn allows(&mut self, chars: usize) -> bool {
        self.over |= chars > self.left;
        !self.over
    }
    fn note(&mut self, chars: usize) {
        self.left = self.left.saturating_sub(chars);
        self.done += chars;
    }
}

/// Checks whether texts contain all of some words, in one pass through each text. The time does not depend on the
/// number of words.
#[derive(Debug)]
pub struct Matcher {
    whole: HashMap<String, usize>,
    /// The prefixes, by their length in bytes.
    prefixes: BTreeMap<usize, HashMap<String, usize>>,
    /// How many different words and prefixes there are.
    wanted: usize,
}

impl Matcher {
    /// A matcher for these words.
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

    /// Whether a text contains all the words; `None` if it was skipped because that would exceed the allowed
    /// work.
    pub fn look_at(&self, text: &str, work: &mut Work) -> Option<bool> {
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        if !work.allows(chars) {
            return None;
        }
        let searchable = text::searchable(text);
        // Folding may make a text longer.
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

    /// The indices of the wanted words and prefixes that this word matches.
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
    use crate::limits::WORD_CHARS;
    use crate::words::{wanted, words};

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
}
