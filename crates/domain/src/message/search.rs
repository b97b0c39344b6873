//! Searching messages.

use super::day::date;
use super::search_error::SearchError;
use super::{Message, Messages};
use crate::chat::{Chat, check_reach};
use crate::clock::Timestamp;
use crate::failure::StoreError;
use crate::host::{ExternalId, ExternalIds, NotAReference, Reference};
use crate::ids::{ChatId, MessageId, UserId};
use crate::limits;
use crate::session::Caller;
use crate::size;
use crate::text::{self, TextError};
use crate::words::{self, Wanted};
use std::collections::HashSet;

/// A search, as typed. `from`, `in`, `before` and `data` may also be given in `q`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search<'a> {
    /// Words; `from:<name or id>`, `in:<chat id>`, `before:<date>`, `data:<words>`.
    pub q: &'a str,
    /// Who wrote it: an id, an external id, or a name.
    pub from: Option<&'a str>,
    /// In which chat: its id, or its external id.
    pub chat: Option<&'a str>,
    /// Before which day, in UTC: `2026-08-11`.
    pub before: Option<&'a str>,
    /// Words of its data, which are found by nothing else.
    pub data: Option<&'a str>,
}

/// The author to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// This account.
    Id(UserId),
    /// The account with this folded name.
    Named(String),
}

/// A parsed search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageQuery {
    /// Words that a message must contain, all of them.
    pub words: Vec<Wanted>,
    /// Words that the texts of its data must contain, all of them.
    pub data: Vec<Wanted>,
    /// Who wrote it.
    pub author: Option<Author>,
    /// In which chat.
    pub chat: Option<ChatId>,
    /// Sent before then.
    pub sent_before: Option<Timestamp>,
    /// Whether the viewer searches the chat although they are not in it.
    pub from_outside: bool,
}

/// Messages that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundPage {
    /// The newest first.
    pub messages: Vec<Message>,
    /// The chats that they are in, in the order of their ids.
    pub chats: Vec<Chat>,
    /// Where to continue, if there may be more: before this message. It is also set if the search stopped because
    /// it took too much work; then the page is not full, and may be empty.
    pub next: Option<MessageId>,
    /// How many characters of texts were compared.
    pub work: usize,
}

impl FoundPage {
    /// The page without whispers. `next` stays, so following pages are found.
    fn without_whispers(mut self) -> Self {
        self.chats.retain(|chat| chat.kind.parent().is_none());
        let shown: HashSet<_> = self.chats.iter().map(|chat| chat.id).collect();
        self.messages.retain(|message| shown.contains(&message.chat));
        self
    }

    /// The newest messages of the page that fit in so many bytes; at least one.
    fn within(mut self, bytes: usize) -> Self {
        let fitting = size::fitting(self.messages.iter().map(Message::size), bytes);
        if fitting < self.messages.len() {
            self.messages.truncate(fitting);
            self.next = self.messages.last().map(|message| message.id);
            let named: HashSet<_> = self.messages.iter().map(|message| message.chat).collect();
            self.chats.retain(|chat| named.contains(&chat.id));
        }
        self
    }
}

impl MessageQuery {
    /// Parses a search. What looks like a filter in `q` but is not one counts as words. External ids match nobody
    /// here; [`Messages::search`] resolves them.
    pub fn read(search: &Search<'_>) -> Result<Self, SearchError> {
        Ok(Typed::read(search)?.query)
    }
}

/// A parsed search whose external ids are not resolved yet; until then they match nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Typed {
    query: MessageQuery,
    author: Option<ExternalId>,
    chat: Option<ExternalId>,
}

impl Typed {
    fn read(search: &Search<'_>) -> Result<Self, SearchError> {
        let mut typed = Self::default();
        if let Some(from) = search.from {
            typed.set_author(from)?;
        }
        if let Some(id) = search.chat {
            typed.set_chat(id.parse().map_err(SearchError::Chat)?)?;
        }
        let day = |day| date(day).ok_or(SearchError::Date);
        typed.query.sent_before = search.before.map(day).transpose()?;
        if let Some(words) = search.data {
            text::searchable_within(words, limits::SEARCH_CHARS).map_err(SearchError::Data)?;
            if !typed.set_data(words)? {
                return Err(SearchError::Data(TextError::Empty));
            }
        }
        typed.read_text(search.q)?;
        let nothing = typed.query == MessageQuery::default();
        if nothing { Err(TextError::Empty.into()) } else { Ok(typed) }
    }

