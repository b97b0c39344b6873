//! The people a text mentions, compared with the simplest way to find them.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::ids::UserId;
use domain::limits::MENTION_CANDIDATES;
use domain::message::{Mention, Mentions};
use domain::text::fold;
use domain::words::{is_of_word, stands_alone};
use proptest::prelude::*;

const NAMES: [&str; 9] =
    ["Ada", "Ada Lovelace", "ada_l", "Straße", "李", "李小龍", "Ana @Ada", "C++", "é"];

fn user(nth: usize) -> UserId {
    UserId::stored(i64::try_from(nth).unwrap() + 1)
}

fn joins(c: char) -> bool {
    is_of_word(c) || c == '_'
}

/// At each `@` that begins a word, tries every name at every length.
fn plainly(text: &str) -> Vec<UserId> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let begins =
            chars[at] == '@' && (at == 0 || !joins(chars[at - 1]) || stands_alone(chars[at - 1]));
        let mut best = None;
        for end in at + 2..=chars.len() {
            let (last, next) = (chars[end - 1], chars.get(end).copied());
            let ends = next.is_none_or(|next| {
                !joins(last) || !joins(next) || stands_alone(last) || stands_alone(next)
            });
            let said = fold(&chars[at + 1..end].iter().collect::<String>());
            let named = NAMES.iter().position(|name| fold(name) == said);
            if let (true, true, Some(nth)) = (begins, ends, named) {
                best = Some((nth, end));
            }
        }
        if let Some((nth, end)) = best {
            found.push(user(nth));
            at = end;
        } else {
            at += 1;
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn found(text: &str) -> Vec<Mention> {
    Mentions::of(text).resolve(|said| NAMES.iter().position(|name| fold(name) == said).map(user))
}

fn resolved(text: &str) -> Vec<UserId> {
    let mut found: Vec<_> = found(text).iter().map(|mention| mention.user).collect();
    found.sort_unstable();
    found.dedup();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_longest_name_that_ends_a_word_is_meant(parts in proptest::collection::vec(part(), 0..12)) {
        let text = parts.concat();
        prop_assert_eq!(resolved(&text), plainly(&text), "{:?}", text);
    }

    #[test]
    fn any_text_can_be_read(text in "\\PC{0,60}|[@a ]{0,300}") {
        let mentions = Mentions::of(&text);
        prop_assert!(mentions.names().all(|name| !name.is_empty()));
        prop_assert!(mentions.names().count() <= MENTION_CANDIDATES);
    }

    #[test]
    fn what_is_marked_is_a_name(parts in proptest::collection::vec(part(), 0..12)) {
        let text = parts.concat();
        let chars: Vec<char> = text.chars().collect();
        let mut end = 0;
        for Mention { user: who, offset, length } in found(&text) {
            prop_assert!(offset >= end && chars[offset] == '@');
            end = offset + length;
            let said = fold(&chars[offset + 1..end].iter().collect::<String>());
            prop_assert_eq!(NAMES.iter().position(|name| fold(name) == said).map(user), Some(who));
        }
    }
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("@".to_owned()),
        6 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned),
        2 => proptest::sample::select(&NAMES[..]).prop_map(str::to_uppercase),
        3 => Just(" ".to_owned()),
        2 => proptest::sample::select(vec![",", "_", "x", "龍", "s", "+", "\n", "e\u{301}", "1\u{20e3}"])
            .prop_map(str::to_owned),
    ]
}

#[test]
fn an_address_mentions_nobody() {
    for text in ["ada@ada", "@", "@ Ada", "@\nAda", "Ada", "@adam", "@ada_lo", "x@Ada y"] {
        assert_eq!(resolved(text), [], "{text}");
    }
    assert_eq!(resolved("(@ADA)"), [user(0)]);
}
