//! What is kept of messages so that they are found by their words, in the same form on both databases.

use domain::message::Message;
use domain::words::Wanted;

/// A message to be found.
pub(crate) struct Indexed {
    pub(crate) message: i64,
    pub(crate) chat: i64,
    /// Its words and the marks, with spaces in between.
    pub(crate) words: String,
}

impl Indexed {
    pub(crate) fn new(message: &Message, words: &[String]) -> Self {
        Self::of((message.id.get(), message.chat.get(), message.author.get()), words)
    }

    /// Of a message by its id, its chat and its author.
    pub(crate) fn of((message, chat, author): (i64, i64, i64), words: &[String]) -> Self {
        let mut text = format!("{} {}", chat_mark(chat), author_mark(author));
        for word in words {
            text.push(' ');
            text.push_str(word);
        }
        Self { message, chat, words: text }
    }
}

/// Messages that were found.
pub(crate) struct Hits {
    /// The newest first.
    pub(crate) ids: Vec<i64>,
    /// Where the search stopped before it had as much as was sought or all that there is: what is older
    /// than this message was not looked at.
    pub(crate) stopped_at: Option<i64>,
}

impl Hits {
    /// All that was sought, or all that there is.
    pub(crate) const fn complete(ids: Vec<i64>) -> Self {
        Self { ids, stopped_at: None }
    }
}

/// Up to so many chats are looked for by their marks. Of more, each message that has the words is
/// asked for its chat: looking every mark up would take longer.
const MARKED: usize = 32;

/// What every message of a chat is found by. No word has an underscore.
pub(crate) fn chat_mark(chat: i64) -> String {
    format!("_c{chat}")
}

/// What every message of an author is found by.
pub(crate) fn author_mark(author: i64) -> String {
    format!("_a{author}")
}

/// What is to be looked for.
#[derive(Clone)]
pub(crate) struct Sought {
    pub(crate) words: Vec<Wanted>,
    pub(crate) author: Option<i64>,
    /// In which of these chats; at least one.
    pub(crate) chats: Vec<i64>,
    /// Before which message.
    pub(crate) before: i64,
    /// How many, the newest first.
    pub(crate) limit: i64,
}

impl Sought {
    /// Whether the chats are few enough to be looked for by their marks.
    pub(crate) fn is_marked(&self) -> bool {
        self.chats.len() <= MARKED
    }

    /// Whether the beginnings of words are looked for.
    pub(crate) fn begins(&self) -> bool {
        self.words.iter().any(|wanted| wanted.prefix)
    }

    /// The same without the beginnings of words.
    pub(crate) fn whole(&self) -> Self {
        let mut whole = self.clone();
        whole.words.retain(|wanted| !wanted.prefix);
        whole
    }

    /// Whether neither words nor an author are looked for. Then the chats are marked.
    pub(crate) fn says_nothing(&self) -> bool {
        self.words.is_empty() && self.author.is_none()
    }

    /// Whether as many were found as are sought.
    pub(crate) fn is_enough(&self, found: &[i64]) -> bool {
        found.len() as i64 >= self.limit
    }

    /// The newest of what was found, as many as are sought.
    pub(crate) fn newest(&self, mut found: Vec<i64>) -> Vec<i64> {
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        found
    }

    /// How many have to be looked at to find as many as are sought, after some were found among the newest:
    /// as those are, so are the ones before them, about.
    pub(crate) fn likely(&self, found: usize, looked_at: i64) -> i64 {
        (self.limit * looked_at * 5 / 4).checked_div(found as i64).unwrap_or(i64::MAX)
    }
}
