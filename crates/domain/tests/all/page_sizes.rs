//! Pages are limited in bytes as well as in rows, and the next page continues where one ends.

use domain::chat::ChatQuery;
use domain::ids::{ChatId, MessageId, Seq, Version};
use domain::limits::{CHAT_PAGE_MAX, MESSAGE_CHARS, PAGE_BYTES, PAGE_MAX};
use domain::message::{Message, MessagePage, Page, Search, Send};
use domain::session::Caller;
use futures_executor::block_on;
use std::collections::BTreeSet;
use testkit::world::World;

/// That many long messages fill more than two pages.
const MESSAGES: i64 = 80;

/// A chat of long messages, of which each third answers the first, and those after it the one before.
async fn long_chat() -> (World, Caller, ChatId) {
    let world = World::default();
    let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
    let chat = world.group(&anna, &[&ben]).await;
    let (mut first, mut last) = (None, None);
    for nth in 1..=MESSAGES {
        let reply_to = match nth % 3 {
            0 => first,
            1 => last,
            _ => None,
        };
        let text = format!("tea {nth} {}", "🦊".repeat(MESSAGE_CHARS - 20));
        let command = Send { reply_to, ..Send::new(chat, &text) };
        let id = world.messages.send(&anna, command).await.expect("it is sent").message.id;
        first = first.or(Some(id));
        last = Some(id);
    }
    (world, anna, chat)
}

fn seqs(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.seq.get()).collect()
}

/// The page is as large as allowed, and includes the messages that its messages reply to.
fn assert_sound(page: &MessagePage) {
    let (first, last) = (page.messages[0].seq.get(), page.messages.last().expect("one").seq.get());
    assert_eq!(seqs(&page.messages), (first..=last).collect::<Vec<_>>(), "without holes");
    assert_eq!((page.older, page.newer), (first > 1, last < MESSAGES));
    let size: usize = page.messages.iter().chain(&page.quoted).map(Message::size).sum();
    let largest = page.messages.iter().map(Message::size).max().expect("one");
    assert!(size <= PAGE_BYTES, "{size}");
    assert!(size + 2 * largest > PAGE_BYTES || !(page.older && page.newer), "{size}: room is left");
    let ids: BTreeSet<_> = page.messages.iter().map(|message| message.id).collect();
    let answered = page.messages.iter().filter_map(|message| message.reply_to);
    let missing: BTreeSet<_> = answered.filter(|id| !ids.contains(id)).collect();
    let quoted: Vec<MessageId> = page.quoted.iter().map(|message| message.id).collect();
    assert_eq!(quoted, missing.into_iter().collect::<Vec<_>>());
}

#[test]
fn a_history_of_long_messages_is_walked_both_ways() {
    block_on(async {
        let (world, anna, chat) = long_chat().await;
        let page = async |page| {
            let page = world.messages.page(&anna, chat, page, PAGE_MAX).await.unwrap().page;
            assert_sound(&page);
            page
        };
        let (mut back, mut next) = (Vec::new(), Page::Latest);
        loop {
            let page = page(next).await;
            back.extend(seqs(&page.messages).into_iter().rev());
            next = Page::Before(page.messages[0].seq);
            if !page.older {
                break;
            }
        }
        back.reverse();
        let (mut forward, mut at) = (Vec::new(), Seq::ZERO);
        loop {
            let page = page(Page::After(at)).await;
            forward.extend(seqs(&page.messages));
            at = page.messages.last().expect("one").seq;
            if !page.newer {
                break;
            }
        }
        let all: Vec<_> = (1..=MESSAGES).collect();
        assert_eq!((back, forward), (all.clone(), all));
    });
}

#[test]
fn what_is_asked_for_is_in_the_middle_of_what_is_around_it() {
    block_on(async {
        let (world, anna, chat) = long_chat().await;
        for asked in [1, 2, 40, MESSAGES - 1, MESSAGES] {
            let around = Page::Around(Seq::stored(asked));
            let page = world.messages.page(&anna, chat, around, PAGE_MAX).await.unwrap().page;
            assert_sound(&page);
            let seqs = seqs(&page.messages);
            assert!(seqs.contains(&asked), "{asked} is not among {seqs:?}");
            if asked == 40 {
                let (before, after) = (asked - seqs[0], seqs.last().unwrap() - asked);
                assert!((before - after).abs() <= 1, "{seqs:?}");
            }
        }
    });
}

