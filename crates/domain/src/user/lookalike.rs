//! Names that look like others, by the confusable characters of Unicode (UTS 39).
//!
//! Two names are confusable if their skeletons are the same: every character replaced by the one that it
//! looks like. Within one script that happens to honest names (`modern` and `modem` share a skeleton),
//! and people can tell them apart. Across scripts they cannot: `аda` with a Cyrillic first letter is `ada` to
//! everybody. So a name is refused if another one has the same skeleton, and there is no script in which
//! both could be written.

use super::UserName;
use crate::limits::LOOKALIKES_COMPARED;
use std::collections::{HashMap, HashSet};
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::skeleton;

/// Whether names may look like others. A setting chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lookalikes {
    /// They are refused, as taken.
    #[default]
    Refuse,
    /// They are allowed.
    Allow,
}

/// How many characters of a skeleton are in a key. Few names have more, and so many fit into an index.
const KEY_CHARS: usize = 64;

/// Keys to look up names that may look alike: the beginnings of their skeletons in small and in capital
/// letters, since letters of different scripts may look alike in only one of the two (`НОМЕ`). Names with a
/// key in common are candidates; [`UserName::looks_like`] compares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookalikeKeys {
    /// In small letters.
    pub lower: String,
    /// In capital letters.
    pub upper: String,
}

impl UserName {
    /// The keys by which names that may look like this one are looked up.
    pub fn lookalike_keys(&self) -> LookalikeKeys {
        let key = |text: &str| skeleton(text).take(KEY_CHARS).collect();
        LookalikeKeys { lower: key(self.folded()), upper: key(&self.folded().to_uppercase()) }
    }

    /// Whether people would mistake this name for that one. A name does not look like itself.
    pub fn looks_like(&self, other: &Self) -> bool {
        let (one, two) = (self.folded(), other.folded());
        let alike = |one: &str, two: &str| skeleton(one).eq(skeleton(two));
        one != two
            && (alike(one, two) || alike(&one.to_uppercase(), &two.to_uppercase()))
            && !share_a_script(one, two)
    }
}

/// Names that are taken, to find free ones for several people at once (ADR 62).
#[derive(Debug)]
pub struct TakenNames {
    lookalikes: Lookalikes,
    /// Whether there are more taken names, which were too many to read.
    more: bool,
    folded: HashSet<String>,
    /// The names by their keys.
    alike: HashMap<String, Vec<UserName>>,
}

impl TakenNames {
    /// These names are taken. `more` says that there are others, which were too many to read.
    pub fn new(lookalikes: Lookalikes, names: Vec<UserName>, more: bool) -> Self {
        let mut taken = Self { lookalikes, more, folded: HashSet::new(), alike: HashMap::new() };
        names.into_iter().for_each(|name| taken.add(name));
        taken
    }

    /// Takes one more name.
    pub fn add(&mut self, name: UserName) {
        if self.lookalikes == Lookalikes::Refuse {
            for key in keys(&name) {
                self.alike.entry(key).or_default().push(name.clone());
            }
        }
        self.folded.insert(name.folded);
    }

    /// Whether a name is free: nobody has it, or one that looks like it if these are refused. If there are
    /// too many names to compare with, it is not.
    pub fn allow(&self, name: &UserName) -> bool {
        if self.more || self.folded.contains(name.folded()) {
            return false;
        }
        self.lookalikes == Lookalikes::Allow
            || keys(name).iter().filter_map(|key| self.alike.get(key)).all(|others| {
                others.len() < LOOKALIKES_COMPARED
                    && !others.iter().any(|other| name.looks_like(other))
            })
    }
}

/// The keys of a name. Both may be the same.
fn keys(name: &UserName) -> HashSet<String> {
    let LookalikeKeys { lower, upper } = name.lookalike_keys();
    HashSet::from([lower, upper])
}

/// Whether there is a script in which both texts could be written. A text in several scripts has none in
/// common with anything.
fn share_a_script(one: &str, two: &str) -> bool {
    let mut scripts = AugmentedScriptSet::for_str(one);
    scripts.intersect_with(AugmentedScriptSet::for_str(two));
    !scripts.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(typed: &str) -> UserName {
        UserName::new(typed).expect("a good name")
    }

    #[test]
    fn names_that_only_another_script_tells_apart_look_alike() {
        for (one, two) in [
            ("ada", "\u{430}da"),
            ("ADA", "\u{430}da"),
            ("ada", "\u{430}d\u{430}"),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}"),
            ("HOME", "\u{41d}\u{41e}\u{41c}\u{415}"),
            ("home", "\u{43d}\u{43e}\u{43c}\u{435}"),
            ("paypal", "p\u{430}ypal"),
            ("omega", "\u{3bf}mega"),
            ("ada lovelace", "ada l\u{43e}velace"),
        ] {
            let (one, two) = (name(one), name(two));
            assert!(one.looks_like(&two) && two.looks_like(&one), "{one} {two}");
            let (a, b) = (one.lookalike_keys(), two.lookalike_keys());
            assert!(a.lower == b.lower || a.upper == b.upper, "they find each other: {a:?} {b:?}");
        }
    }

    #[test]
    fn what_is_taken_is_told_apart_from_what_only_looks_like_it() {
        let ada = || vec![name("Ada")];
        let taken = TakenNames::new(Lookalikes::Refuse, ada(), false);
        for (wanted, allowed) in
            [("ada", false), ("\u{430}da", false), ("Ada 2", true), ("Ben", true)]
        {
            assert_eq!(taken.allow(&name(wanted)), allowed, "{wanted}");
        }
        let taken = TakenNames::new(Lookalikes::Allow, ada(), false);
        assert!(!taken.allow(&name("ADA")));
        assert!(taken.allow(&name("\u{430}da")));
    }

    #[test]
    fn where_too_many_might_look_alike_none_is_allowed() {
        let mut taken = TakenNames::new(Lookalikes::Refuse, Vec::new(), false);
        // They differ behind the key only.
        let begin = "a".repeat(KEY_CHARS);
        let nth = |nth: usize| name(&format!("{begin}{nth:03}"));
        (1..LOOKALIKES_COMPARED).for_each(|n| taken.add(nth(n)));
        assert!(taken.allow(&nth(0)));
        taken.add(nth(500));
        assert!(!taken.allow(&nth(0)));
        assert!(!TakenNames::new(Lookalikes::Refuse, Vec::new(), true).allow(&nth(0)));
    }

    #[test]
    fn names_in_one_script_and_names_that_differ_do_not() {
        for (one, two) in [
            ("modern", "modem"),
            ("ada1", "adal"),
            ("O", "0"),
            ("ada", "adа2"),
            ("ada", "ADA"),
            ("анна", "анка"),
            ("иван", "ivan"),
            ("ユーザー", "ユーザ"),
            ("工", "エ"),
            ("ada", "ben"),
        ] {
            let (one, two) = (name(one), name(two));
            assert!(!one.looks_like(&two) && !two.looks_like(&one), "{one} {two}");
        }
    }

    #[test]
    fn a_key_is_short_whatever_the_name() {
        let keys = name(&"\u{fdfa}".repeat(16)).lookalike_keys();
        assert!(keys.lower.chars().count() <= KEY_CHARS && keys.upper.chars().count() <= KEY_CHARS);
    }
}
