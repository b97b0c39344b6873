//! Promises of [`domain::message::MarkStore`] about stars.

use super::Stores;
use super::fixtures::{NOBODY, at, delete, deleting, group, joining, leaving, people, say};
use domain::failure::StoreError;
use domain::ids::{MessageId, UserId};
use domain::message::{MarkError, MarkRefusal, Star};

async fn star(stores: &Stores, message: MessageId, user: UserId, on: bool) -> bool {
    stores.marks.star(Star { message, user, on }).await.unwrap()
}

/// All messages that somebody has starred, read in pages of that size.
async fn starred(stores: &Stores, user: UserId, limit: usize) -> Vec<MessageId> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = stores.marks.starred(user, true, before, limit).await.unwrap();
        assert!(page.messages.len() == limit || !page.more);
        found.extend(page.messages.iter().map(|message| message.id));
        if !page.more {
            return found;
        }
        before = found.last().copied();
    }
}

pub async fn a_star_is_its_owners_alone(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "Hello").await;
    let other = say(stores, chat, anna, "again").await;
    assert!(!star(stores, sent.id, ben, false).await, "it is not there");
    assert!(star(stores, sent.id, ben, true).await);
    assert!(!star(stores, sent.id, ben, true).await, "it is there");
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent, "nobody else sees it");
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, other.version);
    assert_eq!(starred(stores, ben, 10).await, [sent.id]);
    assert_eq!(starred(stores, anna, 10).await, []);
    let both = [other.id, sent.id];
    assert_eq!(stores.marks.stars_among(ben, &both).await.unwrap(), [sent.id]);
    assert_eq!(stores.marks.stars_among(anna, &both).await.unwrap(), []);
    assert_eq!(stores.marks.stars_among(ben, &[]).await.unwrap(), []);
    assert!(star(stores, other.id, ben, true).await);
    assert_eq!(stores.marks.stars_among(ben, &both).await.unwrap(), [sent.id, other.id]);
    assert!(star(stores, sent.id, ben, false).await);
    assert_eq!(starred(stores, ben, 10).await, [other.id]);
    let nowhere = Star { message: MessageId::stored(NOBODY), user: ben, on: true };
    let nowhere = stores.marks.star(nowhere).await;
    assert!(matches!(nowhere, Err(MarkError::Store(StoreError::NotFound))), "{nowhere:?}");
}

pub async fn starred_messages_are_walked_newest_first(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chats = [group(stores, &[anna, ben]).await.id, group(stores, &[anna, ben]).await.id];
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(say(stores, chats[n % 2], anna, "Hello").await.id);
    }
    for n in [2, 0, 4, 1, 3] {
        star(stores, ids[n], ben, true).await;
    }
    ids.reverse();
    for limit in [1, 2, 4, 5, 6] {
        assert_eq!(starred(stores, ben, limit).await, ids, "limit {limit}");
    }
}

pub async fn stars_of_a_chat_that_was_left_are_not_shown(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let left = group(stores, &[anna, ben]).await.id;
    let stayed = group(stores, &[anna, ben]).await.id;
    let lost = say(stores, left, anna, "Hello").await.id;
    let kept = say(stores, stayed, anna, "Hello").await.id;
    star(stores, lost, ben, true).await;
    star(stores, kept, ben, true).await;
    stores.members.remove(leaving(left, ben, at(5))).await.unwrap();
    assert_eq!(starred(stores, ben, 10).await, [kept]);
    stores.members.add(joining(left, ben, 10, at(6))).await.unwrap();
    assert_eq!(starred(stores, ben, 10).await, [kept, lost], "whoever is back has them back");
}

pub async fn a_tombstone_has_no_stars(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    star(stores, id, ben, true).await;
    delete(stores, id, at(101)).await.unwrap();
    assert_eq!(starred(stores, ben, 10).await, []);
    assert_eq!(stores.marks.stars_among(ben, &[id]).await.unwrap(), []);
    let late = stores.marks.star(Star { message: id, user: ben, on: true }).await;
    assert!(matches!(late, Err(MarkError::Refused(MarkRefusal::Deleted))), "{late:?}");
}

pub async fn stars_go_with_their_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    star(stores, id, ben, true).await;
    stores.chats.delete(deleting(chat)).await.unwrap();
    assert_eq!(starred(stores, ben, 10).await, []);
    assert_eq!(stores.marks.stars_among(ben, &[id]).await.unwrap(), []);
}
