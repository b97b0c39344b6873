//! Promises of [`domain::message::MessageStore`] about single messages.

use super::Stores;
use super::fixtures::{
    NOBODY, assert_not_found, assert_refused, at, delete, draft, draft_with_client_id, edit,
    editing, group, joining, leaving, people, refused, reply, say, set_member, text, title,
};
use crate::message::{first_message, full_draft};
use crate::replica::Replica;
use domain::chat::{ChatRole, Pair};
use domain::data::Data;
use domain::ids::{ChatId, MessageId, Seq, Version};
use domain::message::{
    ChangeRefusal, ClientId, DeleteMessage, Draft, Message, MessageKind, MessageText, SendRefusal,
};
use domain::text::TextError;
use domain::user::{AccountRole, UserName};

pub async fn a_message_is_there_as_it_was_sent(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let first = say(stores, chat, anna, "Hello").await;
    let sent = Draft { reply_to: Some(first.id), ..full_draft(chat, ben, at(100)) };
    let appended = stores.messages.append(sent).await.unwrap();
    let expected = Message {
        id: appended.message.id,
        seq: Seq::stored(2),
        version: Version::stored(3),
        author_role: Some(AccountRole::User),
        client_id: Some(ClientId::new("0f8fad5b-d9cb-469f-a165-70867728950e").unwrap()),
        reply_to: Some(first.id),
        kind: MessageKind::App,
        text: "Order 7".into(),
        data: Some(Data::stored(r#"{"order":7}"#.to_owned())),
        ..first_message(chat, ben, at(100))
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
        "a\nb\n\n\tc".into(),
        "%_\\'\"`;--${}\u{202e}".into(),
        "\u{10ffff}\u{fffd}".into(),
        "مرحبا שלום 👩‍👩‍👧‍👦".into(),
    ] {
        let message = say(stores, chat, anna, &said).await;
        assert_eq!(message.text, said);
        assert_eq!(stores.messages.get(message.id).await.unwrap(), message);
        let edited = say(stores, chat, anna, "to be edited").await.id;
        let edited = edit(stores, edited, text(&said), at(101)).await.unwrap();
        assert_eq!(edited.text, said);
        assert_eq!(stores.messages.get(edited.id).await.unwrap(), edited);
    }
}

/// A NUL, which not every database can store, never reaches an adapter: the types refuse it.
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
    let first = stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap();
    assert!(!first.replayed);
    let other = Draft {
        text: text("other words"),
        sent_at: at(900),
        ..draft_with_client_id(chat, anna, "id")
    };
    let replay = stores.messages.append(other).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (first.message.clone(), true));
    let his = stores.messages.append(draft_with_client_id(chat, ben, "id")).await.unwrap();
    assert!(!his.replayed, "another author's is another");
    let upper = stores.messages.append(draft_with_client_id(chat, anna, "ID")).await.unwrap();
    assert!(!upper.replayed, "case counts");
    let copy = Replica::download(stores, chat, anna).await;
    assert_eq!((copy.messages.len(), copy.version), (3, Version::stored(4)));
    let active_at = stores.chats.view(chat, anna).await.unwrap().active_at;
    assert_eq!(active_at, at(100), "a replay is no activity");
}

pub async fn a_replay_answers_the_message_as_it_is_now(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let id =
        stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap().message.id;
    let edited = edit(stores, id, text("edited"), at(101)).await.unwrap();
    let replay = stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (edited, true));
    let tombstone = delete(stores, id, at(102)).await.unwrap().unwrap();
    let replay = stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap();
    assert_eq!((replay.message, replay.replayed), (tombstone, true), "for ever");
}

pub async fn a_client_id_of_another_chat_is_refused(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap();
    let refused = stores.messages.append(draft_with_client_id(other, anna, "id")).await;
    assert_refused(refused, SendRefusal::ClientIdReused);
    let left = stores.messages.append(draft_with_client_id(other, ben, "id")).await.unwrap();
    assert_eq!((left.replayed, left.message.seq.get()), (false, 1));
}

pub async fn only_members_send(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    stores.messages.append(draft_with_client_id(chat, ben, "id")).await.unwrap();
    let refused = SendRefusal::ChatNotFound;
    assert_refused(stores.messages.append(draft(chat, cleo, "?")).await, refused);
    let nowhere = ChatId::stored(NOBODY);
    assert_refused(stores.messages.append(draft(nowhere, anna, "?")).await, refused);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    assert_refused(stores.messages.append(draft(chat, ben, "?")).await, refused);
    assert_refused(stores.messages.append(draft_with_client_id(chat, ben, "id")).await, refused);
    stores.members.add(joining(chat, ben, 10, at(6))).await.unwrap();
    assert!(stores.messages.append(draft_with_client_id(chat, ben, "id")).await.unwrap().replayed);
}

pub async fn only_messages_of_the_chat_are_answered(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    let elsewhere = say(stores, other, anna, "elsewhere").await.id;
    let deleted = say(stores, chat, anna, "soon gone").await.id;
    delete(stores, deleted, at(101)).await.unwrap();
    for to in [elsewhere, deleted, MessageId::stored(NOBODY)] {
        let refused = stores.messages.append(reply(chat, ben, to)).await;
        assert_refused(refused, SendRefusal::ReplyNotFound);
    }
    let question = say(stores, chat, ben, "?").await.id;
    let answer = stores.messages.append(reply(chat, ben, question)).await.unwrap().message;
    delete(stores, question, at(102)).await.unwrap();
    let answer_now = stores.messages.get(answer.id).await.unwrap();
    assert_eq!(answer_now, answer, "an answer outlives its question");
}

