//! Promises of [`domain::message::MarkStore`] about pins.

use super::Stores;
use super::fixtures::{NOBODY, at, delete, group, leaving, people, refused, say, set_member};
use domain::chat::{ChatRole, Pair};
use domain::ids::{ChatId, MessageId, UserId, Version};
use domain::limits::PINS_PER_CHAT;
use domain::message::{MarkRefusal, Message, Pin};

fn pin((chat, actor): (ChatId, UserId), message: MessageId, on: bool, second: i64) -> Pin {
    Pin { chat, message, actor: actor.into(), on, at: at(second) }
}

async fn pinned(stores: &Stores, chat: ChatId) -> Vec<MessageId> {
    stores.marks.pinned(chat, None).await.unwrap().into_iter().map(|message| message.id).collect()
}

pub async fn a_pin_is_one_change_or_none(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "Hello").await;
    assert_eq!(stores.marks.pin(pin((chat, anna), sent.id, false, 1)).await.unwrap(), None);
    let now = stores.marks.pin(pin((chat, anna), sent.id, true, 200)).await.unwrap().unwrap();
    let version = Version::stored(3);
    let expected = Message { version, pinned_at: Some(at(200)), ..sent.clone() };
    assert_eq!(now, expected);
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), expected);
    assert_eq!(
        stores.marks.pin(pin((chat, anna), sent.id, true, 300)).await.unwrap(),
        None,
        "it stays"
    );
    assert_eq!(stores.marks.pinned(chat, None).await.unwrap(), [expected]);
    let down = stores.marks.pin(pin((chat, anna), sent.id, false, 400)).await.unwrap().unwrap();
    assert_eq!(down, Message { version: Version::stored(4), ..sent });
    assert_eq!(pinned(stores, chat).await, []);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(4));
    let nowhere = stores.marks.pin(pin((chat, anna), MessageId::stored(NOBODY), true, 1)).await;
    assert_eq!(refused(nowhere), MarkRefusal::NotFound);
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
    stores.marks.pin(pin((other, anna), elsewhere, true, 30)).await.unwrap();
    for (id, second) in [(ids[2], 10), (ids[0], 20), (ids[1], 15), (ids[3], 15)] {
        stores.marks.pin(pin((chat, anna), id, true, second)).await.unwrap();
    }
    assert_eq!(pinned(stores, chat).await, [ids[0], ids[3], ids[1], ids[2]]);
}

pub async fn a_tombstone_is_not_pinned(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "Hello").await.id;
    stores.marks.pin(pin((chat, anna), id, true, 1)).await.unwrap();
    let tombstone = delete(stores, id, at(2)).await.unwrap().unwrap();
    assert_eq!(tombstone.pinned_at, None);
    assert_eq!(pinned(stores, chat).await, []);
    let again = stores.marks.pin(pin((chat, anna), id, true, 3)).await;
    assert_eq!(refused(again), MarkRefusal::Deleted);
}

pub async fn no_more_is_pinned_than_a_chat_may_have(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let mut last = None;
    for n in 0..=PINS_PER_CHAT {
        let id = say(stores, chat, anna, &n.to_string()).await.id;
        if n < PINS_PER_CHAT {
            assert!(stores.marks.pin(pin((chat, anna), id, true, 1)).await.unwrap().is_some());
        }
        last = Some(id);
    }
    let id = last.unwrap();
    let more = stores.marks.pin(pin((chat, anna), id, true, 1)).await;
    assert_eq!(refused(more), MarkRefusal::TooManyPins);
    let first = pinned(stores, chat).await[0];
    delete(stores, first, at(2)).await.unwrap();
    assert!(
        stores.marks.pin(pin((chat, anna), id, true, 1)).await.unwrap().is_some(),
        "there is room again"
    );
}

/// Somebody may have been removed or lost their role since the use case checked.
pub async fn who_may_not_pin_changes_nothing(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[ben, anna]).await.id;
    let sent = say(stores, chat, ben, "Hello").await;
    let pin = |chat, on| stores.marks.pin(pin((chat, ben), sent.id, on, 1));
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await.unwrap();
    assert_eq!(refused(pin(chat, true).await), MarkRefusal::NotAllowed);
    assert_eq!(refused(pin(other, true).await), MarkRefusal::NotFound, "it is in another chat");
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    for on in [true, false] {
        assert_eq!(refused(pin(chat, on).await), MarkRefusal::NotFound);
    }
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent);
}

pub async fn nobody_pins_in_a_closed_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap().0.id;
    let [first, second] = [say(stores, chat, anna, "1").await, say(stores, chat, anna, "2").await];
    stores.marks.pin(pin((chat, anna), first.id, true, 1)).await.unwrap();
    stores.blocks.block(ben, anna, 10, at(150)).await.unwrap();
    let late = stores.marks.pin(pin((chat, anna), second.id, true, 2)).await;
    assert_eq!(refused(late), MarkRefusal::PeerUnavailable);
    let down = stores.marks.pin(pin((chat, anna), first.id, false, 3)).await.unwrap();
    assert_eq!(down.map(|message| message.id), Some(first.id), "one may take it down");
}
