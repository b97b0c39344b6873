//! Sending, editing, deleting and reading messages, and who is told of it.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::clock::Timestamp;
use domain::event::{Audience, Event, EventBody};
use domain::failure::Kind;
use domain::ids::UserId;
use domain::ids::{ChatId, MessageId};
use domain::limits::{COMMIT_COST, MESSAGE_CHARS};
use domain::message::{Draft, MessageText, Page, Send};
use domain::session::Caller;
use futures_executor::block_on;
use testkit::world::{World, refusal, refused_fields};

const CHAT_NOT_FOUND: (Kind, &str) = (Kind::NotFound, "chat_not_found");
const MESSAGE_NOT_FOUND: (Kind, &str) = (Kind::NotFound, "message_not_found");
const NOT_ALLOWED: (Kind, &str) = (Kind::Forbidden, "not_allowed");

/// A group of three that Anna owns; Dora is a stranger to it.
async fn group() -> (World, [Caller; 4], ChatId) {
    let world = World::default();
    let mut people = Vec::new();
    for name in ["Anna", "Ben", "Cleo", "Dora"] {
        people.push(world.person(name).await);
    }
    let people: [Caller; 4] = people.try_into().unwrap();
    let chat = world.group(&people[0], &[&people[1], &people[2]]).await;
    world.bus.take();
    (world, people, chat)
}

fn send(chat: ChatId, text: &str) -> Send<'_> {
    Send::new(chat, text)
}

fn to_members(chat: ChatId, body: EventBody) -> Vec<Event> {
    vec![Event { audience: Audience::Members(chat), body }]
}

#[test]
fn a_message_is_told_to_the_members() {
    block_on(async {
        let (world, [anna, ben, ..], chat) = group().await;
        let sent = world.messages.send(&ben, send(chat, "  Hello 🦊\n")).await.unwrap();
        let message = sent.message;
        assert_eq!((message.text.as_str(), message.author), ("Hello 🦊", ben.user));
        let created = EventBody::MessageCreated(message.clone());
        assert_eq!(world.bus.take(), to_members(chat, created));
        let page = world.messages.page(&anna, chat, Page::Latest, 10).await.unwrap();
        assert_eq!(page.page.messages, std::slice::from_ref(&message));
        assert_eq!(world.messages.get(&anna, chat, message.id).await.unwrap(), message);
    });
}

#[test]
fn sending_twice_tells_once() {
    block_on(async {
        let (world, [anna, ..], chat) = group().await;
        let other = world.group(&anna, &[]).await;
        let once = |chat, text| Send { client_id: Some("an-id"), ..send(chat, text) };
        let first = world.messages.send(&anna, once(chat, "Hello")).await.unwrap();
        world.bus.take();
        let again = world.messages.send(&anna, once(chat, "Hello again")).await.unwrap();
        assert_eq!((again.message, again.replayed), (first.message, true));
        let elsewhere = world.messages.send(&anna, once(other, "Hello")).await;
        assert_eq!(refusal(elsewhere), (Kind::Conflict, "client_id_reused"));
        assert_eq!(world.bus.take(), []);
    });
}

#[test]
fn what_breaks_a_rule_is_refused_by_field() {
    block_on(async {
        let (world, [anna, ..], chat) = group().await;
        let message = world.say(&anna, chat, "Hello").await.id;
        for (text, code) in [
            ("", "empty"),
            (" \n\t ", "empty"),
            ("a\0b", "nul_character"),
            ("a\u{1}b", "control_character"),
            (&*"🦊".repeat(MESSAGE_CHARS + 1), "too_long"),
        ] {
            let answer = world.messages.send(&anna, send(chat, text)).await;
            assert_eq!(refused_fields(answer), [("text", code)]);
            let answer = world.messages.edit(&anna, chat, message, text).await;
            assert_eq!(refused_fields(answer), [("text", code)]);
        }
        for client_id in ["", "a b", "é", &"x".repeat(65)] {
            let send = Send { client_id: Some(client_id), ..send(chat, "Hello") };
            let answer = world.messages.send(&anna, send).await;
            assert_eq!(refused_fields(answer), [("client_id", "client_id_invalid")]);
        }
        world.messages.send(&anna, send(chat, &"🦊".repeat(MESSAGE_CHARS))).await.unwrap();
    });
}

#[test]
fn replies_answer_a_message_of_the_chat() {
    block_on(async {
        let (world, [anna, ben, ..], chat) = group().await;
        let other = world.group(&anna, &[&ben]).await;
        let question = world.say(&anna, chat, "?").await.id;
        let elsewhere = world.say(&anna, other, "?").await.id;
        let reply = |to| Send { reply_to: Some(to), ..send(chat, "!") };
        let answer = world.messages.send(&ben, reply(question)).await.unwrap().message;
        assert_eq!(answer.reply_to, Some(question));
        world.messages.delete(&anna, chat, question).await.unwrap();
        for to in [question, elsewhere, MessageId::stored(999_999)] {
            let refused = world.messages.send(&ben, reply(to)).await;
            assert_eq!(refused_fields(refused), [("reply_to", "reply_not_found")]);
        }
    });
}

