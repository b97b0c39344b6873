//! Events.

use super::parts::{WireChat, WireMember, WireMessage, WireSilence, id};
use domain::chat::Preferences;
use domain::clock::Timestamp;
use domain::event::{Audience, Event, EventBody};
use domain::ids::UserId;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct WireEvent<'a> {
    to: To,
    #[serde(borrow)]
    what: Body<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Members(i64),
    /// The others but these. Older nodes know of one only.
    Others {
        chat: i64,
        but: i64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<i64>,
    },
    People(Vec<i64>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body<'a> {
    #[serde(borrow)]
    MessageCreated(WireMessage<'a>),
    MessageEdited(WireMessage<'a>),
    MessageUpdated(WireMessage<'a>),
    MessageDeleted(WireMessage<'a>),
    ChatCreated {
        chat: WireChat<'a>,
        members: Vec<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<i64>,
    },
    ChatUpdated(WireChat<'a>),
    ChatDeleted(i64),
    MemberJoined(WireMember<'a>),
    MemberUpdated(WireMember<'a>),
    MemberLeft(WireMember<'a>),
    Read {
        chat: i64,
        user: i64,
        seq: i64,
        version: i64,
    },
    ReadAlone {
        chat: i64,
        user: i64,
        seq: i64,
    },
    Starred {
        chat: i64,
        message: i64,
        on: bool,
    },
    ChatPreferences {
        chat: i64,
        muted_until: Option<i64>,
        /// Older nodes do not say it.
        #[serde(default)]
        mentions_only: bool,
        pinned: bool,
        archived: bool,
    },
    Silenced {
        chat: i64,
        silence: Option<WireSilence<'a>>,
    },
    Blocked {
        user: i64,
        on: bool,
    },
    Typing {
        chat: i64,
        user: i64,
        until: Option<i64>,
    },
    Arrived {
        chat: i64,
        user: i64,
    },
    Presence {
        user: i64,
        online: bool,
        last_seen_at: i64,
    },
}

impl<'a> From<&'a Event> for WireEvent<'a> {
    fn from(event: &'a Event) -> Self {
        let to = match &event.audience {
            Audience::Members(chat) => To::Members(chat.get()),
            Audience::MembersExcept(chat, but) => match numbers(but).as_slice() {
                [] => To::Members(chat.get()),
                [but, also @ ..] => To::Others { chat: chat.get(), but: *but, also: also.to_vec() },
            },
            Audience::Users(users) => To::People(numbers(users)),
        };
        Self { to, what: Body::from(&event.body) }
    }
}

impl WireEvent<'_> {
    /// The event, unless it holds what this version does not know.
    pub(super) fn into_event(self) -> Option<Event> {
        let audience = match self.to {
            To::Members(chat) => Audience::Members(id(chat)?),
            To::Others { chat, but, also } => {
                let but = [but].into_iter().chain(also).collect();
                Audience::MembersExcept(id(chat)?, ids(but)?)
            }
            To::People(people) => Audience::Users(ids(people)?),
        };
        Some(Event { audience, body: self.what.into_body()? })
    }
}

fn numbers(users: &[UserId]) -> Vec<i64> {
    users.iter().map(|user| user.get()).collect()
}

fn ids(numbers: Vec<i64>) -> Option<Vec<UserId>> {
    numbers.into_iter().map(id).collect()
}

impl<'a> From<&'a EventBody> for Body<'a> {
    fn from(body: &'a EventBody) -> Self {
        match body {
            EventBody::MessageCreated(message) => Self::MessageCreated(message.into()),
            EventBody::MessageEdited(message) => Self::MessageEdited(message.into()),
            EventBody::MessageUpdated(message) => Self::MessageUpdated(message.into()),
            EventBody::MessageDeleted(message) => Self::MessageDeleted(message.into()),
            EventBody::ChatCreated { chat, members, by } => Self::ChatCreated {
                chat: chat.into(),
                members: numbers(members),
                by: by.map(UserId::get),
            },
            EventBody::ChatUpdated(chat) => Self::ChatUpdated(chat.into()),
            EventBody::ChatDeleted(chat) => Self::ChatDeleted(chat.get()),
            EventBody::MemberJoined(member) => Self::MemberJoined(member.into()),
            EventBody::MemberUpdated(member) => Self::MemberUpdated(member.into()),
            EventBody::MemberLeft(member) => Self::MemberLeft(member.into()),
            EventBody::Read { chat, user, seq, version } => Self::Read {
                chat: chat.get(),
                user: user.get(),
                seq: seq.get(),
                version: version.get(),
            },
            EventBody::ReadAlone { chat, user, seq } => {
                Self::ReadAlone { chat: chat.get(), user: user.get(), seq: seq.get() }
            }
            EventBody::Starred { chat, message, on } => {
                Self::Starred { chat: chat.get(), message: message.get(), on: *on }
            }
            EventBody::ChatPreferences { chat, preferences } => Self::ChatPreferences {
                chat: chat.get(),
                muted_until: preferences.muted_until.map(Timestamp::as_micros),
                mentions_only: preferences.mentions_only,
                pinned: preferences.pinned,
                archived: preferences.archived,
            },
            EventBody::Typing { chat, user, until } => {
                let until = until.map(Timestamp::as_micros);
                Self::Typing { chat: chat.get(), user: user.get(), until }
            }
            EventBody::Arrived { chat, user } => {
                Self::Arrived { chat: chat.get(), user: user.get() }
            }
            EventBody::Silenced { chat, silence } => Self::Silenced {
                chat: chat.get(),
                silence: silence.as_ref().map(WireSilence::from),
            },
            EventBody::Blocked { user, on } => Self::Blocked { user: user.get(), on: *on },
            EventBody::Presence { user, online, last_seen_at } => Self::Presence {
                user: user.get(),
                online: *online,
                last_seen_at: last_seen_at.as_micros(),
            },
        }
    }
}

impl Body<'_> {
    fn into_body(self) -> Option<EventBody> {
        Some(match self {
            Self::MessageCreated(message) => EventBody::MessageCreated(message.into_message()?),
            Self::MessageEdited(message) => EventBody::MessageEdited(message.into_message()?),
            Self::MessageUpdated(message) => EventBody::MessageUpdated(message.into_message()?),
            Self::MessageDeleted(message) => EventBody::MessageDeleted(message.into_message()?),
            Self::ChatCreated { chat, members, by } => EventBody::ChatCreated {
                chat: chat.into_chat()?,
                members: ids(members)?,
                by: by.and_then(id),
            },
            Self::ChatUpdated(chat) => EventBody::ChatUpdated(chat.into_chat()?),
            Self::ChatDeleted(chat) => EventBody::ChatDeleted(id(chat)?),
            Self::MemberJoined(member) => EventBody::MemberJoined(member.into_member()?),
            Self::MemberUpdated(member) => EventBody::MemberUpdated(member.into_member()?),
            Self::MemberLeft(member) => EventBody::MemberLeft(member.into_member()?),
            Self::Read { chat, user, seq, version } => EventBody::Read {
                chat: id(chat)?,
                user: id(user)?,
                seq: id(seq)?,
                version: id(version)?,
            },
            Self::ReadAlone { chat, user, seq } => {
                EventBody::ReadAlone { chat: id(chat)?, user: id(user)?, seq: id(seq)? }
            }
            Self::Starred { chat, message, on } => {
                EventBody::Starred { chat: id(chat)?, message: id(message)?, on }
            }
            Self::ChatPreferences { chat, muted_until, mentions_only, pinned, archived } => {
                let muted_until = muted_until.map(Timestamp::from_micros);
                let preferences = Preferences { muted_until, mentions_only, pinned, archived };
                EventBody::ChatPreferences { chat: id(chat)?, preferences }
            }
            Self::Typing { chat, user, until } => EventBody::Typing {
                chat: id(chat)?,
                user: id(user)?,
                until: until.map(Timestamp::from_micros),
            },
            Self::Arrived { chat, user } => EventBody::Arrived { chat: id(chat)?, user: id(user)? },
            Self::Silenced { chat, silence } => EventBody::Silenced {
                chat: id(chat)?,
                silence: match silence {
                    Some(silence) => Some(silence.into_silence()?),
                    None => None,
                },
            },
            Self::Blocked { user, on } => EventBody::Blocked { user: id(user)?, on },
            Self::Presence { user, online, last_seen_at } => EventBody::Presence {
                user: id(user)?,
                online,
                last_seen_at: Timestamp::from_micros(last_seen_at),
            },
        })
    }
}
