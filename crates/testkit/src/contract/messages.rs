//! Promises of [`domain::message::MessageStore`] about single messages.

use super::Stores;
use super::scene::{
    NOBODY, assert_conflict, assert_not_found, assert_refused, at, draft, group, joining, named,
    people, reply, say, text, title,
};
use crate::replica::Replica;
use domain::ids::{ChatId, MessageId, Seq, Version};
use domain::message::{ClientId, Draft, Extras, Message, MessageText, SendRefusal};
use domain::text::TextError;
use domain::user::UserName;

pub async fn a_message_is_there_as_it_was_sent(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "Hello").await;
    let client_id = Some(ClientId::new("0f8fad5b-d9cb-469f-a165-70867728950e").unwrap());
    let sent = Draft { client_id: client_id.clone(), ..reply(chat, ben, first.id) };
    let appended = stores.messages.append(sent).await.unwrap();
    let expected = Message {
        id: appended.message.id,
        chat,
        seq: Seq::stored(2),
        version: Version::stored(3),
        author: ben,
        client_id,
        reply_to: Some(first.id),
        text: "an answer".into(),
        created_at: at(100),
        edited_at: None,
        deleted_at: None,
        pinned_at: None,
        extras: Extras::default(),
    };
    assert_eq!((&appended.message, appended.replayed), (&expected, false));
    assert_eq!(stores.messages.get(expected.id).await.unwrap(), expected);
    let view = stores.chats.view(chat, anna).await.unwrap();
    assert_eq!((view.active_at, view.last_seq), (at(100), Seq::stored(2)));
    assert_eq!((view.version, view.last_message), (Version::stored(3), Some(expected)));
    assert_not_found(stores.messages.get(MessageId::stored(NOBODY)).await);
}

pub async fn texts_come_back_as_they_were(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    for said in [
        "🦊".repeat(8_192),
        "e\u{301} is not é".into(),
        "a\nb\r\n\tc\u{7f}\u{1}".into(),
        "%_\\'\"`;--${}\u{202e}".into(),
        "\u{10ffff}\u{fffd}".into(),
        "مرحبا שלום 👩‍👩‍👧‍👦".into(),
    ] {
        let message = say(stores, chat, anna, &said).await;
        assert_eq!(message.text, said);
        assert_eq!(stores.messages.get(message.id).await.unwrap(), message);
        let edited = say(stores, chat, anna, "to be edited").await.id;
        let edited = stores.messages.edit(edited, text(&said), at(101)).await.unwrap();
        assert_eq!(edited.text, said);
        assert_eq!(stores.messages.get(edited.id).await.unwrap(), edited);
    }
}

/// No adapter meets a NUL, which not every database can store: the types refuse it.
pub async fn nul_stops_before_the_store(_: &Stores) {
    assert_eq!(MessageText::new("a\0b").unwrap_err(), TextError::Nul);
    assert_eq!(domain::chat::Title::new("a\0b").unwrap_err(), TextError::Nul);
    assert_eq!(UserName::new("a\0b").unwrap_err(), TextError::Nul);
    assert!(ClientId::new("a\0b").is_err());
    assert_eq!(domain::session::Device::new("a\0b").as_str(), "ab");
    assert_eq!(MessageText::new(&"🦊".repeat(8_193)).unwrap_err(), TextError::TooLong(8_192));
    assert_eq!(title(&"🦊".repeat(200)).as_str().chars().count(), 200);
}

pub async fn a_client_id_stores_one_message(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = stores.messages.append(named(chat, anna, "id")).await.unwrap();
    assert!(!first.replayed);
    let other = Draft { text: text("other words"), sent_at: at(900), ..named(chat, anna, "id") };
    let replay = stores.messages.append(other).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (first.message.clone(), true));
    let his = stores.messages.append(named(chat, ben, "id")).await.unwrap();
    assert!(!his.replayed, "another author's is another");
    let upper = stores.messages.append(named(chat, anna, "ID")).await.unwrap();
    assert!(!upper.replayed, "case counts");
    let copy = Replica::download(stores, chat, anna).await;
    assert_eq!((copy.messages.len(), copy.version), (3, Version::stored(4)));
    let active_at = stores.chats.view(chat, anna).await.unwrap().active_at;
    assert_eq!(active_at, at(100), "a replay is no activity");
}

pub async fn a_replay_answers_the_message_as_it_is_now(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id = stores.messages.append(named(chat, anna, "id")).await.unwrap().message.id;
    let edited = stores.messages.edit(id, text("edited"), at(101)).await.unwrap();
    let replay = stores.messages.append(named(chat, anna, "id")).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (edited, true));
    let tombstone = stores.messages.delete(id, at(102)).await.unwrap();
    let replay = stores.messages.append(named(chat, anna, "id")).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (tombstone, true), "for ever");
}

