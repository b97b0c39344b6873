//! Promises of [`domain::message::MessageStore::edits`].

use super::Stores;
use super::fixtures::{NOBODY, at, delete, deleting, edit, group, people, say, text};
use domain::ids::MessageId;
use domain::limits::EDITS_KEPT;
use domain::message::EarlierText;

fn earlier(text: &str, second: i64) -> EarlierText {
    EarlierText { text: text.into(), written_at: at(second) }
}

pub async fn what_was_said_before_is_kept_in_order(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "one").await.id;
    let other = say(stores, chat, anna, "untouched").await.id;
    assert_eq!(stores.messages.edits(id).await.unwrap(), []);
    edit(stores, id, text("two"), at(200)).await.unwrap();
    edit(stores, id, text("three"), at(300)).await.unwrap();
    let expected = [earlier("one", 100), earlier("two", 200)];
    assert_eq!(stores.messages.edits(id).await.unwrap(), expected);
    assert_eq!(stores.messages.edits(other).await.unwrap(), []);
    assert_eq!(stores.messages.edits(MessageId::stored(NOBODY)).await.unwrap(), []);
}

pub async fn of_many_edits_the_first_and_the_newest_are_kept(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "0").await.id;
    let edits = EDITS_KEPT + 3;
    for n in 1..=edits {
        edit(stores, id, text(&n.to_string()), at(200)).await.unwrap();
    }
    let kept = stores.messages.edits(id).await.unwrap();
    let mut expected = vec!["0".to_owned()];
    expected.extend((edits - EDITS_KEPT + 1..edits).map(|n| n.to_string()));
    assert_eq!(kept.into_iter().map(|kept| kept.text).collect::<Vec<_>>(), expected);
}

pub async fn a_deletion_takes_what_was_said_before(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "one").await.id;
    edit(stores, id, text("two"), at(200)).await.unwrap();
    delete(stores, id, at(300)).await.unwrap();
    assert_eq!(stores.messages.edits(id).await.unwrap(), []);
    let id = say(stores, chat, anna, "one").await.id;
    edit(stores, id, text("two"), at(200)).await.unwrap();
    stores.chats.delete(deleting(chat)).await.unwrap();
    assert_eq!(stores.messages.edits(id).await.unwrap(), []);
}
