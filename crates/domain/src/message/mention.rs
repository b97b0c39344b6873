//! Mentions: `@` and the name of a member.
//!
//! Names hold spaces and any script, so a text alone does not say where one ends. It says which names
//! may stand at each `@`; whoever knows the members picks the longest that is one of theirs.

use crate::ids::UserId;
use crate::limits;
use crate::text;
use crate::words::{is_of_word, stands_alone};

/// The names that a text may mention.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions(Vec<Place>);

/// An `@` that begins a word.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Where it stands.
    at: usize,
    /// The names that may follow, folded, and where each ends; the longest first.
    names: Vec<(String, usize)>,
}

impl Mentions {
    /// Looks for names in a text.
    pub fn of(text: &str) -> Self {
        if !text.contains('@') {
            return Self::default();
        }
        let chars: Vec<char> = text.chars().collect();
        let places = (0..chars.len())
            .filter(|at| chars[*at] == '@' && !(*at > 0 && joins(chars[at - 1])))
            .map(|at| Place { at, names: names(&chars, at + 1) })
            .filter(|place| !place.names.is_empty());
        Self(places.take(limits::MENTIONS_PER_MESSAGE).collect())
    }

    /// Whether no name can be mentioned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every name that may be mentioned, folded.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|place| place.names.iter().map(|(name, _)| name.as_str()))
    }

    /// Who is mentioned, each once, in the order of their ids, where `member` knows whose a folded
    /// name is.
    pub fn resolve(&self, member: impl Fn(&str) -> Option<UserId>) -> Vec<UserId> {
        let (mut found, mut end) = (Vec::new(), 0);
        // An `@` within a name that was found is a part of that name.
        for place in &self.0 {
            if place.at < end {
                continue;
            }
            let named = place.names.iter().find_map(|(name, end)| Some((member(name)?, *end)));
            if let Some((user, after)) = named {
                found.push(user);
                end = after;
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// What may be a name from `start` on: it ends where a word does.
fn names(chars: &[char], start: usize) -> Vec<(String, usize)> {
    let rest = &chars[start..];
    let visible = rest.iter().take(limits::USER_NAME_CHARS).take_while(|c| text::is_visible(**c));
    let length = visible.count();
    if rest.first() == Some(&' ') {
        return Vec::new();
    }
    let ends = (1..=length).rev().filter(|end| {
        let last = rest[end - 1];
        last != ' ' && rest.get(*end).is_none_or(|next| parts(last, *next))
    });
    ends.map(|end| (text::fold(&rest[..end].iter().collect::<String>()), start + end)).collect()
}

/// Whether a name may end between these two.
fn parts(last: char, next: char) -> bool {
    !joins(last) || !joins(next) || stands_alone(last) || stands_alone(next)
}

fn joins(c: char) -> bool {
    is_of_word(c) || c == '_'
}