pub async fn a_client_id_of_another_chat_is_refused(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    stores.messages.append(named(chat, anna, "id")).await.unwrap();
    let refused = stores.messages.append(named(other, anna, "id")).await;
    assert_refused(refused, SendRefusal::ClientIdReused);
    let left = stores.messages.append(named(other, ben, "id")).await.unwrap();
    assert_eq!((left.replayed, left.message.seq.get()), (false, 1));
}

pub async fn only_members_send(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    stores.messages.append(named(chat, ben, "id")).await.unwrap();
    let refused = SendRefusal::ChatNotFound;
    assert_refused(stores.messages.append(draft(chat, cleo, "?")).await, refused);
    let nowhere = ChatId::stored(NOBODY);
    assert_refused(stores.messages.append(draft(nowhere, anna, "?")).await, refused);
    stores.members.remove(chat, ben, at(5)).await.unwrap();
    assert_refused(stores.messages.append(draft(chat, ben, "?")).await, refused);
    assert_refused(stores.messages.append(named(chat, ben, "id")).await, refused);
    stores.members.add(joining(chat, ben, 10, at(6))).await.unwrap();
    assert!(stores.messages.append(named(chat, ben, "id")).await.unwrap().replayed);
}

pub async fn only_messages_of_the_chat_are_answered(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    let elsewhere = say(stores, other, anna, "elsewhere").await.id;
    let deleted = say(stores, chat, anna, "soon gone").await.id;
    stores.messages.delete(deleted, at(101)).await.unwrap();
    for to in [elsewhere, deleted, MessageId::stored(NOBODY)] {
        let refused = stores.messages.append(reply(chat, ben, to)).await;
        assert_refused(refused, SendRefusal::ReplyNotFound);
    }
    let question = say(stores, chat, ben, "?").await.id;
    let answer = stores.messages.append(reply(chat, ben, question)).await.unwrap().message;
    stores.messages.delete(question, at(102)).await.unwrap();
    let answer_now = stores.messages.get(answer.id).await.unwrap();
    assert_eq!(answer_now, answer, "an answer outlives its question");
}

pub async fn a_refusal_uses_up_no_number(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    stores.messages.append(named(other, anna, "used")).await.unwrap();
    let first = say(stores, chat, anna, "one").await;
    assert_refused(stores.messages.append(draft(chat, cleo, "?")).await, SendRefusal::ChatNotFound);
    assert_refused(
        stores.messages.append(named(chat, anna, "used")).await,
        SendRefusal::ClientIdReused,
    );
    assert_refused(
        stores.messages.append(reply(chat, anna, MessageId::stored(NOBODY))).await,
        SendRefusal::ReplyNotFound,
    );
    let second = say(stores, chat, anna, "two").await;
    assert_eq!((second.seq, second.version), (first.seq.next(), first.version.next()));
}

pub async fn an_edit_is_one_change(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "one").await;
    let other = say(stores, chat, anna, "two").await;
    let edited = stores.messages.edit(sent.id, text("edited"), at(101)).await.unwrap();
    let expected = Message {
        text: "edited".into(),
        edited_at: Some(at(101)),
        version: Version::stored(4),
        ..sent
    };
    assert_eq!(edited, expected);
    assert_eq!(stores.messages.get(edited.id).await.unwrap(), expected);
    assert_eq!(stores.messages.get(other.id).await.unwrap(), other);
    let again = stores.messages.edit(edited.id, text("edited"), at(102)).await.unwrap();
    let expected = Message { edited_at: Some(at(102)), version: Version::stored(5), ..expected };
    assert_eq!(again, expected, "the same text again is a change");
    let never = MessageId::stored(NOBODY);
    assert_not_found(stores.messages.edit(never, text("?"), at(103)).await);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(5));
}

pub async fn a_deletion_leaves_a_tombstone(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let question = say(stores, chat, ben, "?").await.id;
    let sent = stores.messages.append(reply(chat, anna, question)).await.unwrap().message;
    let after = say(stores, chat, anna, "after").await;
    let tombstone = stores.messages.delete(sent.id, at(101)).await.unwrap();
    let expected = Message {
        text: String::new(),
        deleted_at: Some(at(101)),
        version: Version::stored(5),
        ..sent
    };
    assert_eq!(tombstone, expected);
    assert_conflict(stores.messages.delete(sent.id, at(102)).await);
    assert_conflict(stores.messages.edit(sent.id, text("?"), at(102)).await);
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), expected);
    assert_not_found(stores.messages.delete(MessageId::stored(NOBODY), at(103)).await);
    let next = say(stores, chat, anna, "next").await;
    assert_eq!((next.seq, next.version), (after.seq.next(), Version::stored(6)));
}