#[test]
fn changes_are_caught_up_page_by_page() {
    block_on(async {
        let (world, anna, chat) = long_chat().await;
        let (mut since, mut all, mut pages) = (Version::ZERO, Vec::new(), 0);
        loop {
            let changes = world.chats.changes(&anna, chat, since, PAGE_MAX).await.unwrap();
            let size = changes.size();
            assert!(size <= PAGE_BYTES, "{size}");
            assert!(changes.version > since);
            assert!(changes.messages.iter().all(|message| message.version <= changes.version));
            assert_eq!(
                (changes.chat.is_some(), changes.members.len()),
                match pages {
                    0 => (true, 2),
                    _ => (false, 0),
                }
            );
            let known: BTreeSet<_> =
                changes.messages.iter().chain(&changes.quoted).map(|m| m.id).collect();
            let mut answered = changes.messages.iter().filter_map(|message| message.reply_to);
            assert!(answered.all(|id| known.contains(&id)));
            all.extend(seqs(&changes.messages));
            (since, pages) = (changes.version, pages + 1);
            if !changes.more {
                break;
            }
        }
        assert_eq!(all, (1..=MESSAGES).collect::<Vec<_>>());
        assert!(pages > 2, "{pages} pages");
        let missed = world.chats.missed_since(chat, Version::ZERO, 1_000).await.unwrap().unwrap();
        assert!(missed.more && missed.events.len() < 40, "{}", missed.events.len());
    });
}

#[test]
fn what_was_found_and_starred_is_cut_alike() {
    block_on(async {
        let (world, anna, chat) = long_chat().await;
        let (mut before, mut found) = (None, Vec::new());
        loop {
            let search = Search { q: "tea", ..Search::default() };
            let page = world.messages.search(&anna, &search, before, PAGE_MAX).await.unwrap();
            let size: usize = page.messages.iter().map(Message::size).sum();
            assert!(size <= PAGE_BYTES && page.chats.len() <= 1);
            found.extend(seqs(&page.messages));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        let newest_first: Vec<_> = (1..=MESSAGES).rev().collect();
        assert_eq!(found, newest_first);

        let (all, _) = world.messages.newest(&anna, chat, None, 1_000).await.unwrap();
        assert!(all.iter().map(Message::size).sum::<usize>() <= PAGE_BYTES);
        for seq in 1..=MESSAGES {
            let message = world.messages.at(chat, Seq::stored(seq)).await.unwrap().unwrap();
            world.messages.star(&anna, message.id, true).await.unwrap();
        }
        let (mut before, mut starred) = (None, Vec::new());
        loop {
            let page = world.messages.starred(&anna, before, PAGE_MAX).await.unwrap();
            starred.extend(seqs(&page.messages));
            before = page.messages.last().map(|message| message.id);
            if !page.more {
                break;
            }
        }
        assert_eq!(starred, newest_first);
    });
}

#[test]
fn the_newest_messages_of_a_chat_are_walked_by_what_is_before_them() {
    block_on(async {
        let (world, anna, chat) = long_chat().await;
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let (newest, older) = world.messages.newest(&anna, chat, before, 1_000).await.unwrap();
            assert!(newest.iter().map(Message::size).sum::<usize>() <= PAGE_BYTES);
            before = newest.first().map(|message| message.seq);
            all.splice(0..0, seqs(&newest));
            if !older {
                break;
            }
        }
        assert_eq!(all, (1..=MESSAGES).collect::<Vec<_>>());
    });
}

#[test]
fn chats_with_long_last_messages_are_on_several_pages() {
    block_on(async {
        let world = World::default();
        let anna = world.person("Anna").await;
        let mut made = BTreeSet::new();
        for _ in 0..50 {
            let chat = world.group(&anna, &[]).await;
            world.say(&anna, chat, &"🦊".repeat(MESSAGE_CHARS)).await;
            world.clock.advance(std::time::Duration::from_secs(1));
            made.insert(chat);
        }
        let (mut listed, mut after, mut pages) = (BTreeSet::new(), None, 0);
        loop {
            let query = ChatQuery { archived: None, whispers: true, after, limit: CHAT_PAGE_MAX };
            let page = world.chats.list(&anna, query).await.unwrap();
            let size: usize = page.chats.iter().map(domain::chat::ChatView::size).sum();
            assert!(size <= PAGE_BYTES, "{size}");
            listed.extend(page.chats.iter().map(|view| view.chat.id));
            let last = page.chats.last().unwrap();
            after =
                Some(domain::chat::ChatCursor { active_at: last.active_at, chat: last.chat.id });
            pages += 1;
            if !page.more {
                break;
            }
        }
        assert_eq!((listed, pages), (made, 2));
    });
}