#[test]
fn only_its_author_edits_a_message() {
    block_on(async {
        let (world, [anna, ben, cleo, _], chat) = group().await;
        let message = world.say(&ben, chat, "Hello").await.id;
        world.bus.take();
        for other in [&anna, &cleo] {
            let refused = world.messages.edit(other, chat, message, "Mine").await;
            assert_eq!(refusal(refused), NOT_ALLOWED, "the owner neither");
        }
        let edited = world.messages.edit(&ben, chat, message, " Hi ").await.unwrap();
        assert_eq!(edited.text, "Hi");
        assert_eq!(world.bus.take(), to_members(chat, EventBody::MessageEdited(edited)));
    });
}

#[test]
fn authors_and_admins_delete_and_again_changes_nothing() {
    block_on(async {
        let (world, [anna, ben, cleo, _], chat) = group().await;
        let message = world.say(&ben, chat, "Hello").await.id;
        let second = world.say(&ben, chat, "Hello").await.id;
        world.bus.take();
        assert_eq!(refusal(world.messages.delete(&cleo, chat, message).await), NOT_ALLOWED);
        let tombstone = world.messages.delete(&ben, chat, message).await.unwrap();
        assert!(tombstone.text.is_empty() && tombstone.deleted_at.is_some());
        let deleted = EventBody::MessageDeleted(tombstone.clone());
        assert_eq!(world.bus.take(), to_members(chat, deleted));
        let again = world.messages.delete(&anna, chat, message).await.unwrap();
        assert_eq!((again, world.bus.take()), (tombstone, vec![]));
        let edited = world.messages.edit(&ben, chat, message, "Back").await;
        assert_eq!(refusal(edited), (Kind::Conflict, "message_deleted"));
        world.messages.delete(&anna, chat, second).await.unwrap();
    });
}

#[test]
fn nobody_deletes_for_the_other_in_a_direct_chat() {
    block_on(async {
        let (world, [anna, ben, ..], _) = group().await;
        let chat = world.chats.open_direct(&anna, ben.user).await.unwrap().0.chat.id;
        let message = world.say(&anna, chat, "Hello").await.id;
        assert_eq!(refusal(world.messages.delete(&ben, chat, message).await), NOT_ALLOWED);
        world.messages.delete(&anna, chat, message).await.unwrap();
    });
}

#[test]
fn strangers_and_former_members_find_nothing() {
    block_on(async {
        let (world, [anna, ben, cleo, dora], chat) = group().await;
        let message = world.say(&cleo, chat, "Hello").await.id;
        world.chats.remove_member(&anna, chat, cleo.user).await.unwrap();
        world.bus.take();
        let missing = ChatId::stored(999_999);
        let messages = &world.messages;
        for (caller, chat) in [(&dora, chat), (&cleo, chat), (&anna, missing)] {
            assert_eq!(refusal(messages.send(caller, send(chat, "?")).await), CHAT_NOT_FOUND);
            let page = messages.page(caller, chat, Page::Latest, 10).await;
            assert_eq!(refusal(page), CHAT_NOT_FOUND);
            for message in [message, MessageId::stored(999_999)] {
                assert_eq!(refusal(messages.get(caller, chat, message).await), MESSAGE_NOT_FOUND);
                let edited = messages.edit(caller, chat, message, "?").await;
                assert_eq!(refusal(edited), MESSAGE_NOT_FOUND);
                let deleted = messages.delete(caller, chat, message).await;
                assert_eq!(refusal(deleted), MESSAGE_NOT_FOUND);
            }
        }
        let other = world.group(&ben, &[&anna]).await;
        world.bus.take();
        let crossed = messages.get(&ben, other, message).await;
        assert_eq!(refusal(crossed), MESSAGE_NOT_FOUND, "by way of another chat");
        let crossed = messages.delete(&ben, other, message).await;
        assert_eq!(refusal(crossed), MESSAGE_NOT_FOUND);
        assert_eq!(world.bus.take(), []);
    });
}

#[test]
fn a_draft_costs_what_it_is_to_store() {
    let draft = |text: &str| {
        let text = MessageText::new(text).unwrap();
        Draft::new(ChatId::stored(1), UserId::stored(1), text, Timestamp::from_micros(0))
    };
    assert_eq!(draft("See you at four, as always?").cost(), 1, "an ordinary one is a row");
    let words = |count: usize| (0..count).map(|n| format!("{n} ")).collect::<String>();
    assert_eq!(draft(&words(64)).cost(), 3, "words are so much of one");
    assert_eq!(draft(&"word ".repeat(64)).cost(), 1, "each word is in the index once");
    // What a name may be ends at each word.
    assert_eq!(draft("@Anna of Exeter").cost(), 4);
    let dear = draft(&words(1_600)).cost();
    assert_eq!(dear, 51);
    assert!(COMMIT_COST / dear < 32, "few of the dear ones are committed together");
}
