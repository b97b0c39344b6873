//! Promises of [`domain::message::MessageStore::page`] and [`domain::message::MessageStore::shown`].

use super::Stores;
use super::fixtures::{NOBODY, assert_not_found, at, delete, draft, group, people, person, say};
use domain::ids::{ChatId, Seq};
use domain::message::{Draft, MessagePage, Page};

/// A chat with ten messages, of which the fourth and the last are tombstones, next to another chat.
async fn ten(stores: &Stores) -> ChatId {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    for nth in 1..=10 {
        let message = say(stores, chat, anna, &nth.to_string()).await;
        say(stores, other, ben, "elsewhere").await;
        if nth == 4 || nth == 10 {
            delete(stores, message.id, at(101)).await.unwrap();
        }
    }
    chat
}

const fn seq(number: i64) -> Seq {
    Seq::stored(number)
}

fn seqs(page: &MessagePage) -> Vec<i64> {
    page.messages.iter().map(|message| message.seq.get()).collect()
}

/// Reads a page and compares its seqs, and whether there are more messages on either side.
async fn assert_page(stores: &Stores, chat: ChatId, (page, limit): (Page, usize), want: &[i64]) {
    let found = stores.messages.page(chat, page, limit).await.unwrap();
    assert_eq!(seqs(&found), want, "{page:?}, limit {limit}");
    if let [first, .., last] | [first @ last] = want {
        let sides = (*first > 1, *last < 10);
        assert_eq!((found.older, found.newer), sides, "{page:?}, limit {limit}");
    }
    for message in found.messages {
        assert_eq!(stores.messages.get(message.id).await.unwrap(), message);
        let text = if [4, 10].contains(&message.seq.get()) {
            String::new()
        } else {
            message.seq.to_string()
        };
        assert_eq!(message.text, text, "tombstones are included");
    }
}

pub async fn the_latest_are_the_newest(stores: &Stores) {
    let chat = ten(stores).await;
    assert_page(stores, chat, (Page::Latest, 1), &[10]).await;
    assert_page(stores, chat, (Page::Latest, 3), &[8, 9, 10]).await;
    assert_page(stores, chat, (Page::Latest, 9), &[2, 3, 4, 5, 6, 7, 8, 9, 10]).await;
    for limit in [10, 11, 200] {
        let all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        assert_page(stores, chat, (Page::Latest, limit), &all).await;
    }
}

pub async fn before_are_the_newest_of_those_before(stores: &Stores) {
    let chat = ten(stores).await;
    assert_page(stores, chat, (Page::Before(seq(5)), 2), &[3, 4]).await;
    assert_page(stores, chat, (Page::Before(seq(5)), 4), &[1, 2, 3, 4]).await;
    assert_page(stores, chat, (Page::Before(seq(5)), 5), &[1, 2, 3, 4]).await;
    assert_page(stores, chat, (Page::Before(seq(2)), 5), &[1]).await;
    assert_page(stores, chat, (Page::Before(seq(11)), 2), &[9, 10]).await;
    assert_page(stores, chat, (Page::Before(seq(NOBODY)), 2), &[9, 10]).await;
    for nothing in [Page::Before(seq(1)), Page::Before(seq(0))] {
        let page = stores.messages.page(chat, nothing, 5).await.unwrap();
        assert_eq!((seqs(&page), page.older), (vec![], false), "{nothing:?}");
    }
}

pub async fn after_are_the_oldest_of_those_after(stores: &Stores) {
    let chat = ten(stores).await;
    assert_page(stores, chat, (Page::After(seq(5)), 2), &[6, 7]).await;
    assert_page(stores, chat, (Page::After(seq(5)), 5), &[6, 7, 8, 9, 10]).await;
    assert_page(stores, chat, (Page::After(seq(5)), 6), &[6, 7, 8, 9, 10]).await;
    assert_page(stores, chat, (Page::After(seq(9)), 5), &[10]).await;
    assert_page(stores, chat, (Page::After(seq(0)), 2), &[1, 2]).await;
    for nothing in [Page::After(seq(10)), Page::After(seq(11)), Page::After(seq(NOBODY))] {
        let page = stores.messages.page(chat, nothing, 5).await.unwrap();
        assert_eq!((seqs(&page), page.newer), (vec![], false), "{nothing:?}");
    }
}

