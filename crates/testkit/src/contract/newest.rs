//! The promise of [`domain::message::MessageStore::find`] that nothing but `before:` finds the newest messages.

use super::Stores;
use super::fixtures::{at, at_once, delete, draft, group, people};
use domain::ids::MessageId;
use domain::message::{MessageQuery, Search};

/// More chats than are searched by their marks.
const CHATS: usize = 34;

/// More messages in all of them than are compared one by one.
const IN_EACH: usize = 62;

pub async fn the_newest_of_many_chats_are_found_page_by_page(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut chats = Vec::new();
    for _ in 0..CHATS {
        chats.push(group(stores, &[anna, ben]).await.id);
    }
    let elsewhere = group(stores, &[ben]).await.id;
    let calls = chats.iter().chain([&elsewhere]).map(|chat| {
        let (messages, chat) = (stores.messages.clone(), *chat);
        async move {
            let mut said = Vec::new();
            // Some chats have much more to say than others.
            let busy = chat.get() % 5 == 0;
            for _ in 0..if busy { 2 * IN_EACH } else { IN_EACH } {
                said.push(messages.append(draft(chat, ben, "tea")).await.unwrap().message);
            }
            said
        }
    });
    let said: Vec<_> = at_once(calls).await.into_iter().flatten().collect();
    // The end of one chat is a long row of tombstones.
    let gone: Vec<_> = said.iter().filter(|message| message.chat == chats[3]).collect();
    for message in &gone[10..] {
        delete(stores, message.id, at(900)).await.unwrap();
    }
    let gone: Vec<_> = gone[10..].iter().map(|message| message.id).collect();
    let here = said.iter().filter(|message| message.chat != elsewhere);
    let mut expected: Vec<_> =
        here.map(|message| message.id).filter(|id| !gone.contains(id)).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));

    let query = Search { q: "before:2030-01-01", ..Search::default() };
    let query = MessageQuery::read(&query).unwrap();
    let (mut found, mut before) = (Vec::<MessageId>::new(), None);
    for limit in [1, 7, 100].into_iter().cycle() {
        let page = stores.messages.find(anna, query.clone(), before, limit).await.unwrap();
        assert!(page.messages.len() <= limit);
        found.extend(page.messages.iter().map(|message| message.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert!(found == expected, "{} of {} were found", found.len(), expected.len());
}
