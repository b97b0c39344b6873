//! Promises of [`domain::chat::ChatStore`] about lists of chats.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, at, chats_after, delete, deleting, draft, edit, group, joining,
    leaving, people, say, versions,
};
use domain::chat::ChatCursor;
use domain::clock::Timestamp;
use domain::ids::{ChatId, UserId};
use domain::message::Draft;

async fn active(stores: &Stores, chat: ChatId, author: UserId, sent_at: Timestamp) {
    stores.messages.append(Draft { sent_at, ..draft(chat, author, "now") }).await.unwrap();
}

/// The whole list, read in pages of that size.
async fn walk(stores: &Stores, viewer: UserId, limit: usize) -> Vec<ChatId> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = stores.chats.list(viewer, chats_after(after, limit)).await.unwrap();
        assert!(page.chats.len() == limit || !page.more);
        for view in page.chats {
            assert_eq!(view, stores.chats.view(view.chat.id, viewer).await.unwrap());
            after = Some(ChatCursor { active_at: view.active_at, chat: view.chat.id });
            found.push(view.chat.id);
        }
        if !page.more {
            return found;
        }
    }
}

pub async fn the_chat_active_last_comes_first(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let first = group(stores, &[anna, ben]).await.id;
    let second = group(stores, &[anna, ben]).await.id;
    let silent = group(stores, &[anna, ben]).await.id;
    group(stores, &[ben, cleo]).await;
    active(stores, first, anna, at(50)).await;
    active(stores, second, anna, at(60)).await;
    assert_eq!(walk(stores, anna, 10).await, [second, first, silent]);
    active(stores, first, ben, at(70)).await;
    assert_eq!(walk(stores, anna, 10).await, [first, second, silent]);
}

pub async fn only_sending_is_activity(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let message = say(stores, chat, anna, "Hello").await;
    edit(stores, message.id, super::fixtures::text("Hi"), at(200)).await.unwrap();
    stores.members.add(joining(chat, cleo, 10, at(201))).await.unwrap();
    delete(stores, message.id, at(202)).await.unwrap();
    stores.members.remove(leaving(chat, cleo, at(203))).await.unwrap();
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().active_at, at(100));
}

pub async fn chats_active_at_one_time_are_walked_once_each(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut chats = Vec::new();
    for _ in 0..7 {
        chats.push(group(stores, &[anna, ben]).await.id);
    }
    active(stores, chats[3], anna, at(50)).await;
    active(stores, chats[5], anna, at(50)).await;
    let expected = [5, 3, 6, 4, 2, 1, 0].map(|nth| chats[nth]);
    for limit in [1, 2, 3, 6, 7, 8] {
        assert_eq!(walk(stores, anna, limit).await, expected, "limit {limit}");
    }
    let exact = stores.chats.list(anna, chats_after(None, 7)).await.unwrap();
    assert!(!exact.more, "seven of seven, and no more");
    let oldest = exact.chats.last().unwrap();
    let after = ChatCursor { active_at: oldest.active_at, chat: oldest.chat.id };
    let beyond = stores.chats.list(anna, chats_after(Some(after), 7)).await.unwrap();
    assert_eq!((beyond.chats, beyond.more), (vec![], false));
}

pub async fn who_left_sees_the_chat_nowhere(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let left = group(stores, &[anna, ben]).await;
    let stayed = group(stores, &[anna, ben]).await;
    stores.members.remove(leaving(left.id, ben, at(5))).await.unwrap();
    assert_eq!(walk(stores, ben, 10).await, [stayed.id]);
    assert_eq!(versions(stores, ben).await, [(stayed.id, stayed.version)]);
    assert_not_found(stores.chats.view(left.id, ben).await);
    stores.members.add(joining(left.id, ben, 10, at(6))).await.unwrap();
    assert_eq!(walk(stores, ben, 10).await, [stayed.id, left.id]);
}

pub async fn versions_are_those_of_now_by_id(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = group(stores, &[anna, ben]).await.id;
    let second = group(stores, &[ben, anna]).await;
    group(stores, &[ben]).await;
    assert_eq!(versions(stores, anna).await.len(), 2);
    let message = say(stores, first, anna, "Hello").await;
    let expected = [(first, message.version), (second.id, second.version)];
    assert_eq!(versions(stores, anna).await, expected);
}

pub async fn heads_are_those_of_chats_that_there_are(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let first = group(stores, &[anna, ben]).await.id;
    let second = group(stores, &[ben]).await;
    let gone = group(stores, &[anna]).await.id;
    stores.chats.delete(deleting(gone)).await.unwrap();
    let message = say(stores, first, anna, "Hello").await;
    let asked = [gone, second.id, ChatId::stored(NOBODY), first];
    let expected = [(first, message.version), (second.id, second.version)];
    assert_eq!(stores.chats.heads(&asked).await.unwrap(), expected);
    assert_eq!(stores.chats.heads(&[]).await.unwrap(), []);
}
