//! What the search index stores of a message, in the same form on both databases, and searches in it.

use domain::data::Data;
use domain::message::Message;
use domain::words::{self, Wanted};
use std::collections::HashMap;

/// A message's entry in the index.
pub(crate) struct Indexed {
    pub(crate) message: i64,
    pub(crate) chat: i64,
    /// The marks of its chat and author, its words, and those of its data with a mark each, separated by spaces.
    pub(crate) words: String,
}

impl Indexed {
    pub(crate) fn new(message: &Message, words: &[String]) -> Self {
        let of = (message.id.get(), message.chat.get(), message.author.get());
        Self::of(of, words, message.data.as_ref())
    }

    /// The entry of a message, given by its id, its chat and its author.
    pub(crate) fn of(
        (message, chat, author): (i64, i64, i64),
        words: &[String],
        data: Option<&Data>,
    ) -> Self {
        let mut text = format!("{} {}", chat_mark(chat), author_mark(author));
        for word in words {
            text.push(' ');
            text.push_str(word);
        }
        for word in data.iter().flat_map(|data| words::words(&data.texts())) {
            text.push(' ');
            text.push_str(&data_mark(&word));
        }
        Self { message, chat, words: text }
    }
}

/// The result of a search.
pub(crate) struct Hits {
    /// The newest first.
    pub(crate) ids: Vec<i64>,
    /// Where the search stopped early, if it did: messages older than this one were not looked at.
    pub(crate) stopped_at: Option<i64>,
}

impl Hits {
    /// A full page, or everything that there is.
    pub(crate) const fn complete(ids: Vec<i64>) -> Self {
        Self { ids, stopped_at: None }
    }
}

/// Up to how many chats are searched by their marks. With more, each message that has the words is checked
/// for its chat, because looking up every mark would take longer.
const MARKED: usize = 32;

/// The mark that every message of a chat has in the index. Words never contain an underscore.
pub(crate) fn chat_mark(chat: i64) -> String {
    format!("_c{chat}")
}

/// The mark that every message of an author has in the index.
pub(crate) fn author_mark(author: i64) -> String {
    format!("_a{author}")
}

/// A word of a message's data in the index. It is found by whoever asks for data, and by nobody else, because no word
/// contains an underscore.
fn data_mark(word: &str) -> String {
    format!("_d{word}")
}

/// A search.
#[derive(Clone)]
pub(crate) struct Sought {
    pub(crate) words: Vec<Wanted>,
    /// Words of the data.
    pub(crate) data: Vec<Wanted>,
    pub(crate) author: Option<i64>,
    /// In which of these chats; at least one.
    pub(crate) chats: Vec<i64>,
    /// Of those of which something is hidden from whoever searches: the last message that is. Most people have
    /// none.
    pub(crate) hidden: HashMap<i64, i64>,
    /// Only messages before this one.
    pub(crate) before: i64,
    /// At most this many, the newest first.
    pub(crate) limit: i64,
}

impl Sought {
    /// Whether a message of that chat is hidden.
    pub(crate) fn hides(&self, chat: i64, message: i64) -> bool {
        self.hidden.get(&chat).is_some_and(|last| message <= *last)
    }

    /// The chats of which something is hidden, each with the last message that is, as a table for SQL, whose
    /// columns are `column1` and `column2`; `None` if there are none.
    pub(crate) fn hidden_table(&self) -> Option<String> {
        let rows: Vec<_> =
            self.hidden.iter().map(|(chat, last)| format!("({chat},{last})")).collect();
        (!rows.is_empty()).then(|| format!("(VALUES {}) AS hidden", rows.join(",")))
    }

    /// Whether the chats are few enough to be searched by their marks.
    pub(crate) fn is_marked(&self) -> bool {
        self.chats.len() <= MARKED
    }

    /// All words, as they are in the index.
    pub(crate) fn indexed_words(&self) -> impl Iterator<Item = Wanted> {
        let of_data =
            |Wanted { word, prefix }: &Wanted| Wanted { word: data_mark(word), prefix: *prefix };
        self.words.iter().cloned().chain(self.data.iter().map(of_data))
    }

    /// Whether there are prefixes among the words.
    pub(crate) fn begins(&self) -> bool {
        self.words.iter().chain(&self.data).any(|wanted| wanted.prefix)
    }

    /// The search without its prefixes.
    pub(crate) fn whole(&self) -> Self {
        let mut whole = self.clone();
        whole.words.retain(|wanted| !wanted.prefix);
        whole.data.retain(|wanted| !wanted.prefix);
        whole
    }

    /// Whether it has neither words nor an author. Then the index is asked for the chats' marks alone.
    pub(crate) fn says_nothing(&self) -> bool {
        self.words.is_empty() && self.data.is_empty() && self.author.is_none()
    }

    /// Whether enough messages were found.
    pub(crate) fn is_enough(&self, found: &[i64]) -> bool {
        found.len() as i64 >= self.limit
    }

    /// The newest of the messages that were found, at most as many as were asked for.
    pub(crate) fn newest(&self, mut found: Vec<i64>) -> Vec<i64> {
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        found
    }

    /// Estimates how many messages have to be looked at to find enough, assuming that matches are as frequent
    /// in older messages as in the newest; with a quarter added for safety.
    pub(crate) fn likely(&self, found: usize, looked_at: i64) -> i64 {
        (self.limit * looked_at * 5 / 4).checked_div(found as i64).unwrap_or(i64::MAX)
    }
}