pub async fn around_has_half_of_the_page_before(stores: &Stores) {
    let chat = ten(stores).await;
    assert_page(stores, chat, (Page::Around(seq(5)), 1), &[5]).await;
    assert_page(stores, chat, (Page::Around(seq(5)), 2), &[4, 5]).await;
    assert_page(stores, chat, (Page::Around(seq(5)), 3), &[4, 5, 6]).await;
    assert_page(stores, chat, (Page::Around(seq(5)), 4), &[3, 4, 5, 6]).await;
    assert_page(stores, chat, (Page::Around(seq(5)), 5), &[3, 4, 5, 6, 7]).await;
    assert_page(stores, chat, (Page::Around(seq(1)), 4), &[1, 2]).await;
    assert_page(stores, chat, (Page::Around(seq(10)), 4), &[8, 9, 10]).await;
    assert_page(stores, chat, (Page::Around(seq(NOBODY)), 4), &[9, 10]).await;
    assert_page(stores, chat, (Page::Around(seq(0)), 4), &[1, 2]).await;
    let all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    assert_page(stores, chat, (Page::Around(seq(5)), 200), &all).await;
}

pub async fn a_chat_without_messages_has_empty_pages(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let empty = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    say(stores, other, anna, "elsewhere").await;
    for chat in [empty, ChatId::stored(NOBODY)] {
        for page in [
            Page::Latest,
            Page::Before(seq(1)),
            Page::Before(seq(5)),
            Page::After(seq(0)),
            Page::After(seq(5)),
            Page::Around(seq(1)),
        ] {
            let found = stores.messages.page(chat, page, 5).await.unwrap();
            let nothing =
                MessagePage { messages: vec![], older: false, newer: false, quoted: vec![] };
            assert_eq!(found, nothing, "{page:?}");
        }
    }
}

pub async fn pages_walk_the_whole_history_both_ways(stores: &Stores) {
    let chat = ten(stores).await;
    for limit in [1, 3, 5, 9, 10, 11] {
        let (mut forward, mut at) = (Vec::new(), seq(0));
        loop {
            let page = stores.messages.page(chat, Page::After(at), limit).await.unwrap();
            forward.extend(seqs(&page));
            at = page.messages.last().unwrap().seq;
            if !page.newer {
                break;
            }
        }
        let (mut back, mut at) = (Vec::new(), seq(11));
        loop {
            let page = stores.messages.page(chat, Page::Before(at), limit).await.unwrap();
            back.extend(seqs(&page).into_iter().rev());
            at = page.messages[0].seq;
            if !page.older {
                break;
            }
        }
        back.reverse();
        assert_eq!((forward, back), ((1..=10).collect(), (1..=10).collect()), "limit {limit}");
    }
}

pub async fn what_is_shown_is_counted_without_tombstones(stores: &Stores) {
    let chat = ten(stores).await;
    let viewer = stores.members.list(chat, None, 1).await.unwrap().members[0].user.id;
    for (skip, limit, want) in [
        (0, 3, &[9, 8, 7][..]),
        (0, 100, &[9, 8, 7, 6, 5, 3, 2, 1]),
        (4, 3, &[5, 3, 2]),
        (7, 3, &[1]),
        (8, 3, &[]),
        (99, 3, &[]),
        (0, 0, &[]),
    ] {
        let found = stores.messages.shown(viewer, chat, skip, limit).await.unwrap();
        let seqs: Vec<_> = found.messages.iter().map(|message| message.seq.get()).collect();
        assert_eq!((seqs.as_slice(), found.count), (want, 8), "skip {skip}, limit {limit}");
    }
    assert_not_found(stores.messages.shown(viewer, ChatId::stored(NOBODY), 0, 10).await);
    let outside = person(stores, "Outside").await.id;
    assert_not_found(stores.messages.shown(outside, chat, 0, 10).await);
}

pub async fn what_is_shown_comes_with_what_it_answers(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "first").await;
    let reply = Draft { reply_to: Some(first.id), ..draft(chat, ben, "reply") };
    let reply = stores.messages.append(reply).await.unwrap().message;
    let both = stores.messages.shown(ben, chat, 0, 2).await.unwrap();
    assert_eq!((both.messages, both.quoted), (vec![reply.clone(), first.clone()], vec![]));
    let one = stores.messages.shown(ben, chat, 0, 1).await.unwrap();
    assert_eq!((one.messages, one.quoted), (vec![reply], vec![first]));
}
