//! Any search is read or refused. What looks through texts one by one finds what their index has, no more and
//! no less. The first line is the search, and the rest is the text.
#![no_main]

use domain::limits::MESSAGE_WORDS;
use domain::message::{MessageQuery, Search};
use domain::words::{Matcher, Wanted, Work, words};

libfuzzer_sys::fuzz_target!(|both: &str| {
    let (q, text) = both.split_once('\n').unwrap_or((both, both));
    let Ok(query) = MessageQuery::read(&Search { q, ..Search::default() }) else { return };
    let indexed = words(text);
    assert!(indexed.len() <= MESSAGE_WORDS);
    let is = |Wanted { word, prefix }: &Wanted| {
        indexed.iter().any(|one| if *prefix { one.starts_with(word) } else { one == word })
    };
    let found = Matcher::new(&query.words).look_at(text, &mut Work::of(usize::MAX));
    assert_eq!(found, Some(query.words.iter().all(is)));
});
