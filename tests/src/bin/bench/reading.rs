//! Reading when there is much: history pages, chat lists and searches, with a tenth of the messages and
//! with all of them, through the stores and one call after the other.

use crate::store;
use domain::chat::ChatQuery;
use domain::clock::{Clock, SystemClock};
use domain::ids::{ChatId, Seq, UserId};
use domain::limits::SEARCH_PAGE_DEFAULT;
use domain::message::{Draft, MessageQuery, MessageText, Page, Search};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage_diesel::{Sending, Storage};
use tests::{Engine, Server};
use tokio::task::JoinSet;

/// Chats that there are, and those that the two people are in.
const CHATS: usize = 1_000;
const MANY: usize = 500;
const FEW: usize = 3;
/// Who writes: in every chat the same.
const AUTHORS: usize = 5;
/// Writers at once while the messages are made.
const WRITERS: usize = 200;
/// Calls of each sort.
const CALLS: usize = 200;
const SEARCHES: usize = 40;

/// One database with messages in it.
struct Place {
    storage: Arc<Storage>,
    chats: Vec<ChatId>,
    authors: Vec<UserId>,
    /// Somebody in many chats and somebody in few.
    viewers: [UserId; 2],
}

/// Measures databases with a tenth of that many messages, and with that many.
pub(crate) async fn measure(messages: usize, engines: &[Engine]) {
    for &engine in engines {
        let server = Server::prepare(engine, &[]).await;
        let storage = store::open(&server, Sending::Grouped).await;
        let place = people(Arc::new(storage)).await;
        let began = Instant::now();
        fill(&place, 0..messages / 10 / CHATS).await;
        server.vacuum_and_checkpoint().await;
        let tenth = figures(&place).await;
        fill(&place, messages / 10 / CHATS..messages / CHATS).await;
        println!("\n{}: {messages} messages made in {:.0?}", engine.name(), began.elapsed());
        server.vacuum_and_checkpoint().await;
        println!("{:<40}{:>12}{:>12}{:>12}{:>8}", "", "p50 ms", "p99 ms", "calls/s", "times");
        for (what, now) in figures(&place).await {
            let before = tenth[what].percentile(50);
            println!(
                "{:<40}{:>12.2}{:>12.2}{:>12.0}{:>8.2}",
                what.split_once(' ').map_or(what, |(_, what)| what),
                now.percentile(50),
                now.percentile(99),
                1.0 / now.mean(),
                now.percentile(50) / before
            );
        }
        place.storage.close().await;
    }
}

/// How long some calls took, the shortest first.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) async fn of<F: Future>(calls: usize, mut call: impl FnMut(usize) -> F) -> Self {
        let mut times = Vec::with_capacity(calls);
        for n in 0..calls {
            let began = Instant::now();
            call(n).await;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        Self(times)
    }

    /// In milliseconds.
    pub(crate) fn percentile(&self, part: usize) -> f64 {
        self.0[(self.0.len() * part / 100).min(self.0.len() - 1)].as_secs_f64() * 1e3
    }

    fn mean(&self) -> f64 {
        let all: Duration = self.0.iter().sum();
        all.as_secs_f64() / f64::from(u32::try_from(self.0.len()).expect("some calls"))
    }
}

async fn people(storage: Arc<Storage>) -> Place {
    let mut ids = Vec::new();
    for n in 0..AUTHORS + 2 {
        ids.push(store::person(&storage, &format!("person {n}")).await);
    }
    let viewers = [ids[AUTHORS], ids[AUTHORS + 1]];
    ids.truncate(AUTHORS);
    let mut chats = Vec::new();
    for n in 0..CHATS {
        let mut members = ids.clone();
        members.extend((n % (CHATS / MANY) == 0).then_some(viewers[0]));
        members.extend((n % (CHATS / FEW) == 1 && n < CHATS - 1).then_some(viewers[1]));
        chats.push(store::group(&storage, &members).await);
    }
    Place { storage, chats, authors: ids, viewers }
}

/// Writes the messages of these numbers into every chat.
async fn fill(place: &Place, numbers: std::ops::Range<usize>) {
    let mut writing = JoinSet::new();
    for writer in 0..WRITERS {
        let (storage, numbers) = (place.storage.clone(), numbers.clone());
        let (chats, authors) = (place.chats.clone(), place.authors.clone());
        writing.spawn(async move {
            for n in numbers {
                for nth in (writer..CHATS).step_by(WRITERS) {
                    let text = MessageText::new(&text(n * CHATS + nth)).expect("a text");
                    let author = authors[n % AUTHORS];
                    let draft = Draft::new(chats[nth], author, text, SystemClock.now());
                    storage.messages.append(draft).await.expect("it is stored");
                }
            }
        });
    }
    writing.join_all().await;
}

/// Eight words, of which some are common; one message in 20,000 has a rare one.
pub(crate) fn text(n: usize) -> String {
    let mut random = n as u64;
    let mut word = || {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (random >> 33) % 1_000;
        // The cube makes low numbers common, as words are.
        format!("w{}", part * part * part / 20_000)
    };
    let mut words: Vec<_> = (0..7).map(|_| word()).collect();
    words.push(if n.is_multiple_of(3) { "message".to_owned() } else { word() });
    if n % 20_011 == 7 {
        words.push("needle".to_owned());
    }
    words.join(" ")
}

/// Every figure, by a number for its place and what it is of.
async fn figures(place: &Place) -> BTreeMap<&'static str, Times> {
    let Place { storage, chats, viewers: [many, few], .. } = place;
    let mut figures = BTreeMap::new();
    let chat = |n: usize| chats[n * 7_919 % CHATS];
    let latest = |n| storage.messages.page(chat(n), Page::Latest, 50);
    figures.insert("1 history, the newest page", Times::of(CALLS, latest).await);
    let middle = |n| storage.messages.page(chat(n), Page::Around(Seq::stored(50)), 50);
    figures.insert("2 history, a page further back", Times::of(CALLS, middle).await);
    let list = |_| storage.chats.list(*many, first_chats(50));
    figures.insert("3 chat list, 50 of 500 chats", Times::of(CALLS, list).await);
    let all = |_| storage.chats.list(*many, first_chats(MANY));
    figures.insert("4 chat list, 500 chats", Times::of(CALLS / 10, all).await);
    for (what, q, viewer) in [
        ("5 a rare word in 500 chats", "needle", *many),
        ("5 a rare word in 3 chats", "needle", *few),
        ("6 a common word in 500 chats", "message", *many),
        ("6 a common word in 3 chats", "message", *few),
        ("7 a common beginning in 500 chats", "mess", *many),
        ("7 a common beginning in 3 chats", "mess", *few),
        ("8 two common words in 500 chats", "w0 message", *many),
        ("8 two common words in 3 chats", "w0 message", *few),
        ("9 a very common beginning in 3 chats", "w1", *few),
        ("9 one word and a beginning in 500 chats", "w400 mess", *many),
        ("9 one word and a beginning in 3 chats", "w400 mess", *few),
    ] {
        let query = MessageQuery::read(&Search { q, ..Search::default() }).expect("a search");
        let find = |_| storage.messages.find(viewer, query.clone(), None, SEARCH_PAGE_DEFAULT);
        figures.insert(what, Times::of(SEARCHES, find).await);
    }
    figures
}

/// The first chats of a list.
pub(crate) fn first_chats(limit: usize) -> ChatQuery {
    ChatQuery { archived: None, whispers: true, after: None, limit }
}
