//! Somebody in thousands of chats, and a chat of thousands, each beside a tenth of it: through the stores, one call after
//! the other.

use crate::reading::{Times, first_chats, text};
use crate::store;
use domain::chat::{ChatCursor, ChatQuery};
use domain::clock::{Clock, SystemClock};
use domain::ids::{ChatId, UserId, Version};
use domain::message::{Draft, MessageQuery, MessageText, Page, Search};
use futures_util::{StreamExt, stream};
use storage_diesel::{Sending, Storage};
use tests::{Engine, Server};

/// Chats that somebody is in, and members of a chat; somebody else and another chat have a tenth.
const CHATS: usize = 5_000;
const MEMBERS: usize = 10_000;
const TENTH: usize = 10;
/// Who is in each of the chats beside them.
const OTHERS: usize = 5;
/// Messages in each of the chats.
const MESSAGES: usize = 20;
/// Writers at once while all that is made.
const WRITERS: usize = 64;
/// Calls of each sort.
const CALLS: usize = 50;

pub(crate) async fn measure(engines: &[Engine]) {
    for &engine in engines {
        let server = Server::prepare(engine, &[]).await;
        let storage = store::open(&server, Sending::Grouped).await;
        let people = people(&storage).await;
        let [few, many] = [people[OTHERS], people[OTHERS + 1]];
        chats(&storage, &people[..OTHERS], [few, many]).await;
        let small = store::group(&storage, &people[..MEMBERS / TENTH]).await;
        let large = store::group(&storage, &people).await;
        server.vacuum_and_checkpoint().await;
        println!("\n{:<48}{:>12}{:>12}{:>8}", engine.name(), "a tenth, ms", "all, ms", "times");
        for (what, [tenth, all]) in of_somebody(&storage, [few, many], &people[..50]).await {
            row(&format!("in {CHATS} chats: {what}"), &tenth, &all);
        }
        for (what, [tenth, all]) in of_a_chat(&storage, people[0], [small, large]).await {
            row(&format!("{MEMBERS} members: {what}"), &tenth, &all);
        }
        storage.close().await;
    }
}

fn row(what: &str, tenth: &Times, all: &Times) {
    let (tenth, all) = (tenth.percentile(50), all.percentile(50));
    println!("{what:<48}{tenth:>12.2}{all:>12.2}{:>8.1}", all / tenth);
}

async fn people(storage: &Storage) -> Vec<UserId> {
    let names: Vec<_> = (0..MEMBERS).map(|n| format!("person {n}")).collect();
    let made = stream::iter(&names).map(|name| store::person(storage, name));
    let mut people: Vec<_> = made.buffer_unordered(WRITERS).collect().await;
    people.sort_unstable();
    people
}

/// The second of these two is in all the chats, and the first in a tenth.
async fn chats(storage: &Storage, others: &[UserId], [few, many]: [UserId; 2]) {
    let make = async |n: usize| {
        let mut members = others.to_vec();
        members.push(many);
        members.extend(n.is_multiple_of(TENTH).then_some(few));
        let chat = store::group(storage, &members).await;
        for nth in 0..MESSAGES {
            let text = MessageText::new(&text(n * MESSAGES + nth)).expect("a text");
            let draft = Draft::new(chat, others[nth % OTHERS], text, SystemClock.now());
            storage.messages.append(draft).await.expect("it is stored");
        }
    };
    stream::iter(0..CHATS).map(make).buffer_unordered(WRITERS).collect::<Vec<()>>().await;
}

type Figures = Vec<(&'static str, [Times; 2])>;

async fn of_somebody(storage: &Storage, who: [UserId; 2], others: &[UserId]) -> Figures {
    let mut figures = Vec::new();
    let list = async |user: UserId| {
        storage.chats.list(user, first_chats(50)).await.expect("a page");
    };
    figures.push(("the first 50 of the list", both(who, list).await));
    figures.push((
        "the list in pages of 100",
        both(who, async |user| whole(storage, user).await).await,
    ));
    let followed = async |user: UserId| {
        storage.chats.followed(user).await.expect("the chats");
    };
    figures.push(("what a socket follows", both(who, followed).await));
    for (what, q) in [("search, a rare word", "needle"), ("search, a common word", "message")] {
        let find = async |user: UserId| {
            let query = MessageQuery::read(&Search { q, ..Search::default() }).expect("a search");
            storage.messages.find(user, query, None, 20).await.expect("messages");
        };
        figures.push((what, both(who, find).await));
    }
    let sharing = async |user: UserId| {
        storage.members.sharing(user, others).await.expect("people");
    };
    figures.push(("who of 50 shares a chat", both(who, sharing).await));
    figures
}

async fn of_a_chat(storage: &Storage, author: UserId, chats: [ChatId; 2]) -> Figures {
    let send = async |chat: ChatId| {
        let draft =
            Draft::new(chat, author, MessageText::new("Hello").expect("a text"), SystemClock.now());
        storage.messages.append(draft).await.expect("it is stored");
    };
    let mut figures = vec![("send", both(chats, send).await)];
    let page = async |chat: ChatId| {
        storage.messages.page(chat, Page::Latest, 50).await.expect("a page");
    };
    figures.push(("the newest 50 messages", both(chats, page).await));
    let members = async |chat: ChatId| {
        storage.members.list(chat, None, 50).await.expect("members");
    };
    figures.push(("the first 50 members", both(chats, members).await));
    let changes = async |chat: ChatId| {
        storage.chats.changes(chat, Version::stored(1), 50).await.expect("changes");
    };
    figures.push(("the first 50 changes", both(chats, changes).await));
    figures
}

async fn both<T: Copy>(of: [T; 2], call: impl AsyncFn(T)) -> [Times; 2] {
    let [tenth, all] = of;
    [Times::of(CALLS, |_| call(tenth)).await, Times::of(CALLS, |_| call(all)).await]
}

async fn whole(storage: &Storage, user: UserId) {
    let mut query = first_chats(100);
    loop {
        let page = storage.chats.list(user, query).await.expect("a page");
        let last = page
            .chats
            .last()
            .filter(|_| page.more)
            .map(|view| ChatCursor { active_at: view.active_at, chat: view.chat.id });
        let Some(last) = last else { return };
        query = ChatQuery { after: Some(last), ..first_chats(100) };
    }
}
