//! The frames of the native socket; docs/api/socket.md describes them.

use crate::native::wire::{
    Changes, ChatBase, EditRequest, GivenChat, GivenId, Marker, Member, Message, Preferences,
    SendRequest, Silence,
};
use http_core::problem::Problem;
use realtime::Frame;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first frame of a client that is not signed in.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Auth {
    Auth { token: String },
}

/// A request. Unknown fields are refused, so that a misspelt one is not silently ignored.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    Send(SendRequest),
    Edit(EditRequest),
    Delete {
        chat: GivenId,
        message: i64,
    },
    React {
        #[serde(default)]
        chat: Option<GivenId>,
        message: i64,
        emoji: String,
        #[serde(default = "yes")]
        on: bool,
    },
    Star {
        message: i64,
        #[serde(default = "yes")]
        on: bool,
    },
    Read {
        chat: GivenId,
        seq: i64,
    },
    Typing {
        chat: GivenId,
        #[serde(default = "yes")]
        typing: bool,
    },
    Presence {
        online: bool,
    },
    Resume {
        chats: BTreeMap<String, i64>,
    },
    Ping {},
    Auth {
        token: String,
    },
}

fn yes() -> bool {
    true
}

/// An answer.
#[derive(Serialize)]
pub(super) struct Reply<'a> {
    pub(super) re: Option<&'a str>,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Ok(Box<Done>),
    Error(Problem),
}

/// The result of a request.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Done {
    Sent {
        message: Message,
        replayed: bool,
    },
    Changed {
        message: Message,
    },
    Read(Marker),
    Resumed(Resumed),
    Renewed {
        session_id: i64,
        #[serde(flatten)]
        expiry: Expiry,
    },
    Nothing {},
}

/// What changed while a client was away.
///
/// Each chat is named as the request named it. So somebody who asks for a chat that they cannot see by its
/// external id does not learn its number.
#[derive(Serialize, Default)]
pub(super) struct Resumed {
    pub(super) chats: BTreeMap<GivenChat, Changes>,
    /// Chats that the client cannot see any more.
    pub(super) gone: Vec<GivenChat>,
    /// Chats that were never at the client's version.
    pub(super) reset: Vec<GivenChat>,
}

/// The first frame to a client that has signed in.
#[derive(Serialize)]
pub(super) struct Ready {
    #[serde(rename = "type")]
    kind: &'static str,
    data: ReadyData,
}

#[derive(Serialize)]
pub(super) struct ReadyData {
    pub(super) user_id: i64,
    pub(super) session_id: i64,
    /// The account's role.
    pub(super) role: String,
    /// Every chat that the person is in, with its version.
    pub(super) chats: BTreeMap<i64, i64>,
    /// Seconds between two pings of the server.
    pub(super) heartbeat: u64,
    #[serde(flatten)]
    pub(super) expiry: Expiry,
}

/// When a socket's token ends.
#[derive(Serialize)]
pub(super) struct Expiry {
    pub(super) expires_at: String,
    /// In how many seconds that is.
    pub(super) expires_in: u64,
}

impl From<ReadyData> for Ready {
    fn from(data: ReadyData) -> Self {
        Self { kind: "ready", data }
    }
}

/// A push.
#[derive(Serialize)]
pub(super) struct Push {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    pub(super) data: PushData,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PushData {
    Message(Message),
    Member(Member),
    Chat(ChatBase),
    NewChat {
        #[serde(flatten)]
        chat: ChatBase,
        members: Vec<i64>,
    },
    Gone {
        id: i64,
    },
    Star {
        message_id: i64,
        starred: bool,
    },
    Preferences(Preferences),
    Silence {
        silence: Option<Silence>,
    },
    Block {
        user_id: i64,
        blocked: bool,
    },
    Role {
        role: String,
    },
    Expiry(Expiry),
    Read {
        user_id: i64,
        seq: i64,
    },
    Typing {
        user_id: i64,
        typing: bool,
        until: Option<String>,
    },
    Presence {
        user_id: i64,
        online: bool,
        last_seen_at: String,
    },
}

/// The text of a frame.
pub(super) fn text(frame: &impl Serialize) -> Frame {
    // It cannot fail: frames have only maps with string keys, numbers and strings.
    Frame::text(serde_json::to_string(frame).unwrap_or_default())
}
