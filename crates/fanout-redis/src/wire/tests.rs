use super::*;
use domain::chat::{
    Chat, ChatKind, ChatRole, Description, Horizon, Leaving, Member, Permissions, Preferences,
    Silence, Title,
};
use domain::clock::Timestamp;
use domain::data::{Data, DataPatch};
use domain::event::{Audience, EventBody};
use domain::host::ExternalId;
use domain::ids::{AttachmentId, MessageId, ProjectId, Seq, UserId};
use domain::media::{Attachment, FileName, Picture};
use domain::message::{ClientId, Emoji, Extras, Mention, Message, MessageKind, Reaction};
use domain::user::{AccountRole, UserSummary};
use std::time::Duration;
use testkit::message::first_message;

const CHAT: ChatId = ChatId::stored(7);
const ANNA: UserId = UserId::stored(3);
const BEN: UserId = UserId::stored(9_007_199_254_740_991);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000)
}

fn plain() -> Message {
    Message {
        id: MessageId::stored(12),
        seq: Seq::stored(4),
        version: Version::stored(9),
        text: String::new(),
        ..first_message(CHAT, ANNA, at(0))
    }
}

fn dressed() -> Message {
    let picture = Picture { width: 3, height: 4, preview: "data:image/png;base64,x".to_owned() };
    let attachment = |id, name: &str, picture| Attachment {
        id: AttachmentId::stored(id),
        name: FileName::new(name),
        mime: "image/png".to_owned(),
        size: u64::MAX,
        picture,
    };
    Message {
        author_role: Some(AccountRole::Admin),
        client_id: ClientId::new("a-1").ok(),
        reply_to: Some(MessageId::stored(11)),
        kind: MessageKind::System { counts: true },
        text: "\"Hi\"\n\\ \u{1f980} \u{0} Привет".to_owned(),
        data: DataPatch::parse(r#"{"order":{"id":"\u0000\"7"}}"#).unwrap().apply(None).unwrap(),
        edited_at: Some(at(1)),
        deleted_at: Some(at(2)),
        pinned_at: Some(at(3)),
        extras: Extras {
            reactions: vec![Reaction {
                emoji: Emoji::new("\u{1f44d}").unwrap(),
                users: vec![BEN, ANNA],
            }],
            mentions: vec![ANNA, BEN],
            mention_ranges: vec![
                Mention { user: BEN, offset: 0, length: 4 },
                Mention { user: ANNA, offset: 7, length: 5 },
            ],
            attachments: vec![attachment(5, "a.png", Some(picture)), attachment(6, "b", None)],
        },
        ..plain()
    }
}

fn chat(kind: ChatKind, title: Option<&str>) -> Chat {
    Chat {
        id: CHAT,
        kind,
        title: title.map(|title| Title::new(title).unwrap()),
        description: Description::new("what it is about").unwrap(),
        slow_mode: Duration::from_millis(1_500),
        open: kind == ChatKind::Group,
        permissions: Permissions {
            leaving: if kind == ChatKind::Room { Leaving::Admins } else { Leaving::Everyone },
            ..Permissions::default()
        },
        created_at: at(0),
        external_id: title.and_then(|_| ExternalId::new("order/7")),
        data: title.map(|_| Data::stored(r#"{"a":"\"\u0000"}"#.to_owned())),
        version: Version::stored(1),
    }
}

fn member(role: AccountRole, left_at: Option<Timestamp>) -> Member {
    Member {
        chat: CHAT,
        user: UserSummary {
            id: BEN,
            name: "Ben".to_owned(),
            role,
            external_id: ExternalId::new("17"),
        },
        role: ChatRole::Admin,
        joined_at: at(5),
        left_at,
        read_seq: Seq::ZERO,
        horizon: match left_at {
            Some(_) => Horizon::at(Seq::stored(3), MessageId::stored(70)),
            None => Horizon::NONE,
        },
        silence: None,
        version: Version::stored(2),
    }
}

/// Events of every kind.
fn bodies() -> Vec<EventBody> {
    let seller = AccountRole::parse("seller").unwrap();
    let kinds = [
        ChatKind::Direct,
        ChatKind::Group,
        ChatKind::Room,
        ChatKind::Project(ProjectId::stored(8)),
        ChatKind::Whisper(ChatId::stored(6)),
    ];
    let created = kinds.map(|kind| EventBody::ChatCreated {
        chat: chat(kind, None),
        members: vec![ANNA, BEN],
        by: (kind != ChatKind::Room).then_some(BEN),
    });
    let muted_until = Some(at(9));
    let preferences =
        Preferences { muted_until, mentions_only: true, pinned: true, archived: false };
    let others = [
        EventBody::MessageCreated(plain()),
        EventBody::MessageEdited(dressed()),
        EventBody::MessageUpdated(dressed()),
        EventBody::MessageDeleted(dressed()),
        EventBody::ChatUpdated(chat(ChatKind::Group, Some("Title"))),
        EventBody::ChatDeleted(CHAT),
        EventBody::MemberJoined(member(AccountRole::User, None)),
        EventBody::MemberUpdated(member(AccountRole::Admin, None)),
        EventBody::MemberLeft(member(seller, Some(at(7)))),
        EventBody::Read {
            chat: CHAT,
            user: ANNA,
            seq: Seq::stored(3),
            version: Version::stored(5),
        },
        EventBody::ReadAlone { chat: CHAT, user: ANNA, seq: Seq::stored(3) },
        EventBody::Starred { chat: CHAT, message: MessageId::stored(12), on: true },
        EventBody::ChatPreferences { chat: CHAT, preferences },
        EventBody::Silenced { chat: CHAT, silence: None },
        EventBody::Silenced {
            chat: CHAT,
            silence: Some(Silence { by: BEN, reason: None, at: at(3), until: Some(at(9)) }),
        },
        EventBody::Silenced {
            chat: CHAT,
            silence: Some(Silence {
                by: BEN,
                reason: Some("\"Spam\"".to_owned()),
                at: at(3),
                until: None,
            }),
        },
        EventBody::Arrived { chat: CHAT, user: ANNA },
        EventBody::Blocked { user: ANNA, on: true },
        EventBody::Typing { chat: CHAT, user: ANNA, until: Some(at(4)) },
        EventBody::Typing { chat: CHAT, user: ANNA, until: None },
        EventBody::Presence { user: ANNA, online: false, last_seen_at: at(8) },
    ];
    created.into_iter().chain(others).collect()
}

fn head(kind: Kind, version: Option<(ChatId, Version)>) -> Head {
    Head { node: u64::MAX, number: 42, kind, version }
}

#[test]
fn every_event_arrives_as_it_was_sent() {
    let audiences = [
        Audience::Members(CHAT),
        Audience::MembersExcept(CHAT, vec![ANNA]),
        Audience::MembersExcept(CHAT, vec![ANNA, BEN]),
        Audience::Users(vec![BEN]),
    ];
    for body in bodies() {
        for audience in audiences.clone() {
            let event = Event { audience, body: body.clone() };
            let head = head(Kind::Event, event.body.version());
            let frame = head.frame_of(&event);
            let (read, json) = Head::read(&frame).unwrap();
            assert_eq!(read, head);
            assert_eq!(read_event(json), Some(event));
        }
    }
}

#[test]
fn notices_have_a_head_only() {
    let version = Some((CHAT, Version::stored(9)));
    for head in [head(Kind::Reached, version), head(Kind::Lost, None)] {
        assert_eq!(Head::read(&head.frame()), Some((head, &b""[..])));
    }
}

#[test]
fn what_a_newer_node_says_is_known_by_its_version() {
    let newer = b"1 ff 3 dance 7 9 more words\n{\"what\": 1}";
    let (read, json) = Head::read(newer).unwrap();
    assert_eq!(read.kind, Kind::Other);
    assert_eq!(read.version, Some((CHAT, Version::stored(9))));
    assert_eq!(read_event(json), None);
    let unknown = br#"{"to":{"members":7},"what":{"chat_painted":{"chat":7}}}"#;
    assert_eq!(read_event(unknown), None);
    let older = br#"{"to":{"others":{"chat":7,"but":2}},"what":{"chat_deleted":7}}"#;
    let body = EventBody::ChatDeleted(CHAT);
    let to_others =
        Event { audience: Audience::MembersExcept(CHAT, vec![UserId::stored(2)]), body };
    assert_eq!(read_event(older), Some(to_others), "and what an older one says");
    let more = br#"{"to":{"members":7},"what":{"chat_deleted":7},"why":"because"}"#;
    let gone = Event { audience: Audience::Members(CHAT), body: EventBody::ChatDeleted(CHAT) };
    assert_eq!(read_event(more), Some(gone), "a field that is not known is passed over");
}

#[test]
fn what_is_no_frame_is_passed_over() {
    for frame in [&b""[..], b"1 ff 3 event 7 9", b"2 ff 3 event\n{}", b"1 zz 3 event\n", b"\xff\n"]
    {
        assert_eq!(Head::read(frame), None, "{frame:?}");
    }
    for json in [&b""[..], b"{}", br#"{"to":{"members":0},"what":{"chat_deleted":7}}"#] {
        assert_eq!(read_event(json), None, "{json:?}");
    }
}
