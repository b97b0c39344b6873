//! The decisions about each change of a message, as tables: who asks, and the result.

use crate::decide::{CHAT, ELSEWHERE, ME, NOW, OTHER, actor, message, word};
use domain::block::PairFacts;
use domain::chat::Standing;
use domain::ids::{ChatId, MessageId};
use domain::limits::PINS_PER_CHAT;
use domain::message::{
    ChangeRefusal, DeleteMessage, Edit, Emoji, MarkRefusal, Message, MessageFacts, MessageText,
    NotAnEmoji, Pin, React,
};
use domain::text::TextError;

fn edit((chat, message): (ChatId, MessageId), text: Result<MessageText, TextError>) -> Edit {
    Edit { text: Some(text), ..Edit::new(chat, message, ME.into(), NOW) }
}

/// The results of editing, deleting, reacting, pinning and taking down, in that order.
fn all(actor: Option<Standing>, message: Option<&Message>, chat: ChatId) -> [String; 5] {
    let (facts, id, at) = (MessageFacts { actor, message }, MessageId::stored(1), NOW);
    let edit = edit((chat, id), MessageText::new("edited"));
    let delete = DeleteMessage { chat, message: id, actor: ME.into(), at };
    let emoji = Emoji::new("👍");
    let react = React { chat: Some(chat), message: id, user: ME, emoji, on: true, at };
    let pin = |on| Pin { chat, message: id, actor: ME.into(), on, at };
    let changed = |changed: bool| if changed { "yes" } else { "as it is" }.to_owned();
    [
        word(edit.decide(facts, false), |_| changed(true)),
        word(delete.decide(facts), changed),
        word(react.decide(facts), |change| changed(change.is_some())),
        word(pin(true).decide(facts, 0), changed),
        word(pin(false).decide(facts, 0), changed),
    ]
}

#[test]
fn changing_messages() {
    const NO: &str = "NotAllowed";
    const OFF: &str = "PeerUnavailable";
    let (own, theirs) = (message(ME), message(OTHER));
    let still = "as it is";
    for (name, of_own, of_others) in [
        ("direct", ["yes", "yes", "yes", "yes", still], [NO, NO, "yes", "yes", still]),
        ("whisper", ["yes", "yes", "yes", "yes", still], [NO, NO, "yes", "yes", still]),
        ("group member", ["yes", "yes", "yes", NO, NO], [NO, NO, "yes", NO, NO]),
        ("group admin", ["yes", "yes", "yes", "yes", still], [NO, "yes", "yes", "yes", still]),
        ("room owner", ["yes", "yes", "yes", "yes", still], [NO, "yes", "yes", "yes", still]),
        ("project member", ["yes", "yes", "yes", NO, NO], [NO, NO, "yes", NO, NO]),
    ] {
        assert_eq!(all(actor(name), Some(&own), CHAT), of_own, "{name}");
        assert_eq!(all(actor(name), Some(&theirs), CHAT), of_others, "{name}");
        assert_eq!(all(actor(name), Some(&own), ELSEWHERE), ["NotFound"; 5]);
        assert_eq!(all(actor(name), None, CHAT), ["NotFound"; 5]);
    }
    assert_eq!(all(None, Some(&own), CHAT), ["NotFound"; 5], "who is out sees nothing");
    let closed = actor("direct").map(|actor| Standing { closed: true, ..actor });
    assert_eq!(all(closed, Some(&own), CHAT), [OFF, "yes", OFF, OFF, still]);
    let dead = Message { deleted_at: Some(NOW), ..own };
    let deleted = ["Deleted", still, "Deleted", "Deleted", "Deleted"];
    assert_eq!(all(actor("group admin"), Some(&dead), CHAT), deleted);
}

#[test]
fn what_is_wrong_with_a_text_or_an_emoji_comes_last() {
    let (own, theirs) = (message(ME), message(OTHER));
    let facts = |message| MessageFacts { actor: actor("group member"), message: Some(message) };
    let edit = |text| edit((CHAT, own.id), text);
    let long = TextError::TooLong(8_192);
    assert_eq!(edit(Err(long)).decide(facts(&theirs), false), Err(ChangeRefusal::NotAllowed));
    assert_eq!(edit(Err(long)).decide(facts(&own), true), Err(ChangeRefusal::Text(long)));
    let empty = edit(MessageText::beside_attachments(" "));
    let refusal = Err(ChangeRefusal::Text(TextError::Empty));
    assert_eq!(empty.decide(facts(&own), false), refusal);
    let text = empty.decide(facts(&own), true).unwrap().text.unwrap();
    assert_eq!(text.as_str(), "", "beside attachments");
    let emoji = Err(NotAnEmoji);
    let react = React { chat: None, message: own.id, user: ME, emoji, on: true, at: NOW };
    assert_eq!(react.decide(facts(&own)), Err(MarkRefusal::Emoji(NotAnEmoji)));
    assert_eq!(react.decide(MessageFacts::default()), Err(MarkRefusal::NotFound));
    let pin = Pin { chat: CHAT, message: own.id, actor: ME.into(), on: true, at: NOW };
    let admin = MessageFacts { actor: actor("group admin"), message: Some(&own) };
    assert_eq!(pin.decide(admin, PINS_PER_CHAT), Err(MarkRefusal::TooManyPins));
    assert_eq!(pin.decide(admin, PINS_PER_CHAT - 1), Ok(true));
}

#[test]
fn a_chat_of_two_is_open_while_both_are_there() {
    for both_in in [true, false] {
        for both_active in [true, false] {
            for blocked in [true, false] {
                let closed = PairFacts { both_in, both_active, blocked }.is_closed();
                assert_eq!(!closed, both_in && both_active && !blocked);
            }
        }
    }
}
