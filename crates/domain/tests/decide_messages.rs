//! What is decided about each change of a message, as tables: who wants it, and what comes of it.

use domain::block::PairFacts;
use domain::chat::{ChatKind, ChatRole, Standing};
use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, ProjectId, Seq, UserId, Version};
use domain::limits::PINS_PER_CHAT;
use domain::message::{
    ChangeRefusal, DeleteMessage, Edit, Emoji, Extras, MarkRefusal, Message, MessageFacts,
    MessageText, NotAnEmoji, Pin, React,
};
use domain::text::TextError;
use std::fmt::Debug;

const ME: UserId = UserId::stored(1);
const OTHER: UserId = UserId::stored(2);
const CHAT: ChatId = ChatId::stored(7);
const ELSEWHERE: ChatId = ChatId::stored(8);
const NOW: Timestamp = Timestamp::from_micros(1_000_000);

/// Where the one of that name stands; nobody if it is none.
fn actor(name: &str) -> Option<Standing> {
    let (kind, role) = name.split_once(' ').unwrap_or((name, "member"));
    let kind = match kind {
        "direct" => ChatKind::Direct,
        "whisper" => ChatKind::Whisper(ELSEWHERE),
        "project" => ChatKind::Project(ProjectId::stored(1)),
        "group" => ChatKind::Group,
        "room" => ChatKind::Room,
        _ => return None,
    };
    let (role, zero, version) = (ChatRole::parse(role)?, Seq::ZERO, Version::stored(1));
    let (chat, user, closed) = (CHAT, ME, false);
    let member_count = 2;
    Some(Standing {
        chat,
        kind,
        user,
        role,
        read_seq: zero,
        closed,
        member_count,
        last_seq: zero,
        version,
    })
}

/// The word for what was decided.
fn word<T, R: Debug>(decision: Result<T, R>, done: impl FnOnce(T) -> String) -> String {
    decision.map_or_else(|why| format!("{why:?}"), done)
}

fn message(author: UserId) -> Message {
    Message {
        id: MessageId::stored(1),
        chat: CHAT,
        seq: Seq::stored(1),
        version: Version::stored(2),
        author,
        client_id: None,
        reply_to: None,
        text: "Hello".into(),
        created_at: NOW,
        edited_at: None,
        deleted_at: None,
        pinned_at: None,
        extras: Extras::default(),
    }
}

/// What comes of editing, deleting, reacting, pinning and taking down, in that order.
fn all(actor: Option<Standing>, message: Option<&Message>, chat: ChatId) -> [String; 5] {
    let (facts, id, at) = (MessageFacts { actor, message }, MessageId::stored(1), NOW);
    let text = MessageText::new("edited");
    let edit = Edit { chat, message: id, actor: ME, text, at };
    let delete = DeleteMessage { chat, message: id, actor: ME, at };
    let emoji = Emoji::new("👍");
    let react = React { chat: Some(chat), message: id, user: ME, emoji, on: true };
    let pin = |on| Pin { chat, message: id, actor: ME, on, at };
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
    let edit = |text| Edit { chat: CHAT, message: own.id, actor: ME, text, at: NOW };
    let long = TextError::TooLong(8_192);
    assert_eq!(edit(Err(long)).decide(facts(&theirs), false), Err(ChangeRefusal::NotAllowed));
    assert_eq!(edit(Err(long)).decide(facts(&own), true), Err(ChangeRefusal::Text(long)));
    let empty = edit(MessageText::beside_attachments(" "));
    let refusal = Err(ChangeRefusal::Text(TextError::Empty));
    assert_eq!(empty.decide(facts(&own), false), refusal);
    assert_eq!(empty.decide(facts(&own), true).unwrap().as_str(), "", "beside attachments");
    let emoji = Err(NotAnEmoji);
    let react = React { chat: None, message: own.id, user: ME, emoji, on: true };
    assert_eq!(react.decide(facts(&own)), Err(MarkRefusal::Emoji(NotAnEmoji)));
    assert_eq!(react.decide(MessageFacts::default()), Err(MarkRefusal::NotFound));
    let pin = Pin { chat: CHAT, message: own.id, actor: ME, on: true, at: NOW };
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
