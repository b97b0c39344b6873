//! What a chat is, and who is in it.

use super::horizon::Horizon;
use super::kind::ChatKind;
use super::name::{Description, Title};
use super::permissions::{Permissions, Restriction};
use crate::clock::Timestamp;
use crate::data::Data;
use crate::host::ExternalId;
use crate::ids::{ChatId, Seq, UserId, Version};
use crate::message::Message;
use crate::user::UserSummary;
use std::time::Duration;

/// What a member may do in a chat, from least to most. Between two people both are members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChatRole {
    /// Talks.
    Member,
    /// Invites, removes and bans people, deletes messages, changes the settings.
    Admin,
    /// Makes admins and deletes the chat. A group has one owner, other chats one at most.
    Owner,
}

impl ChatRole {
    /// Its word in the native API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
    /// The role of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|role| role.as_str() == word)
    }
}

/// A chat, as every member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its number.
    pub id: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// Its title, which a chat between two people has not; of a room, its name.
    pub title: Option<Title>,
    /// What it is about.
    pub description: Description,
    /// How long a plain member waits between two messages; nothing if they need not.
    pub slow_mode: Duration,
    /// Whether it is a group of equals: anybody with an account who knows its number may come in, and whoever
    /// is in may say what it is called and what it is about.
    pub open: bool,
    /// What it lets its people do.
    pub permissions: Permissions,
    /// When it was made.
    pub created_at: Timestamp,
    /// What its host calls it; `None` if none gave it an id.
    pub external_id: Option<ExternalId>,
    /// What its host keeps with it.
    pub data: Option<Data>,
    /// The version of the last change of the above (not of what is in the chat).
    pub version: Version,
}

impl Chat {
    /// Whether anybody with an account who finds it may come in.
    pub fn lets_anybody_in(&self) -> bool {
        self.open || self.kind == ChatKind::Room
    }
}

/// Somebody who is, or was, in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// In which chat.
    pub chat: ChatId,
    /// Who.
    pub user: UserSummary,
    /// What they may do.
    pub role: ChatRole,
    /// When they came in, the last time.
    pub joined_at: Timestamp,
    /// When they left or were removed; `None` while they are in.
    pub left_at: Option<Timestamp>,
    /// Up to where others know that they have read: where their marker was at its last move that everybody
    /// was told of (see [`super::move_marker`]).
    pub read_seq: Seq,
    /// What they do not see. Nobody else is shown this.
    pub horizon: Horizon,
    /// Their last silence here, which may be over. Who is shown it says [`Member::shown_to`]; events are for everybody, so
    /// no protocol shows the silence that they have.
    pub silence: Option<Silence>,
    /// The version of the last change of the above.
    pub version: Version,
}

/// Whose a room is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomOwnership {
    /// Whether somebody who is in it owns it.
    pub is_owned: bool,
    /// Whether the actor wrote a message in it that is not deleted.
    pub has_written: bool,
}

/// Where somebody who is in a chat stands; what permissions are decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The chat.
    pub chat: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// Who.
    pub user: UserId,
    /// What they may do.
    pub role: ChatRole,
    /// Up to where they have read.
    pub read_seq: Seq,
    /// What they do not see.
    pub horizon: Horizon,
    /// How long they say nothing.
    pub silenced: Silenced,
    /// Whether nobody may write in it: one of the two people that it is between has blocked the
    /// other, is disabled or was deleted.
    pub closed: bool,
    /// Whether these are whispers, and nobody whispers in the chat around them any more.
    pub hushed: bool,
    /// See [`Chat::open`].
    pub open: bool,
    /// What the chat lets its people do.
    pub permissions: Permissions,
    /// How many people are in the chat.
    pub member_count: i64,
    /// The chat's last message.
    pub last_seq: Seq,
    /// The chat's version now.
    pub version: Version,
}

/// A chat, as one member sees it in their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatView {
    /// The chat.
    pub chat: Chat,
    /// What the viewer may do.
    pub role: ChatRole,
    /// How many people are in it.
    pub member_count: i64,
    /// The other one of a direct chat or of whispers; oneself in one's notes.
    pub peer: Option<UserSummary>,
    /// What the viewer wants of this chat; nobody else learns of it.
    pub preferences: Preferences,
    /// Up to where the viewer has read.
    pub read_seq: Seq,
    /// What the viewer does not see.
    pub horizon: Horizon,
    /// The viewer's last silence here, which may be over.
    pub silence: Option<Silence>,
    /// Messages after that which others wrote, nobody deleted and count as unread; counted up to
    /// [`crate::limits::UNREAD_COUNT_MAX`], among the newest [`crate::limits::UNREAD_AMONG`] of the chat.
    pub unread_count: i64,
    /// Those of them that mention the viewer, counted as far.
    pub mention_count: i64,
    /// The last message, perhaps a tombstone; `None` also if the viewer does not see it.
    pub last_message: Option<Message>,
    /// The place of the last message.
    pub last_seq: Seq,
    /// When the last message was sent, or else when the chat was made.
    pub active_at: Timestamp,
    /// The chat's version now.
    pub version: Version,
}

/// What a member wants of a chat. It is no change of the chat: it has no version, and only the
/// member's own devices hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// Until when nothing in it is worth a notification; `None` if it is not silent.
    pub muted_until: Option<Timestamp>,
    /// Whether, while it is not silent, only what mentions the member is worth one.
    pub mentions_only: bool,
    /// Whether it stays on top of the list.
    pub pinned: bool,
    /// Whether it is out of the way.
    pub archived: bool,
}

/// Somebody who may not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Who.
    pub user: UserSummary,
    /// By whom.
    pub by: UserId,
    /// What for.
    pub reason: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
}

impl Ban {
    /// Whether it is not over.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// A member says nothing in a chat, perhaps until a time. One that is over stays with the member until the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// By whom.
    pub by: UserId,
    /// What for.
    pub reason: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` is until it is lifted.
    pub until: Option<Timestamp>,
}

/// How long somebody says nothing in a chat; what is decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Silenced {
    /// They never were silenced.
    #[default]
    Never,
    /// Until then, which may be over.
    Until(Timestamp),
    /// Until it is lifted.
    UntilLifted,
}

impl Silence {
    /// Whether it is not over.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

impl From<Option<&Silence>> for Silenced {
    fn from(silence: Option<&Silence>) -> Self {
        silence.map_or(Self::Never, |silence| silence.until.map_or(Self::UntilLifted, Self::Until))
    }
}

impl Silenced {
    /// Whether somebody says something now. The end of a silence needs nobody who ends it.
    pub fn lets_speak(self, now: Timestamp) -> Result<(), Restriction> {
        match self {
            Self::Until(until) if until > now => Err(Restriction::Silenced { until: Some(until) }),
            Self::UntilLifted => Err(Restriction::Silenced { until: None }),
            Self::Never | Self::Until(_) => Ok(()),
        }
    }
}
