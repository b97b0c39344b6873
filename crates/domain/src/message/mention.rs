//! Mentions: `@` and the name of a member.
//!
//! Names may have spaces and be in any script, so a text alone does not tell where a name ends. It tells only
//! which names may follow each `@`; the store, which knows the members, picks the longest that is one of
//! theirs.

use super::code;
use crate::ids::UserId;
use crate::limits;
use crate::text;
use crate::words::{is_hangul, is_of_word, stands_alone};

/// The names that a text may mention.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions(Vec<Place>);

/// A member whom a text mentions, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// The member.
    pub user: UserId,
    /// How many characters (Unicode scalar values) of the text are before the `@`.
    pub offset: usize,
    /// How many characters the `@` and the name have together.
    pub length: usize,
}

/// An `@` that begins a word.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Its index in the text, in characters.
    at: usize,
    /// The names that may follow, folded, and where each ends; the longest first.
    names: Vec<(String, usize)>,
}

impl Mentions {
    /// Finds the places of names in a text, outside of code in backquotes. It is bounded by
    /// [`limits::MENTIONS_PER_MESSAGE`] and [`limits::MENTION_CANDIDATES`]; what is further on is plain text.
    pub fn of(text: &str) -> Self {
        if !text.contains('@') {
            return Self::default();
        }
        let chars: Vec<char> = text.chars().collect();
        let code = code::spans(&chars);
        let is_code = |at: usize| code.iter().any(|span| span.contains(&at));
        let places =
            (0..chars.len()).filter(|at| chars[*at] == '@' && begins(&chars, *at) && !is_code(*at));
        let (mut found, mut left) = (Vec::new(), limits::MENTION_CANDIDATES);
        for at in places {
            let names = names(&chars, at + 1, left);
            left -= names.len();
            if !names.is_empty() {
                found.push(Place { at, names });
            }
            if left == 0 || found.len() == limits::MENTIONS_PER_MESSAGE {
                break;
            }
        }
        Self(found)
    }

    /// Whether the text mentions nobody, whoever the members are.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every name that may be mentioned, folded.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|place| place.names.iter().map(|(name, _)| name.as_str()))
    }

    /// Forgets the names for which `is_known` is false, so that they are not looked up again.
    pub fn keep(&mut self, is_known: impl Fn(&str) -> bool) {
        for place in &mut self.0 {
            place.names.retain(|(name, _)| is_known(name));
        }
        self.0.retain(|place| !place.names.is_empty());
    }

    /// Who is mentioned and where, in the order of the text. `member` returns the member with a folded name.
    pub fn resolve(&self, member: impl Fn(&str) -> Option<UserId>) -> Vec<Mention> {
        let (mut found, mut end) = (Vec::new(), 0);
        // An `@` inside of a name that was found belongs to that name.
        for place in &self.0 {
            if place.at < end {
                continue;
            }
            let named = place.names.iter().find_map(|(name, end)| Some((member(name)?, *end)));
            if let Some((user, after)) = named {
                found.push(Mention { user, offset: place.at, length: after - place.at });
                end = after;
            }
        }
        found
    }
}

/// The people who are mentioned, each once, by ascending id.
pub(super) fn mentioned(mentions: &[Mention]) -> Vec<UserId> {
    let mut users: Vec<_> = mentions.iter().map(|mention| mention.user).collect();
    users.sort_unstable();
    users.dedup();
    users
}

/// Whether an `@` begins a word, and not, say, the second part of an e-mail address: no letter or digit
/// stands before it. Invisible characters are skipped, such as the selector that makes a sign an emoji.
/// Scripts without spaces between words, and Hangul, may stand before it.
fn begins(chars: &[char], at: usize) -> bool {
    let before = chars[..at].iter().rev().find(|c| !text::is_ignorable(**c));
    before.is_none_or(|c| !joins(*c) || stands_alone(*c) || is_hangul(*c))
}

/// The names that may begin at `start`, folded, each with the index behind it; the longest first, and at most
/// `most`. A name can end wherever a word can.
fn names(chars: &[char], start: usize, most: usize) -> Vec<(String, usize)> {
    let rest = &chars[start..];
    let visible = rest.iter().take(limits::USER_NAME_CHARS).take_while(|c| text::is_visible(**c));
    let length = visible.count();
    if rest.first() == Some(&' ') {
        return Vec::new();
    }
    let ends = (1..=length).rev().filter(|end| rest[end - 1] != ' ' && parts(rest, *end));
    // If there are too many, the shorter ones are kept, which are likelier to be names.
    let ends: Vec<_> = ends.collect();
    let ends = ends[ends.len().saturating_sub(most)..].iter();
    ends.map(|end| (text::fold(&rest[..*end].iter().collect::<String>()), start + end)).collect()
}

/// Whether a name may end before `rest[end]`: at the end of a word, or where the script changes to or from
/// Hangul, or where a Korean ending follows.
fn parts(rest: &[char], end: usize) -> bool {
    let last = rest[end - 1];
    let Some(next) = rest[end..].iter().find(|c| !text::is_ignorable(**c)).copied() else {
        return true;
    };
    if !joins(last) || !joins(next) || stands_alone(last) || stands_alone(next) {
        return true;
    }
    match (is_hangul(last), is_hangul(next)) {
        (true, true) => is_ending(&rest[end..]),
        (hangul, other) => hangul != other,
    }
}

/// What is written in Korean directly behind a name, without a space: a form of address, a particle, or both
/// in this order.
const ADDRESS: [&str; 8] = ["선생님", "여러분", "님", "씨", "군", "양", "형", ""];
const PARTICLES: [&str; 33] = [
    "이랑",
    "에게서",
    "한테서",
    "에게",
    "한테",
    "께서",
    "이나",
    "이라",
    "처럼",
    "보다",
    "부터",
    "까지",
    "으로",
    "하고",
    "이가",
    "이는",
    "이야",
    "랑",
    "께",
    "이",
    "가",
    "은",
    "는",
    "을",
    "를",
    "의",
    "와",
    "과",
    "도",
    "만",
    "아",
    "야",
    "",
];

/// Whether the rest of a Hangul word is an address and a particle, so that a name may end before it.
fn is_ending(rest: &[char]) -> bool {
    // More characters than any ending has, so that a longer word cannot be mistaken for one.
    let longest = 8;
    let word: String = rest.iter().take(longest).take_while(|c| joins(**c)).collect();
    let of_name = |rest: &str| PARTICLES.contains(&rest);
    word.chars().all(is_hangul)
        && word.chars().count() < longest
        && ADDRESS.iter().any(|address| word.strip_prefix(address).is_some_and(of_name))
}

fn joins(c: char) -> bool {
    is_of_word(c) || c == '_'
}