pub async fn a_refusal_uses_up_no_number(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    stores.messages.append(draft_with_client_id(other, anna, "used")).await.unwrap();
    let first = say(stores, chat, anna, "one").await;
    assert_refused(stores.messages.append(draft(chat, cleo, "?")).await, SendRefusal::ChatNotFound);
    assert_refused(
        stores.messages.append(draft_with_client_id(chat, anna, "used")).await,
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
    let edited = edit(stores, sent.id, text("edited"), at(101)).await.unwrap();
    let expected = Message {
        text: "edited".into(),
        edited_at: Some(at(101)),
        version: Version::stored(4),
        ..sent
    };
    assert_eq!(edited, expected);
    assert_eq!(stores.messages.get(edited.id).await.unwrap(), expected);
    assert_eq!(stores.messages.get(other.id).await.unwrap(), other);
    let again = edit(stores, edited.id, text("edited"), at(102)).await.unwrap();
    let expected = Message { edited_at: Some(at(102)), version: Version::stored(5), ..expected };
    assert_eq!(again, expected, "the same text again is a change");
    let never = MessageId::stored(NOBODY);
    let wanted = editing((chat, never), anna, Ok(text("?")), at(103));
    assert_eq!(refused(stores.messages.edit(wanted).await), ChangeRefusal::NotFound);
    assert_eq!(stores.chats.view(chat, anna).await.unwrap().version, Version::stored(5));
}

pub async fn a_deletion_leaves_a_tombstone(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let question = say(stores, chat, ben, "?").await.id;
    let sent = stores.messages.append(reply(chat, anna, question)).await.unwrap().message;
    let after = say(stores, chat, anna, "after").await;
    let tombstone = delete(stores, sent.id, at(101)).await.unwrap().unwrap();
    let expected = Message {
        text: String::new(),
        deleted_at: Some(at(101)),
        version: Version::stored(5),
        ..sent
    };
    assert_eq!(tombstone, expected);
    assert_eq!(delete(stores, expected.id, at(102)).await.unwrap(), None, "it stays as it is");
    let late = edit(stores, expected.id, text("?"), at(102)).await;
    assert_eq!(refused(late), ChangeRefusal::Deleted);
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), expected);
    let never = MessageId::stored(NOBODY);
    let wanted = DeleteMessage { chat, message: never, actor: anna.into(), at: at(103) };
    assert_eq!(refused(stores.messages.delete(wanted).await), ChangeRefusal::NotFound);
    let next = say(stores, chat, anna, "next").await;
    assert_eq!((next.seq, next.version), (after.seq.next(), Version::stored(6)));
}

/// Somebody may have been removed or lost their role since the use case checked.
pub async fn who_is_out_changes_no_message(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let other = group(stores, &[ben, anna]).await.id;
    let (own, hers) = (say(stores, chat, ben, "mine").await, say(stores, chat, anna, "hers").await);
    let edit = |chat, message, actor| {
        stores.messages.edit(editing((chat, message), actor, Ok(text("edited")), at(200)))
    };
    let deleting = |chat, message, actor: domain::ids::UserId| {
        stores.messages.delete(DeleteMessage { chat, message, actor: actor.into(), at: at(200) })
    };
    assert_eq!(refused(edit(chat, hers.id, ben).await), ChangeRefusal::NotAllowed);
    assert_eq!(refused(deleting(chat, hers.id, ben).await), ChangeRefusal::NotAllowed);
    assert_eq!(refused(edit(other, own.id, ben).await), ChangeRefusal::NotFound);
    assert_eq!(refused(deleting(other, own.id, ben).await), ChangeRefusal::NotFound);
    stores.members.set(set_member(chat, anna, ben, ChatRole::Admin)).await.unwrap();
    stores.members.set(set_member(chat, anna, ben, ChatRole::Member)).await.unwrap();
    assert_eq!(refused(deleting(chat, hers.id, ben).await), ChangeRefusal::NotAllowed);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    for id in [own.id, hers.id] {
        assert_eq!(refused(edit(chat, id, ben).await), ChangeRefusal::NotFound);
        assert_eq!(refused(deleting(chat, id, ben).await), ChangeRefusal::NotFound);
    }
    for before in [own, hers] {
        assert_eq!(stores.messages.get(before.id).await.unwrap(), before);
    }
    let view = stores.chats.view(chat, cleo).await.unwrap();
    assert_eq!(view.version, Version::stored(6), "two messages, two roles and the leaving");
}

pub async fn what_an_edit_says_is_judged_last(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let message = say(stores, chat, anna, "one").await.id;
    let edit = |actor, text| stores.messages.edit(editing((chat, message), actor, text, at(200)));
    let why = TextError::TooLong(8_192);
    assert_eq!(refused(edit(ben, Err(why)).await), ChangeRefusal::NotAllowed);
    assert_eq!(refused(edit(anna, Err(why)).await), ChangeRefusal::Text(why));
    let empty = MessageText::beside_attachments("");
    assert_eq!(refused(edit(anna, empty).await), ChangeRefusal::Text(TextError::Empty));
    assert_eq!(stores.messages.get(message).await.unwrap().text, "one");
}

pub async fn nobody_edits_in_a_closed_chat(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = stores.chats.open_direct(Pair::new(anna, ben), at(1)).await.unwrap().0.id;
    let sent = say(stores, chat, anna, "one").await.id;
    stores.blocks.block(ben, anna, 10, at(150)).await.unwrap();
    let late = edit(stores, sent, text("two"), at(200)).await;
    assert_eq!(refused(late), ChangeRefusal::PeerUnavailable);
    assert!(delete(stores, sent, at(201)).await.unwrap().is_some(), "one may take back");
}
