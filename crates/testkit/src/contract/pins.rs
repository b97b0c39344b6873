//! Promises of [`domain::message::MarkStore`] about pins.

use super::Stores;
use super::scene::{NOBODY, at, group, people, say};
use domain::failure::StoreError;
use domain::ids::{ChatId, MessageId, Version};
use domain::limits::PINS_PER_CHAT;
use domain::message::{MarkFailure, MarkRefusal, Message, Pin};

fn pin(message: MessageId, on: bool, second: i64) -> Pin {
    Pin { message, on, at: at(second) }
}

async fn pinned(stores: &Stores, chat: ChatId) -> Vec<MessageId> {
    stores.marks.pinned(chat).await.unwrap().into_iter().map(|message| message.id).collect()
}

pub async fn a_pin_is_one_change_or_none(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "Hello").await;
    assert_eq!(stores.marks.pin(pin(sent.id, false, 1)).await.unwrap(), None);
    let now = stores.marks.pin(pin(sent.id, true, 200)).await.unwrap().unwrap();
    let version = Version::stored(3);
    let expected = Message { version, pinned_at: Some(at(200)), ..sent.clone() };
    assert_eq!(now, expected);
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), expected);
    assert_eq!(stores.marks.pin(pin(sent.id, true, 300)).await.unwrap(), None, "it stays");
    assert_eq!(stores.marks.pinned(chat).await.unwrap(), [expected]);
    let down = stores.marks.pin(pin(sent.id, false, 400)).await.unwrap().unwrap();
    assert_eq!(down, Message { version: Version::stored(4), ..sent });
    assert_eq!(pinned(stores, chat).await, []);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(4));
    let nowhere = stores.marks.pin(pin(MessageId::stored(NOBODY), true, 1)).await;
    assert!(matches!(nowhere, Err(MarkFailure::Store(StoreError::NotFound))), "{nowhere:?}");
    assert_eq!(pinned(stores, ChatId::stored(NOBODY)).await, []);
}

pub async fn the_message_pinned_last_comes_first(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(say(stores, chat, anna, &n.to_string()).await.id);
    }
    let elsewhere = say(stores, other, anna, "elsewhere").await.id;
    for (id, second) in [(ids[2], 10), (ids[0], 20), (ids[1], 15), (elsewhere, 30), (ids[3], 15)] {
        stores.marks.pin(pin(id, true, second)).await.unwrap();
    }
    assert_eq!(pinned(stores, chat).await, [ids[0], ids[3], ids[1], ids[2]]);
}

pub async fn a_tombstone_is_not_pinned(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    stores.marks.pin(pin(id, true, 1)).await.unwrap();
    let tombstone = stores.messages.delete(id, at(2)).await.unwrap();
    assert_eq!(tombstone.pinned_at, None);
    assert_eq!(pinned(stores, chat).await, []);
    let again = stores.marks.pin(pin(id, true, 3)).await;
    assert!(matches!(again, Err(MarkFailure::Refused(MarkRefusal::Deleted))), "{again:?}");
}

pub async fn no_more_is_pinned_than_a_chat_may_have(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let mut last = None;
    for n in 0..=PINS_PER_CHAT {
        let id = say(stores, chat, anna, &n.to_string()).await.id;
        if n < PINS_PER_CHAT {
            assert!(stores.marks.pin(pin(id, true, 1)).await.unwrap().is_some());
        }
        last = Some(id);
    }
    let id = last.unwrap();
    let more = stores.marks.pin(pin(id, true, 1)).await;
    assert!(matches!(more, Err(MarkFailure::Refused(MarkRefusal::TooManyPins))), "{more:?}");
    let first = pinned(stores, chat).await[0];
    stores.messages.delete(first, at(2)).await.unwrap();
    assert!(stores.marks.pin(pin(id, true, 1)).await.unwrap().is_some(), "there is room again");
}