    fn read_text(&mut self, q: &str) -> Result<(), SearchError> {
        let filtered = self.query != MessageQuery::default();
        let text = match text::trimmed(q, limits::SEARCH_CHARS) {
            Err(TextError::Empty) if filtered => "",
            text => text?,
        };
        text::searchable_within(text, limits::SEARCH_CHARS)?;
        let mut plain = Vec::new();
        for piece in pieces(text) {
            if !self.filter(piece)? {
                plain.push(piece);
            }
        }
        let words = &mut self.query.words;
        for (nth, piece) in plain.iter().enumerate() {
            let prefix = nth + 1 == plain.len() || piece.ends_with('*');
            words.extend(words::wanted(piece, prefix));
        }
        words.iter_mut().for_each(lengthen);
        Ok(())
    }

    /// Parses `from:…`, `in:…`, `before:…` or `data:…`, and returns whether the piece was one of these.
    fn filter(&mut self, piece: &str) -> Result<bool, SearchError> {
        let Some((key, value)) = piece.split_once(':') else { return Ok(false) };
        let value = value.trim_matches('"');
        match key.to_ascii_lowercase().as_str() {
            "from" if !value.is_empty() => match self.set_author(value) {
                Err(SearchError::AuthorId(_)) => return Ok(false),
                set => set?,
            },
            "in" => match value.parse() {
                Ok(chat) => self.set_chat(chat)?,
                Err(_) => return Ok(false),
            },
            "before" => match date(value) {
                Some(day) => set(&mut self.query.sent_before, day, SearchError::TwoDates)?,
                None => return Ok(false),
            },
            "data" => return self.set_data(value),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Returns whether there are words in it. The last one counts as a beginning, as in a text.
    fn set_data(&mut self, given: &str) -> Result<bool, SearchError> {
        let mut words = words::wanted(given, true);
        words.iter_mut().for_each(lengthen);
        if words.is_empty() {
            return Ok(false);
        }
        if !std::mem::replace(&mut self.query.data, words).is_empty() {
            return Err(SearchError::TwoData);
        }
        Ok(true)
    }

    fn set_author(&mut self, given: &str) -> Result<(), SearchError> {
        let author = match given.parse() {
            _ if given.contains('\0') => return Err(SearchError::Author(TextError::Nul)),
            Ok(Reference::Id(id)) => Author::Id(id),
            Ok(Reference::External(id)) => {
                self.author = Some(id);
                Author::Id(UserId::UNKNOWN)
            }
            Err(NotAReference::Id(_)) => Author::Named(text::fold(given.trim())),
            Err(why @ NotAReference::External) => return Err(SearchError::AuthorId(why)),
        };
        set(&mut self.query.author, author, SearchError::TwoAuthors)
    }

    fn set_chat(&mut self, chat: Reference<ChatId>) -> Result<(), SearchError> {
        let chat = match chat {
            Reference::Id(id) => id,
            Reference::External(id) => {
                self.chat = Some(id);
                ChatId::UNKNOWN
            }
        };
        set(&mut self.query.chat, chat, SearchError::TwoChats)
    }

    /// The query with its external ids resolved, for the caller's issuer.
    async fn meant(self, ids: &ExternalIds, caller: &Caller) -> Result<MessageQuery, StoreError> {
        let Self { mut query, author, chat } = self;
        if let Some(id) = author {
            let user = ids.user(caller, Reference::External(id)).await?;
            query.author = Some(Author::Id(user));
        }
        if let Some(id) = chat {
            query.chat = Some(ids.chat(caller, Reference::External(id)).await?);
        }
        Ok(query)
    }
}

/// A beginning of a word that is too short is a word.
fn lengthen(wanted: &mut Wanted) {
    wanted.prefix &= wanted.word.chars().count() >= limits::SEARCH_PREFIX_CHARS;
}

fn set<T>(place: &mut Option<T>, value: T, twice: SearchError) -> Result<(), SearchError> {
    if place.replace(value).is_some() { Err(twice) } else { Ok(()) }
}

/// The parts between spaces, except spaces within quotes.
fn pieces(typed: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let pieces = typed.split(move |c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    });
    pieces.filter(|piece| !piece.is_empty())
}

impl Messages {
    /// Searches the chats that the caller is in now, for messages before `before`, the newest first.
    pub async fn search(
        &self,
        caller: &Caller,
        search: &Search<'_>,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<FoundPage, SearchError> {
        let mut query = Typed::read(search)?.meant(&self.ports.external_ids, caller).await?;
        if let Some(chat) = query.chat {
            check_reach(&*self.ports.members, caller, chat).await?;
            query.from_outside = caller.reaches_all();
        }
        let page = self.ports.messages.find(caller.user, query, before, limit).await?;
        let page = if caller.sees_whispers() { page } else { page.without_whispers() };
        Ok(page.within(limits::PAGE_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    fn read(q: &str) -> MessageQuery {
        MessageQuery::read(&Search { q, ..Search::default() }).unwrap()
    }

    fn told(query: &MessageQuery) -> Vec<String> {
        let star = |wanted: &Wanted| if wanted.prefix { "*" } else { "" };
        query.words.iter().map(|w| format!("{}{}", w.word, star(w))).collect()
    }

    #[test]
    fn data_is_asked_for_by_name() {
        let data = |query: &MessageQuery| {
            told(&MessageQuery { words: query.data.clone(), ..MessageQuery::default() })
        };
        let query = read("tea data:Lisbon four");
        assert_eq!(
            (told(&query), data(&query)),
            (vec!["tea".into(), "four*".into()], vec!["lisbon*".into()])
        );
        let query = read("DATA:\"Red shoes 4\"");
        assert_eq!(
            (told(&query), data(&query)),
            (vec![], vec!["red".into(), "shoes".into(), "4".into()])
        );
        assert_eq!(told(&read("data: tea")), ["data", "tea*"], "nothing is asked for");
        let search =
            |q, data| MessageQuery::read(&Search { q, data: Some(data), ..Search::default() });
        assert_eq!(data(&search("", "lis").unwrap()), ["lis*"]);
        for (q, given, code) in [
            ("data:a1", "b2", "conflicting_parameters"),
            ("", " ", "empty"),
            ("tea", "?!", "empty"),
            ("", &*"x".repeat(limits::SEARCH_CHARS + 1), "too_long"),
        ] {
            let failure = Failure::from(search(q, given).unwrap_err());
            assert_eq!(
                (failure.fields[0].field, failure.fields[0].code),
                ("data", code),
                "{given}"
            );
        }
    }

    #[test]
    fn the_last_word_and_starred_ones_are_prefixes() {
        assert_eq!(told(&read("Hello wor")), ["hello", "wor*"]);
        assert_eq!(told(&read("hel* world again")), ["hel*", "world", "again*"]);
        assert_eq!(told(&read("a b")), ["a", "b"], "one letter begins too many words");
    }

    #[test]
    fn filters_are_understood_in_the_text() {
        let query = read("tea from:Ada IN:7 before:2026-08-11");
        assert_eq!(told(&query), ["tea*"]);
        assert_eq!(query.author, Some(Author::Named("ada".into())));
        assert_eq!(query.chat, Some(ChatId::stored(7)));
        let day = Timestamp::from_micros(1_786_406_400_000_000);
        assert_eq!(query.sent_before, Some(day));
        let query = read("from:\"Ada Lovelace\" x");
        assert_eq!(query.author, Some(Author::Named("ada lovelace".into())));
        assert_eq!(read("from:5").author, Some(Author::Id(UserId::stored(5))));
        assert_eq!(told(&read("in:progress before:lunch")), ["in", "progress", "before", "lunch*"]);
    }

    #[test]
    fn external_ids_are_understood_in_the_text() {
        let typed = |q| Typed::read(&Search { q, ..Search::default() }).unwrap();
        let query = typed("tea from:ext:17 in:\"ext:order 7\"");
        assert_eq!(told(&query.query), ["tea*"]);
        let ids = [query.author, query.chat].map(|id| id.map(|id| id.as_str().to_owned()));
        assert_eq!(ids, [Some("17".to_owned()), Some("order 7".to_owned())]);
        let nobody = (Some(Author::Id(UserId::UNKNOWN)), Some(ChatId::UNKNOWN));
        assert_eq!((query.query.author, query.query.chat), nobody);
        assert_eq!(told(&typed("in:ext: from:ext:").query), ["in", "ext", "from", "ext*"]);
        let from = Search { from: Some("ext:"), ..Search::default() };
        assert!(matches!(Typed::read(&from), Err(SearchError::AuthorId(_))));
        let two = Search { q: "in:ext:7", chat: Some("7"), ..Search::default() };
        assert!(matches!(Typed::read(&two), Err(SearchError::TwoChats)));
    }

    #[test]
    fn syntax_is_harmless() {
        for q in ["\" OR 1=1 --", "a* AND (b", "'x':*", "NEAR(a b)", "{a}: ^b", "%_%x", "-a +b"] {
            assert!(!read(q).words.is_empty(), "{q}");
        }
        for q in ["", " ", "%", "\"*\"", "👍"] {
            let empty = MessageQuery::read(&Search { q, ..Search::default() });
            let is_empty = matches!(empty, Err(SearchError::Text(TextError::Empty)));
            assert!(is_empty, "{q}: {empty:?}");
        }
    }

    #[test]
    fn a_day_is_a_day() {
        assert_eq!(date("1970-01-01"), Some(Timestamp::from_micros(0)));
        assert_eq!(date("2000-03-01"), Some(Timestamp::from_micros(951_868_800_000_000)));
        for none in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-1-1",
            "26-01-01",
            "2026/01/01",
            "2026-01-01x",
            "yesterday",
            "",
            "２０26-01-01",
            "1969-12-31",
        ] {
            assert_eq!(date(none), None, "{none}");
        }
        assert!(date("2024-02-29").is_some());
    }
}
