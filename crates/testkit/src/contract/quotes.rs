//! Promises about what messages answer.

use super::Stores;
use super::fixtures::{at, delete, draft, group, people, reply, say};
use domain::ids::{Seq, Version};
use domain::message::{Draft, Page};

pub async fn what_is_answered_comes_along(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "first").await;
    let second = say(stores, chat, anna, "second").await;
    say(stores, chat, anna, "third").await;
    for to in [&second, &first, &second] {
        stores.messages.append(reply(chat, ben, to.id)).await.unwrap();
    }
    let page = stores.messages.page(chat, Page::Latest, 3).await.unwrap();
    assert_eq!(page.quoted, [first.clone(), second.clone()], "each once, in order");
    let page = stores.messages.page(chat, Page::Latest, 5).await.unwrap();
    assert_eq!(page.quoted, std::slice::from_ref(&first), "the second is on the page");
    let page = stores.messages.page(chat, Page::Before(Seq::stored(4)), 3).await.unwrap();
    assert_eq!(page.quoted, []);
    let tombstone = delete(stores, first.id, at(200)).await.unwrap().unwrap();
    let page = stores.messages.page(chat, Page::Latest, 5).await.unwrap();
    assert_eq!(page.quoted, [tombstone], "as it is now");
}

pub async fn changes_bring_what_is_answered(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let question = say(stores, chat, anna, "why?").await;
    let since = say(stores, chat, anna, "well?").await.version;
    let answer = stores.messages.append(reply(chat, ben, question.id)).await.unwrap().message;
    let last = Draft { reply_to: Some(answer.id), ..draft(chat, anna, "I see") };
    stores.messages.append(last).await.unwrap();
    let changes = stores.chats.changes(chat, since, 10).await.unwrap();
    assert_eq!((changes.messages.len(), changes.quoted), (2, vec![question]));
    let all = stores.chats.changes(chat, Version::ZERO, 10).await.unwrap();
    assert_eq!(all.quoted, []);
}
