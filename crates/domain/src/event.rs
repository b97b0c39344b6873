//! What happened, told to whoever is connected.
//!
//! An event that changes a chat carries the chat's [`Version`] of that change. For one chat those
//! versions are consecutive, though events may be published out of order, and one may never be
//! published at all when a process dies after its commit. Whoever delivers events puts them in
//! order and fills a hole from [`crate::chat::Chats::missed_since`].

use crate::chat::{Chat, Member, Preferences};
use crate::clock::Timestamp;
use crate::ids::{ChatId, MessageId, Seq, UserId, Version};
use crate::message::Message;

/// Who is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who is a member of the chat when the event's version is reached.
    Members(ChatId),
    /// The members of the chat at that moment, but not these on any device.
    MembersExcept(ChatId, Vec<UserId>),
    /// These people.
    Users(Vec<UserId>),
}

/// Something that happened, and who is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who is to be told.
    pub audience: Audience,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventBody {
    /// A message was sent. It carries its version.
    MessageCreated(Message),
    /// A message's text was changed.
    MessageEdited(Message),
    /// What people put on a message was changed.
    MessageUpdated(Message),
    /// A message was deleted; what is left is its tombstone.
    MessageDeleted(Message),
    /// A chat was made, or opened for the first time, with these members.
    ChatCreated {
        /// The chat, at its first version.
        chat: Chat,
        /// Everybody in it.
        members: Vec<UserId>,
        /// Who made it; `None` if that is not known.
        by: Option<UserId>,
    },
    /// A chat's settings were changed: its title, its slow mode.
    ChatUpdated(Chat),
    /// A chat is gone with all that was in it. It has no version: nothing comes after.
    ChatDeleted(ChatId),
    /// Somebody came in, for the first time or again.
    MemberJoined(Member),
    /// Somebody's role was changed; or they are in the chat like this after events that were missed,
    /// and perhaps came in by one of those.
    MemberUpdated(Member),
    /// Somebody left or was removed.
    MemberLeft(Member),
    /// Somebody's read marker moved forward.
    Read {
        /// In which chat.
        chat: ChatId,
        /// Whose.
        user: UserId,
        /// Up to where they have read.
        seq: Seq,
        /// The version of this change.
        version: Version,
    },
    /// Somebody's read marker moved forward in a chat where it is theirs alone. It has no version: for
    /// everybody else nothing changed.
    ReadAlone {
        /// In which chat.
        chat: ChatId,
        /// Whose.
        user: UserId,
        /// Up to where they have read.
        seq: Seq,
    },
    /// Somebody set or took back a star. It is theirs alone and has no version.
    Starred {
        /// In which chat.
        chat: ChatId,
        /// On which message.
        message: MessageId,
        /// Whether it is there now.
        on: bool,
    },
    /// Somebody wants something else of a chat. It has no version: it is no change of the chat.
    ChatPreferences {
        /// Which chat.
        chat: ChatId,
        /// All that they want of it.
        preferences: Preferences,
    },
    /// Somebody blocked somebody, or took it back. It is nobody else's business.
    Blocked {
        /// Whom.
        user: UserId,
        /// Whether they are blocked now.
        on: bool,
    },
    /// Somebody started or stopped typing. It has no version: it is over in seconds.
    Typing {
        /// In which chat.
        chat: ChatId,
        /// Who.
        user: UserId,
        /// Until when it holds unless said again; `None` when they stopped.
        until: Option<Timestamp>,
    },
    /// Somebody has opened a chat that they are in, on one more connection. It has no version: whoever was
    /// not there need not know.
    Arrived {
        /// Which chat.
        chat: ChatId,
        /// Who.
        user: UserId,
    },
    /// Somebody came online or went offline. It has no version either.
    Presence {
        /// Who.
        user: UserId,
        /// Whether they are connected.
        online: bool,
        /// When they were last.
        last_seen_at: Timestamp,
    },
}

impl EventBody {
    /// The chat that it is about; `None` for what is about a person.
    pub fn chat(&self) -> Option<ChatId> {
        match self {
            Self::Typing { chat, .. }
            | Self::Arrived { chat, .. }
            | Self::ReadAlone { chat, .. }
            | Self::Starred { chat, .. }
            | Self::ChatPreferences { chat, .. }
            | Self::ChatDeleted(chat) => Some(*chat),
            body => body.version().map(|(chat, _)| chat),
        }
    }

    /// The chat and its version, for what changes a chat.
    pub fn version(&self) -> Option<(ChatId, Version)> {
        match self {
            Self::MessageCreated(m)
            | Self::MessageEdited(m)
            | Self::MessageUpdated(m)
            | Self::MessageDeleted(m) => Some((m.chat, m.version)),
            Self::ChatCreated { chat, .. } | Self::ChatUpdated(chat) => {
                Some((chat.id, chat.version))
            }
            Self::MemberJoined(m) | Self::MemberUpdated(m) | Self::MemberLeft(m) => {
                Some((m.chat, m.version))
            }
            Self::Read { chat, version, .. } => Some((*chat, *version)),
            Self::ChatDeleted(_)
            | Self::ReadAlone { .. }
            | Self::Starred { .. }
            | Self::ChatPreferences { .. }
            | Self::Blocked { .. }
            | Self::Typing { .. }
            | Self::Arrived { .. }
            | Self::Presence { .. } => None,
        }
    }
}

/// Carries events to whoever is connected, here or on other nodes.
///
/// A use case publishes after its change was committed, never before. Publishing does not wait and
/// does not fail: an event that gets lost is found by its version, or, where it has none, was not
/// worth more.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait EventBus: Send + Sync {
    /// Passes an event on.
    fn publish(&self, event: Event);
}
